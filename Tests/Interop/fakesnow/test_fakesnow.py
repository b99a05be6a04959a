"""Our client against a server that others wrote: fakesnow (DuckDB). It answers DML as JSON, everything else that has rows
as Arrow, and some statements with HTTP 500."""

import json
import os
import socket
import subprocess
import sys
import time

import pytest

SNOWMAKER = os.environ["SNOWMAKER_BINARY"]


@pytest.fixture(scope="module")
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    server = subprocess.Popen(
        [os.path.join(os.path.dirname(sys.executable), "fakesnow"), "-s", "-p", str(number)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", number), timeout=1).close()
            break
        except OSError:
            assert server.poll() is None and time.monotonic() < deadline, "fakesnow does not start"
            time.sleep(0.05)
    yield number
    server.kill()
    server.wait()


@pytest.fixture
def snowmaker(port, tmp_path):
    """Runs `snowmaker` with a connection to the server: (status, standard output, standard error)."""
    settings = {"ACCOUNT": "fakesnow", "HOST": "127.0.0.1", "PORT": str(port), "PROTOCOL": "http", "USER": "someone",
                "PASSWORD": "anything", "NETWORK_TIMEOUT": "1"}
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    environment.update({"SNOWFLAKE_CONNECTIONS_FAKE_" + key: value for key, value in settings.items()})

    def run(*arguments):
        done = subprocess.run(
            [SNOWMAKER, *arguments], env=environment, capture_output=True, text=True, timeout=60, cwd=tmp_path)
        return done.returncode, done.stdout, done.stderr

    return run


def query(snowmaker, sql):
    return snowmaker("query", sql, "-c", "fake", "--format", "jsonl")


def test_statements_run_in_one_session(snowmaker):
    # What DDL answers comes as Arrow. That is said, and also that the statement has run.
    for sql in ["CREATE DATABASE D1", "CREATE SCHEMA D1.S", "CREATE TABLE D1.S.T (ID INT, N TEXT)"]:
        status, out, err = query(snowmaker, sql)
        assert status == 1 and out == "", err
        assert "the statement has run" in err and "Arrow" in err, err
    # It has: rows go into the table.
    status, out, err = query(snowmaker, "INSERT INTO D1.S.T VALUES (1, 'a'), (2, 'b')")
    assert status == 0, err
    assert json.loads(out) == {"number of rows inserted": 2}
    status, out, err = query(snowmaker, "UPDATE D1.S.T SET N = 'x' WHERE ID = 1; DELETE FROM D1.S.T")
    assert status == 0, err
    updated, deleted = map(json.loads, out.splitlines())
    assert updated["number of rows updated"] == 1
    assert deleted == {"number of rows deleted": 2}


@pytest.mark.parametrize("sql", ["SELECT 1", "SHOW TABLES", "SELECT CURRENT_DATABASE()"])
def test_arrow_is_a_clear_error(snowmaker, sql):
    status, out, err = query(snowmaker, sql)
    assert status == 1 and out == ""
    assert "came as Arrow, which this client does not read" in err
    assert "the account ignored the request for JSON results" in err


def test_failures_keep_code_and_text(snowmaker):
    status, _, err = query(snowmaker, "CREATE WAREHOUSE W")
    assert status == 1
    assert "001003" in err and 'syntax error at or near "WAREHOUSE"' in err
    status, _, err = query(snowmaker, "INSERT INTO NOWHERE.S.T VALUES (1)")
    assert status == 1 and "does not exist" in err, err


def test_http_500_ends_in_time_and_leaves_open_whether_it_ran(snowmaker):
    start = time.monotonic()
    status, _, err = query(snowmaker, "DROP WAREHOUSE W")
    assert status == 1 and time.monotonic() - start < 30
    assert "HTTP status 500" in err
    assert "may have run" in err, err


def test_a_connection_test_says_what_works(snowmaker):
    _, out, _ = snowmaker("connection", "test", "fake")
    assert "ok      login" in out
    assert "does not read" in out
