#!/usr/bin/env python3
"""Runs dbt, Snowpark and schemachange, unmodified, against the account emulator.

Usage: run.py [--snowmaker BINARY] [--report FILE] [dbt | snowpark | schemachange …]

Each is installed at its pinned versions in a virtual environment under $SNOWMAKER_CLIENTS (default
~/.cache/snowmaker-clients) and gets a fresh emulator in memory. The exit status is 1 when one does not end as the steps
below say.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = pathlib.Path(os.environ.get("SNOWMAKER_CLIENTS", pathlib.Path.home() / ".cache" / "snowmaker-clients"))
PASSWORD = "not-a-secret"
SEED = """
CREATE DATABASE SHOP;
CREATE SCHEMA SHOP.CORE;
CREATE WAREHOUSE BUILD INITIALLY_SUSPENDED = TRUE;
CREATE ROLE READER;
CREATE TABLE SHOP.CORE.SALES (ID INT NOT NULL, CUSTOMER VARCHAR(40), TOTAL NUMBER(10,2), PLACED_ON DATE);
"""


class Emulator:
    """An emulator with the seed, for one client."""

    def __init__(self, binary, folder):
        (folder / "seed.sql").write_text(SEED)
        self.authority = folder / "ca.pem"
        self.process = subprocess.Popen(
            [binary, "emulator", "--seed", folder / "seed.sql", "--password-env", "EMULATOR_PASSWORD", "--proxy-port", "0",
             "--tls-ca", self.authority], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "EMULATOR_PASSWORD": PASSWORD})
        said = ""
        while "Ctrl-C" not in said:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit(f"the emulator ended: {said}")
            said += line
        self.port = re.search(r"http://127\.0\.0\.1:(\d+)", said).group(1)
        self.proxy = re.search(r"Proxy[^\n]*?(http://127\.0\.0\.1:\d+)", said).group(1)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)


def environment(name):
    """The folder of a virtual environment with exactly the packages of a requirements file."""
    requirements = (HERE / f"requirements-{name}.txt").read_text()
    folder = CACHE / name
    installed = folder / "installed.txt"
    if not installed.exists() or installed.read_text() != requirements:
        print(f"installing {name}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        subprocess.run(
            [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r",
             HERE / f"requirements-{name}.txt"], check=True)
        installed.write_text(requirements)
    return folder / "bin"


def call(command, folder, variables, **options):
    """The status and the output, with escapes for colours taken out."""
    ended = subprocess.run(
        [str(part) for part in command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=300, env={**os.environ, "HOME": str(folder), "DO_NOT_TRACK": "1", "NO_COLOR": "1",
                          "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true", "EMULATOR_PASSWORD": PASSWORD, **variables})
    return ended.returncode, re.sub(r"\x1b\[[0-9;]*m", "", ended.stdout)


def dbt(emulator, folder):
    shutil.copytree(HERE / "dbt", folder / "project")
    project = folder / "project"
    variables = {"EMULATOR_PORT": emulator.port, "WITH_INCREMENTAL": "no"}
    program = environment("dbt") / "dbt"

    def run(*words):
        return call([program, *words, "--profiles-dir", "."], project, variables)

    def built(output):
        return "PASS=3 WARN=0 ERROR=0" in output

    status, output = run("debug")
    yield "dbt debug", status == 0 and "All checks passed" in output, output
    for time in ["first", "second"]:
        status, output = run("run")
        yield f"dbt run, the {time} time", status == 0 and built(output), output
    status, output = run("docs", "generate")
    catalog = json.loads((project / "target" / "catalog.json").read_text()) if status == 0 else {"nodes": {}}
    tables = {key.split(".")[-1]: value for key, value in catalog["nodes"].items()}
    told = {name: (table["metadata"]["type"], table["metadata"]["comment"],
                   [(column["name"], column["type"]) for column in table["columns"].values()])
            for name, table in tables.items()}
    wanted = {
        "orders": ("VIEW", "Sales with a total", [("ID", "NUMBER"), ("CUSTOMER", "TEXT"), ("TOTAL", "NUMBER"),
                                                  ("PLACED_ON", "DATE")]),
        "customers": ("BASE TABLE", None, [("CUSTOMER", "TEXT"), ("ORDERS", "NUMBER"), ("TOTAL", "NUMBER"),
                                           ("LATEST", "DATE")]),
        "contracted": ("BASE TABLE", "A table whose columns are agreed", [("ID", "NUMBER"), ("TOTAL", "NUMBER")])}
    told = {name: (kind, comment or None, columns) for name, (kind, comment, columns) in told.items()}
    yield "dbt docs generate: types, comments, columns", status == 0 and told == wanted, output + repr(told)
    comment = tables.get("contracted", {}).get("columns", {}).get("ID", {}).get("comment")
    yield "comments of columns (persist_docs)", comment == "number of the sale", repr(comment)
    status, output = run("seed")
    yield "dbt seed is refused", status != 0 and "Unsupported feature 'INSERT INTO'" in output, output
    status, output = run("test")
    yield "dbt test is refused", status != 0 and "keeps no table data" in output, output
    variables["WITH_INCREMENTAL"] = "yes"
    status, output = run("run", "--select", "growing")
    yield "an incremental model, the first time", status == 0 and "PASS=1 WARN=0 ERROR=0" in output, output
    status, output = run("run", "--select", "growing")
    yield ("an incremental model is refused the second time, by its MERGE",
           status != 0 and "Unsupported feature 'MERGE INTO'" in output, output)
    variables["WITH_INCREMENTAL"] = "no"
    status, output = run("run", "--full-refresh")
    yield "dbt run --full-refresh", status == 0 and built(output), output


def snowpark(emulator, folder):
    status, output = call(
        [environment("tools") / "python", HERE / "snowpark_session.py"], folder, {"EMULATOR_PORT": emulator.port})
    steps = [line.split("\t") for line in output.splitlines() if line.count("\t") == 1]
    yield "session", status == 0 and len(steps) == 9, output
    for name, found in steps:
        yield name, found == "ok", found


def schemachange(emulator, folder):
    """It names no host: through the proxy. Its history is rows of a table, which the emulator does not keep."""
    connections = folder / "connections.toml"
    connections.write_text(
        f'[emulator]\naccount = "emulator"\nuser = "SNOWMAKER"\npassword = "{PASSWORD}"\nrole = "ACCOUNTADMIN"\n'
        'warehouse = "BUILD"\ndatabase = "SHOP"\n')
    connections.chmod(0o600)
    variables = {"HTTPS_PROXY": emulator.proxy, "REQUESTS_CA_BUNDLE": str(emulator.authority)}

    def run(command, *words):
        return call(
            [environment("tools") / "schemachange", command, "-C", "emulator", "--schemachange-connections-file-path",
             connections, *words], folder, variables)

    deploy = ["deploy", "-f", HERE / "schemachange", "-c", "SHOP.CHANGES.HISTORY"]
    status, output = run("verify")
    yield "schemachange verify", status == 0, output
    status, output = run(*deploy, "--schemachange-dry-run", "--schemachange-create-change-history-table")
    yield "schemachange deploy, dry run", status == 0, output
    status, output = run(*deploy, "--schemachange-create-change-history-table")
    yield ("schemachange deploy stops when it notes the first script, which has run",
           status != 0 and "Created change history table" in output and "Unsupported feature 'INSERT INTO'" in output,
           output)


CLIENTS = {"dbt": dbt, "snowpark": snowpark, "schemachange": schemachange}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snowmaker", default=os.environ.get("SNOWMAKER_BINARY"))
    parser.add_argument("--report", type=pathlib.Path)
    parser.add_argument("clients", nargs="*", choices=[*CLIENTS, []])
    options = parser.parse_args()
    binary = pathlib.Path(options.snowmaker or ROOT / ".build" / "debug" / "snowmaker").resolve()
    lines, failed = [], 0
    for name in options.clients or CLIENTS:
        with tempfile.TemporaryDirectory() as scratch:
            emulator = Emulator(binary, pathlib.Path(scratch))
            try:
                for step, good, output in CLIENTS[name](emulator, pathlib.Path(scratch)):
                    lines.append(f"| {name} | {step} | {'yes' if good else 'no'} |")
                    print(lines[-1], flush=True)
                    if not good:
                        failed += 1
                        print(output[-3000:], file=sys.stderr)
            finally:
                emulator.stop()
    if options.report:
        options.report.write_text("\n".join(["| client | step | as it shall |", "|---|---|---|", *lines]) + "\n")
    print(f"{len(lines) - failed} as they shall, {failed} not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
