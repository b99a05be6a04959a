#!/usr/bin/env python3
"""Writes the table of behaviours in docs/emulator.md from behaviours.json. Usage: behaviours.py (no arguments).

How sure a behaviour is: calibrated (compared with a real account by `snowmaker emulator calibrate`), recorded (a real
client accepted it), documented (Snowflake's pages or a published client say so), assumed (nobody here has seen it).
"""

import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "emulator.md"
BEGIN = "<!-- behaviours: written by Tests/Interop/behaviours.py from behaviours.json -->"
END = "<!-- end of behaviours -->"
SURE = ["calibrated", "recorded", "documented", "assumed"]


def behaviours():
    return json.loads((HERE / "behaviours.json").read_text())


def rendered():
    lines = [BEGIN]
    for area in behaviours():
        lines += ["", f"### {area['area']}", "", "| behaviour | how sure | tested in |", "|---|---|---|"]
        for item in area["items"]:
            sure = item["sure"] + (f"; {item['but']}" if "but" in item else "")
            lines.append(f"| {item['what']} | {sure} | {', '.join(item['tests'])} |")
    return "\n".join(lines + ["", END])


def section(page):
    return page[page.index(BEGIN):page.index(END) + len(END)]


if __name__ == "__main__":
    page = PAGE.read_text()
    PAGE.write_text(page.replace(section(page), rendered()))
