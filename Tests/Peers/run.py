#!/usr/bin/env python3
"""Runs the field's other tools against the account emulator: each plans, applies and plans again.

Usage: run.py [--snowmaker BINARY] [--big] [--report FILE] [PEER …]

Each peer is installed at its pinned version in a virtual environment of its own under $SNOWMAKER_PEERS (default
~/.cache/snowmaker-peers), gets a fresh emulator in memory, and must end with nothing left to do, apart from the
false differences that EXPECTED names, which the tools have against a real account as well.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("SNOWMAKER_PEERS", pathlib.Path.home() / ".cache" / "snowmaker-peers"))
PASSWORD = "not-a-secret"
# The last line of interest of the second plan.
EXPECTED = {
    "snowcap": r"Plan: 0 to create, 0 to update, 0 to transfer, 0 to drop",
    # Its own default for default_secondary_roles differs from what DESCRIBE USER tells: one false update per user.
    "titan": r"Plan: 0 to create, {users} to update, 0 to transfer, 0 to drop",
    "snowddl": r"Executed 0 DDL queries, Suggested 0 DDL queries",
    # It always proposes ALTER USER … SET DISABLED = FALSE again; everything else must be gone.
    "permifrost": r"only ALTER USER",
    "snow": r"OK",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def install(peer):
    home = CACHE / peer
    marker = home / "snowmaker-requirements.txt"
    wanted = (HERE / "requirements" / f"{peer}.txt").read_text()
    if not marker.exists() or marker.read_text() != wanted:
        if not (home / "bin" / "python").exists():
            subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run(
            [home / "bin" / "pip", "-q", "install", "--disable-pip-version-check", "-r",
             HERE / "requirements" / f"{peer}.txt"], check=True)
        marker.write_text(wanted)
    return home / "bin"


class Emulator:
    def __init__(self, binary, log):
        self.port = free_port()
        self.process = subprocess.Popen(
            [binary, "emulator", "--port", str(self.port), "--user", "TESTER", "--password-env", "PEER_PASSWORD"],
            env={**os.environ, "PEER_PASSWORD": PASSWORD}, stdout=log, stderr=log)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                break
            except OSError:
                time.sleep(0.1)
        self.token = self.post("/session/v1/login-request", {"data": {
            "LOGIN_NAME": "TESTER", "PASSWORD": PASSWORD, "ACCOUNT_NAME": "emulator"}})["data"]["token"]

    def post(self, path, body, token=None):
        headers = {"Content-Type": "application/json", "Accept": "application/snowflake"}
        if token:
            headers["Authorization"] = f'Snowflake Token="{token}"'
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}?requestId={os.urandom(8).hex()}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def run(self, sql):
        answer = self.post("/queries/v1/query-request", {"sqlText": sql, "sequenceId": 1}, self.token)
        if not answer["success"]:
            raise RuntimeError(f"{sql}: {answer['message']}")
        return answer["data"]

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def big(folder):
    """10 warehouses, 40 roles, 10 databases with 4 schemas each, 60 users, 200 grants."""
    kinds = {
        "warehouses": [f"{{name: w{i}, warehouse_size: xsmall, auto_suspend: 60}}" for i in range(10)],
        "roles": [f"{{name: role_{i}}}" for i in range(40)],
        "role_grants": [f"{{role: role_{i}, to_role: sysadmin}}" for i in range(40)]
        + [f"{{role: role_{i % 40}, to_user: person_{i}}}" for i in range(60)],
        "databases": [f"{{name: db_{i}}}" for i in range(10)],
        "schemas": [f"{{name: part_{j}, database: db_{i}}}" for i in range(10) for j in range(4)],
        "users": [f"{{name: person_{i}, email: p{i}@example.org, default_role: role_{i % 40}, type: PERSON}}"
                  for i in range(60)],
    }
    text = "".join(f"{key}:\n" + "".join(f"  - {item}\n" for item in items) for key, items in kinds.items())
    grants = []
    for i in range(40):
        database = f"db_{i % 10}"
        schema = f"{database}.part_{i % 4}"
        for privilege, kind, name in [
            ("USAGE", "warehouse", f"w{i % 10}"), ("USAGE", "database", database), ("USAGE", "schema", schema),
            ("CREATE TABLE", "schema", schema), ("CREATE VIEW", "schema", schema)]:
            grants.append((privilege, kind, name, f"role_{i}"))
    (folder / "snowcap.yml").write_text(
        text + "grants:\n" + "".join(f"  - {{priv: {p}, on: {k} {n}, to: {r}}}\n" for p, k, n, r in grants))
    (folder / "titan.yml").write_text(
        text + "grants:\n" + "".join(f"  - {{priv: {p}, on_{k}: {n}, to: {r}}}\n" for p, k, n, r in grants))
    ddl = folder / "snowddl"
    ddl.mkdir()
    (ddl / "warehouse.yaml").write_text("".join(f"w{i}: {{size: XSMALL, auto_suspend: 60}}\n" for i in range(10)))
    (ddl / "business_role.yaml").write_text("".join(
        f"role_{i}: {{schema_owner: [db_{i % 10}.part_{i % 4}], warehouse_usage: [w{i % 10}]}}\n" for i in range(40)))
    (ddl / "user.yaml").write_text("".join(
        f"person_{i}: {{login_name: person_{i}, email: p{i}@example.org, business_roles: [role_{i % 40}]}}\n"
        for i in range(60)))
    for i in range(10):
        for j in range(4):
            (ddl / f"db_{i}" / f"part_{j}").mkdir(parents=True)
            (ddl / f"db_{i}" / f"part_{j}" / "params.yaml").write_text("{comment: part}\n")
        (ddl / f"db_{i}" / "params.yaml").write_text("{comment: database}\n")
    spec = ["version: '1.0'", "databases:"] + [f"  - db_{i}: {{shared: no}}" for i in range(10)] + ["warehouses:"]
    spec += [f"  - w{i}: {{size: x-small}}" for i in range(10)] + ["roles:"]
    for i in range(40):
        database = f"db_{i % 10}"
        schema = f"{database}.part_{i % 4}"
        spec += [f"  - role_{i}:", f"      warehouses: [w{i % 10}]", "      privileges:",
                 f"        databases: {{read: [{database}]}}",
                 f"        schemas: {{read: [{schema}], write: [{schema}]}}"]
    spec += ["users:"] + [f"  - person_{i}: {{can_login: yes, member_of: [role_{i % 40}]}}" for i in range(60)]
    (folder / "permifrost.yml").write_text("\n".join(spec) + "\n")
    return 60


def seed(emulator, is_big):
    """The objects that Permifrost expects to exist: it only grants."""
    if is_big:
        names = [("WAREHOUSE", f"w{i}") for i in range(10)] + [("ROLE", f"role_{i}") for i in range(40)]
        names += [("DATABASE", f"db_{i}") for i in range(10)]
        names += [("SCHEMA", f"db_{i}.part_{j}") for i in range(10) for j in range(4)]
        names += [("USER", f"person_{i}") for i in range(60)]
        grants = [(f"role_{i % 40}", f"person_{i}") for i in range(60)]
    else:
        names = [("WAREHOUSE", "ingest_wh"), ("WAREHOUSE", "report_wh"), ("ROLE", "ingest"), ("ROLE", "reader"),
                 ("DATABASE", "shop"), ("SCHEMA", "shop.core"), ("SCHEMA", "shop.mart"), ("USER", "carol"),
                 ("USER", "loader_bot")]
        grants = [("reader", "carol"), ("ingest", "loader_bot")]
    for kind, name in names:
        emulator.run(f"CREATE {kind} {name}")
    for role, user in grants:
        emulator.run(f"GRANT ROLE {role} TO USER {user}")


def commands(peer, binaries, config, port):
    tool = binaries / peer
    if peer in ("snowcap", "titan"):
        file = config / f"{peer}.yml"
        return [("plan", [tool, "plan", "--config", file]), ("apply", [tool, "apply", "--config", file]),
                ("plan again", [tool, "plan", "--config", file])]
    if peer == "snowddl":
        start = [tool, "-c", config / "snowddl"]
        return [("plan", start + ["plan"]),
                ("apply", start + ["--apply-unsafe", "--apply-network-policy", "apply"]),
                ("plan again", start + ["plan"])]
    if peer == "permifrost":
        start = [tool, "run", config / "permifrost.yml"]
        return [("plan", start + ["--dry"]), ("apply", start), ("plan again", start + ["--dry"])]
    options = ["-x", "--host", "127.0.0.1", "--port", str(port), "--protocol", "http", "--account", "emulator", "--user",
               "TESTER", "--password", PASSWORD, "--role", "ACCOUNTADMIN"]
    return [("sql", [tool, "sql", "-q", "create warehouse w; show warehouses; select count(*) from "
                     "table(result_scan(last_query_id()))"] + options),
            ("object list", [tool, "object", "list", "warehouse"] + options),
            ("connection test", [tool, "connection", "test"] + options)]


def summary(peer, step, output):
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
    if peer == "permifrost":
        sql = [line.strip() for line in plain.splitlines() if re.search(r"\b(GRANT|REVOKE|ALTER)\b", line)]
        errors = [line for line in plain.splitlines() if "[ERROR]" in line]
        if errors:
            return errors[0].strip()
        pending = [line for line in sql if "[SKIPPED]" not in line]
        if step == "plan again" and all("ALTER USER" in line for line in pending):
            return f"only ALTER USER ({len(pending)})"
        return f"{len(pending)} statements"
    wanted = {"snowcap": r"Plan:|Applied", "titan": r"Plan:|[Aa]pplied|created", "snowddl": r"Executed \d+"}.get(peer, r"Status +\| OK" if step == "connection test" else r"\|")
    lines = [line for line in plain.splitlines() if re.search(wanted, line)]
    return re.sub(r"^.*?(Plan:|Executed|Applied)", r"\1", lines[-1].strip())[:100] if lines else "(no summary)"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--snowmaker", default=HERE.parent.parent / ".build" / "debug" / "snowmaker")
    arguments.add_argument("--big", action="store_true")
    arguments.add_argument("--report")
    arguments.add_argument("peers", nargs="*", default=[])
    options = arguments.parse_args()
    failed = False
    rows = []
    for peer in options.peers or ["snowcap", "snowddl", "permifrost", "titan", "snow"]:
        if peer not in EXPECTED:
            sys.exit(f"unknown peer '{peer}'; known: {', '.join(EXPECTED)}")
        binaries = install(peer)
        work = pathlib.Path(tempfile.mkdtemp(prefix=f"snowmaker-{peer}-"))
        config, users = HERE, 2
        if options.big:
            config, users = work, big(work)
        log = open(work / "emulator.log", "w")
        emulator = Emulator(options.snowmaker, log)
        try:
            # SnowDDL drops every user that its role owns and its files do not name, also the one it runs as.
            emulator.run("GRANT OWNERSHIP ON USER TESTER TO ROLE USERADMIN")
            if peer == "permifrost":
                seed(emulator, options.big)
            (work / "home").mkdir()
            environment = {
                "PATH": os.environ["PATH"], "HOME": str(work / "home"), "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true",
                "SNOWFLAKE_ACCOUNT": "emulator", "SNOWFLAKE_USER": "TESTER", "SNOWFLAKE_PASSWORD": PASSWORD,
                "SNOWFLAKE_ROLE": "ACCOUNTADMIN", "PERMISSION_BOT_USER": "TESTER", "PERMISSION_BOT_PASSWORD": PASSWORD,
                "PERMISSION_BOT_ACCOUNT": "emulator", "PERMISSION_BOT_ROLE": "SECURITYADMIN",
                "PERMISSION_BOT_DATABASE": "DB_0" if options.big else "SHOP",
                "PERMISSION_BOT_WAREHOUSE": "W0" if options.big else "INGEST_WH",
            }
            if peer != "snow":
                environment |= {"PYTHONPATH": str(HERE / "shim"), "SNOWMAKER_EMULATOR_PORT": str(emulator.port)}
            text = ""
            for step, command in commands(peer, binaries, config, emulator.port):
                started = time.monotonic()
                done = subprocess.run(
                    [str(part) for part in command], env=environment, capture_output=True, text=True, timeout=600)
                output = done.stdout + done.stderr
                (work / f"{step.replace(' ', '_')}.out").write_text(output)
                text = summary(peer, step, output)
                rows.append((peer, step, done.returncode, time.monotonic() - started, text))
                print(f"{peer:11} {step:15} exit {done.returncode}  {time.monotonic() - started:6.2f} s  {text}",
                      flush=True)
                if done.returncode != 0:
                    failed = True
            if not re.search(EXPECTED[peer].format(users=users), text):
                print(f"{peer}: expected '{EXPECTED[peer].format(users=users)}'; output in {work}")
                failed = True
            elif not failed:
                shutil.rmtree(work)
        finally:
            emulator.stop()
            log.close()
    if options.report:
        with open(options.report, "w") as file:
            file.write("| tool | step | exit | seconds | result |\n|---|---|---|---|---|\n")
            for peer, step, code, seconds, text in rows:
                file.write(f"| {peer} | {step} | {code} | {seconds:.1f} | {text} |\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
