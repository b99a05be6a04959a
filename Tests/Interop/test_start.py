"""What `snowmaker emulator` can be started with."""

import json
import os
import subprocess
import sys
import textwrap
import time

import pytest
from conftest import PASSWORD, Emulator


def one(connection, sql):
    with connection:
        return connection.cursor().execute(sql).fetchone()


def test_seed_snapshot_restore(tmp_path):
    seed = tmp_path / "seed.sql"
    seed.write_text("-- roles\nCREATE ROLE A;\nCREATE DATABASE D COMMENT = 'a;b';\n")
    first = Emulator("--seed", str(seed), "--snapshot", str(tmp_path / "snapshot.db"))
    first.stop()
    second = Emulator("--restore", str(tmp_path / "snapshot.db"))
    try:
        assert one(second.connect(), "SHOW ROLES LIKE 'A'")[1] == "A"
        assert one(second.connect(), "SHOW DATABASES LIKE 'D'")[1] == "D"
    finally:
        second.stop()


def test_a_seed_that_fails_names_the_statement(tmp_path):
    seed = tmp_path / "seed.sql"
    seed.write_text("CREATE ROLE A; CREATE ROLE A;")
    with pytest.raises(RuntimeError, match="statement 2.*002002"):
        Emulator("--seed", str(seed))


def test_data_survives_and_has_one_emulator(tmp_path):
    file = str(tmp_path / "account.db")
    first = Emulator("--data", file)
    one(first.connect(), "CREATE ROLE KEPT")
    with pytest.raises(RuntimeError, match="in use by another account emulator"):
        Emulator("--data", file)
    first.stop()
    second = Emulator("--data", file)
    try:
        assert one(second.connect(), "SHOW ROLES LIKE 'KEPT'")[1] == "KEPT"
    finally:
        second.stop()


def test_latency_and_log(tmp_path):
    log = tmp_path / "log.jsonl"
    emulator = Emulator("--latency", "300", "--log", str(log))
    with emulator.connect() as connection:
        started = time.time()
        connection.cursor().execute("SELECT 1")
        assert time.time() - started > 0.3
        connection.cursor().execute(f"CREATE USER U PASSWORD = '{PASSWORD}-secret'")
    emulator.stop()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert any(line["sql"] == "SELECT 1" for line in lines)
    assert PASSWORD not in log.read_text()


def test_first_user_by_key_and_token(tmp_path, key_pair):
    (tmp_path / "key.pub").write_text(
        "-----BEGIN PUBLIC KEY-----\n" + key_pair.public_text + "\n-----END PUBLIC KEY-----\n")
    emulator = Emulator("--public-key", str(tmp_path / "key.pub"), "--access-token", "START")
    try:
        connection = emulator.connect(password=None, private_key=key_pair.private_der, authenticator="SNOWFLAKE_JWT")
        assert one(connection, "SELECT CURRENT_ROLE()") == ("ACCOUNTADMIN",)
        token = emulator.said.split("Access token START: ")[1].split()[0]
        connection = emulator.connect(password=None, token=token, authenticator="PROGRAMMATIC_ACCESS_TOKEN")
        assert one(connection, "SELECT CURRENT_ROLE()") == ("ACCOUNTADMIN",)
    finally:
        emulator.stop()


def test_unmodified_client_through_the_proxy(tmp_path):
    """Nothing of the client's connection names the emulator: a real host name, TLS, HTTPS_PROXY and a trust store."""
    emulator = Emulator("--proxy-port", "0", "--tls-ca", str(tmp_path / "ca.pem"))
    script = textwrap.dedent("""
        import os, snowflake.connector
        with snowflake.connector.connect(account="myorg-myacct", user="SNOWMAKER", password=os.environ["PW"],
                                         login_timeout=30) as connection:
            print(connection.host, *connection.cursor().execute("SELECT CURRENT_USER()").fetchone())
    """)
    try:
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=90, env={
                **os.environ, "PW": PASSWORD, "HTTPS_PROXY": f"http://127.0.0.1:{emulator.proxy_port}", "NO_PROXY": "",
                "REQUESTS_CA_BUNDLE": str(tmp_path / "ca.pem"), "SSL_CERT_FILE": str(tmp_path / "ca.pem")})
        assert done.stdout.split() == ["myorg-myacct.snowflakecomputing.com", "SNOWMAKER"], done.stderr[-2000:]
    finally:
        emulator.stop()


def test_faults():
    emulator = Emulator()
    try:
        with emulator.connect() as connection:
            emulator.control("PUT", "/faults", {"faults": [{"kind": "status", "status": 503}]})
            assert connection.cursor().execute("SELECT 5").fetchone() == (5,)
            emulator.control("PUT", "/faults", {"faults": [{"kind": "lose_answer", "containing": "create role"}]})
            connection.cursor().execute("CREATE ROLE ONLY_ONCE")
            assert emulator.control("GET", "/stats")["repeated"] == 1
            emulator.control("PUT", "/faults", {"faults": [{"kind": "in_progress", "polls": 2}]})
            assert connection.cursor().execute("SELECT 6").fetchone() == (6,)
    finally:
        emulator.stop()


def test_a_view_of_the_past_and_a_limit_that_fails(tmp_path):
    seed = tmp_path / "seed.sql"
    seed.write_text("CREATE DATABASE D;\n" + "".join(f"CREATE TABLE T{i} (A INT);\n" for i in range(10_001)))
    emulator = Emulator("--account-usage-lag", "3600", "--show-limit", "fail", "--seed", str(seed))
    try:
        tables = "SELECT COUNT(*) FROM SNOWFLAKE.ACCOUNT_USAGE.TABLES"
        assert one(emulator.connect(), tables) == (0,)
        with emulator.connect() as connection, pytest.raises(Exception) as failure:
            connection.cursor().execute("SHOW TABLES IN ACCOUNT")
        assert failure.value.errno == 90153
        with emulator.connect() as connection:
            assert len(connection.cursor().execute("SHOW TABLES IN ACCOUNT LIMIT 10").fetchall()) == 10
    finally:
        emulator.stop()
    with pytest.raises(RuntimeError, match="one of cut, fail"):
        Emulator("--show-limit", "nonsense")
