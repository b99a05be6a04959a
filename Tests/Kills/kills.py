#!/usr/bin/env python3
"""Kills `snowmaker apply` at random moments and lets the next apply go on, against an emulator that takes its time.

    kills.py SNOWMAKER [--kills N] [--ledger local|account] [--seed N]

The configuration changes back and forth between versions that create, alter, rename, grant, transfer and drop. After
every kill the next apply continues. At the end nothing that was declared is missing, nothing that somebody else made is
gone, and leaving everything out of the configuration drops exactly what snowmaker made: the ledger lost nothing.
"""
import argparse, os, random, re, shutil, signal, subprocess, sys, tempfile, time

arguments = argparse.ArgumentParser()
arguments.add_argument("snowmaker")
arguments.add_argument("--kills", type=int, default=30)
arguments.add_argument("--ledger", choices=["local", "account"], default="local")
arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
arguments = arguments.parse_args()
tool = os.path.abspath(arguments.snowmaker)
chance = random.Random(arguments.seed)
root = tempfile.mkdtemp(prefix="snowmaker-kills-")
work, home = root + "/work", root + "/home"
os.makedirs(work)
os.makedirs(home + "/.snowflake")
environment = {"HOME": home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "EMULATOR_PASSWORD": "correct-horse-battery-7",
               "SNOWMAKER_LEDGER_KEY": "a key of at least sixteen bytes", "SECRET_A": "first-secret-1", "SECRET_B": "second-secret-2"}


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def run(*words, check=True):
    done = subprocess.run([tool, *words], cwd=work, env=environment, capture_output=True, text=True, timeout=300)
    if check and done.returncode != 0:
        sys.exit(f"seed {arguments.seed}: snowmaker {' '.join(words)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


VERSIONS = [
    """
vars: [{name: n, type: list, default: ["0", "1", "2", "3", "4", "5", "6", "7"]}]
warehouses: [{for_each: "{{ var.n }}", name: "w{{ each.value }}", comment: one}]
roles: [{for_each: "{{ var.n }}", name: "r{{ each.value }}"}]
users: [{name: bob, password: !secret env:SECRET_A}]
databases: [{name: d, schemas: [{name: s}, {name: t}]}]
stages: [{for_each: "{{ var.n }}", name: "f{{ each.value }}", database: d, schema: s}]
grants:
  - {for_each: "{{ var.n }}", priv: USAGE, on_warehouse: "w{{ each.value }}", to_role: "r{{ each.value }}"}
  - {priv: USAGE, on: FUTURE SCHEMAS IN DATABASE d, to_role: r1}
  - {priv: USAGE, on: ALL SCHEMAS IN DATABASE d, to_role: r2}
role_grants: [{for_each: "{{ var.n }}", role: "r{{ each.value }}", to_role: sysadmin}]
""",
    """
vars: [{name: n, type: list, default: ["2", "3", "4", "5", "6", "7", "8", "9"]}]
warehouses: [{for_each: "{{ var.n }}", name: "w{{ each.value }}", comment: two, owner: r2}]
roles: [{for_each: "{{ var.n }}", name: "r{{ each.value }}", comment: c}]
users: [{name: bob, password: !secret env:SECRET_B}]
databases: [{name: e, renamed_from: d, owner: r3, schemas: [{name: s2, renamed_from: s, owner: r3}, {name: u}]}]
stages: [{for_each: "{{ var.n }}", name: "f{{ each.value }}", database: e, schema: s2, comment: c}]
grants:
  - {for_each: "{{ var.n }}", priv: MONITOR, on_warehouse: "w{{ each.value }}", to_role: "r{{ each.value }}"}
role_grants: [{for_each: "{{ var.n }}", role: "r{{ each.value }}", to_role: sysadmin}]
""",
    """
vars: [{name: n, type: list, default: ["0", "1", "2", "3"]}]
warehouses: [{for_each: "{{ var.n }}", name: "w{{ each.value }}", owner: sysadmin}]
roles: [{for_each: "{{ var.n }}", name: "r{{ each.value }}"}]
users: [{name: bob, password: !secret env:SECRET_A}]
databases: [{name: d, renamed_from: e, owner: sysadmin, schemas: [{name: s, renamed_from: s2, owner: sysadmin}]}]
stages: [{for_each: "{{ var.n }}", name: "f{{ each.value }}", database: d, schema: s, owner: sysadmin}]
role_grants: [{for_each: "{{ var.n }}", role: "r{{ each.value }}", to_role: sysadmin}]
""",
]
FOREIGN = ["CREATE WAREHOUSE W_OTHER", "CREATE ROLE R_OTHER", "CREATE DATABASE OTHER", "CREATE STAGE OTHER.PUBLIC.F",
           "GRANT USAGE ON WAREHOUSE W_OTHER TO ROLE R_OTHER"]

emulator = subprocess.Popen(
    [tool, "emulator", "--password-env", "EMULATOR_PASSWORD", "--latency", "15"], cwd=work, env=environment,
    stdout=subprocess.PIPE, text=True)
try:
    port = re.search(r"127\.0\.0\.1:(\d+)", emulator.stdout.readline()).group(1)
    write(home + "/.snowflake/connections.toml",
          f'[served]\naccount = "testaccount"\nuser = "SNOWMAKER"\npassword = "correct-horse-battery-7"\n'
          f'host = "127.0.0.1"\nport = "{port}"\nprotocol = "http"\n')
    os.chmod(home + "/.snowflake/connections.toml", 0o600)
    for sql in FOREIGN + (["CREATE DATABASE LEDGER"] if arguments.ledger == "account" else []):
        run("query", sql, "--connection", "served")
    ledger = ", ledger: {account: LEDGER.PUBLIC}" if arguments.ledger == "account" else ""
    write(work + "/snowmaker.yaml", "project: kills\ntargets: {dev: {connection: served%s}}\n"
          "providers: {rbac: {transfer_owned_to: {R2: SYSADMIN, R3: SYSADMIN}}}\n" % ledger)
    apply = ["apply", "--yes", "--allow-drop", "--max-drops", "1000", "--resend-unanswered"]
    killed = ended = 0
    seconds = 2.0
    version = 0
    waits = []
    while killed < arguments.kills:
        write(work + "/a.yml", VERSIONS[version % len(VERSIONS)])
        process = subprocess.Popen([tool, *apply], cwd=work, env=environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        start = time.monotonic()
        try:
            output, _ = process.communicate(timeout=chance.uniform(0.05, seconds))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += 1
            # Nobody's objects but snowmaker's own are ever touched.
            continue
        if process.returncode != 0:
            sys.exit(f"seed {arguments.seed}: an apply after {killed} kills ended with {process.returncode}\n{output}")
        ended += 1
        seconds = max(0.3, min(seconds, 1.1 * (time.monotonic() - start)))
        run("plan", "--detailed-exitcode")
        version += 1
    run(*apply)
    run("plan", "--detailed-exitcode")
    # What leaves the configuration is dropped, if it was made here; what is adopted by mistake would stay.
    write(work + "/a.yml", "warehouses: []\n")
    run(*apply)
    for kind, wanted in [("WAREHOUSES", {"W_OTHER"}), ("ROLES", {"R_OTHER"}), ("DATABASES", {"OTHER", "LEDGER"}),
                         ("STAGES IN ACCOUNT", {"F"}), ("USERS", set())]:
        text = run("query", "SHOW " + kind, "--connection", "served", "--format", "csv").stdout
        rows = [line.split(",") for line in text.splitlines()]
        names = {row[rows[0].index("name")].strip('"') for row in rows[1:]}
        left = {name for name in names if re.fullmatch(r"[WRF]\d|BOB|[DE]", name)}
        lost = wanted - names - (set() if arguments.ledger == "account" else {"LEDGER"})
        if left or lost:
            sys.exit(f"seed {arguments.seed}: SHOW {kind}: left behind {sorted(left)}, lost {sorted(lost)}")
    print(f"{killed} kills, {ended} applies to their end, ledger {arguments.ledger}, seed {arguments.seed}: nothing lost")
finally:
    emulator.kill()
    emulator.wait()
    shutil.rmtree(root, ignore_errors=True)
