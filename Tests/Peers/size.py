#!/usr/bin/env python3
"""Measures an emulator with 100,000 tables and 500,000 grants: opening, SHOW of 10,000 rows, CREATE, a seed of SQL.

Usage: size.py SNOWMAKER   (a release build; the account's file is written directly, then opened; then the same account is
given as a file of statements)
"""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

binary = sys.argv[1]
file = os.path.join(tempfile.mkdtemp(), "account.db")
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]


def start(*options):
    process = subprocess.Popen(
        [binary, "emulator", "--port", str(port), *(options or ("--data", file)), "--user", "TESTER",
         "--password-env", "PW"],
        env={**os.environ, "PW": "pw"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return process
        except OSError:
            if process.poll() is not None:
                sys.exit("the emulator ended")
            time.sleep(0.02)


def stop(process):
    process.terminate()
    process.wait()


stop(start())
database = sqlite3.connect(file)
empty = bytes([0xA0])
owner = ("account", "ACCOUNTADMIN")


def objects():
    for i in range(200):
        yield ("ROLE", f"R{i}", 1, *owner, empty, empty)
    for d in range(10):
        yield ("DATABASE", f"D{d}", 1, *owner, empty, empty)
        for s in range(10):
            yield ("SCHEMA", f"D{d}.S{s}", 1, *owner, empty, empty)
            for t in range(1000):
                yield ("TABLE", f"D{d}.S{s}.T{t}", 1, *owner, empty, empty)


def grants():
    for n in range(100_000):
        for g in range(5):
            yield ("TABLE", f"D{n // 10000}.S{n // 1000 % 10}.T{n % 1000}", "account", f"R{(n * 7 + g * 41) % 200}",
                   "SELECT", *owner, 0, 1)


database.executemany("INSERT INTO object VALUES (?,?,?,?,?,?,?)", objects())
database.executemany("INSERT OR IGNORE INTO privilege_grant VALUES (?,?,?,?,?,?,?,?,?)", grants())
database.commit()
counts = [database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("object", "privilege_grant")]
database.close()

begin = time.monotonic()
process = start()
print(f"{counts[0]} objects and {counts[1]} grants opened in {time.monotonic() - begin:.2f} s")
token = None


def post(path, body):
    headers = {"Content-Type": "application/json", "Accept": "application/snowflake"}
    if token:
        headers["Authorization"] = f'Snowflake Token="{token}"'
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}?requestId={os.urandom(8).hex()}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return answer.read()


token = json.loads(post("/session/v1/login-request", {"data": {
    "LOGIN_NAME": "TESTER", "PASSWORD": "pw", "ACCOUNT_NAME": "emulator"}}))["data"]["token"]


def ask(sql):
    begin = time.monotonic()
    answer = post("/queries/v1/query-request", {"sqlText": sql, "sequenceId": 1})
    took = (time.monotonic() - begin) * 1000
    head = json.loads(answer)
    if not head["success"]:
        sys.exit(f"{sql}: {head['message']}")
    return took, head["data"].get("total")


for sql in ["SHOW TABLES IN DATABASE D0", "SHOW TERSE TABLES IN DATABASE D0", "SHOW GRANTS TO ROLE R0"]:
    took, rows = min(ask(sql) for _ in range(5))
    print(f"{sql}: {rows} rows in {took:.0f} ms, HTTP included")
plain = sorted(ask("SELECT 1")[0] for _ in range(200))[100]
create = sorted(ask(f"CREATE ROLE NEW{i}")[0] for i in range(200))[100]
print(f"CREATE ROLE: {create:.2f} ms, SELECT 1: {plain:.2f} ms (medians)")
stop(process)

seed = os.path.join(tempfile.mkdtemp(), "seed.sql")
count = 0
with open(seed, "w") as out:
    def write(sql):
        global count
        count += 1
        out.write(sql + ";\n")

    for i in range(200):
        write(f"CREATE ROLE R{i}")
    for d in range(10):
        write(f"CREATE DATABASE D{d}")
        for s in range(10):
            write(f"CREATE SCHEMA D{d}.S{s}")
            for t in range(1000):
                write(f"CREATE TABLE D{d}.S{s}.T{t} (A INT)")
    for _, table, _, role, privilege, *_ in grants():
        write(f"GRANT {privilege} ON TABLE {table} TO ROLE {role}")
for options in [("--seed", seed), ("--seed", seed, "--data", os.path.join(tempfile.mkdtemp(), "seeded.db"))]:
    begin = time.monotonic()
    process = start(*options)
    took = time.monotonic() - begin
    process.terminate()
    _, _, usage = os.wait4(process.pid, 0)
    print(f"a seed of {count} statements{' with --data' if len(options) > 2 else ''}: {took:.1f} s, "
          f"{usage.ru_utime:.1f} s user, {usage.ru_stime:.1f} s system, {usage.ru_maxrss // 1024} MB")
