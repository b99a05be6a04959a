"""The snow command line, which is built on the connector and on the resource REST API."""

import json
import os
import subprocess

import pytest
from conftest import PASSWORD


@pytest.fixture(scope="module")
def snow(emulator):
    def run(*arguments, expect=0):
        command = [os.environ["SNOW_BINARY"], *arguments, "-x", "--host", "127.0.0.1", "--port", str(emulator.port),
                   "--protocol", "http", "--account", "emulator", "--user", "SNOWMAKER", "--format", "json"]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, env={**os.environ, "SNOWFLAKE_PASSWORD": PASSWORD})
        assert done.returncode == expect, done.stdout + done.stderr
        return json.loads(done.stdout) if expect == 0 else done.stdout + done.stderr
    return run


def test_sql(snow):
    assert snow("sql", "-q", "SELECT CURRENT_USER() AS WHO") == [{"WHO": "SNOWMAKER"}]


def test_sql_of_several_statements(snow):
    (made, shown) = snow("sql", "-q", "CREATE ROLE SNOWED; SHOW ROLES LIKE 'SNOWED';")
    assert made == [{"status": "Role SNOWED successfully created."}]
    assert [row["name"] for row in shown] == ["SNOWED"]


def test_sql_failure(snow):
    assert "002003" in snow("sql", "-q", "DROP ROLE MISSING", expect=1)


def test_connection_test(snow):
    told = snow("connection", "test")
    assert (told["Status"], told["Account"]) == ("OK", "emulator")


def test_object_list(snow):
    names = {row["name"] for row in snow("object", "list", "role")}
    assert {"ACCOUNTADMIN", "SYSADMIN", "PUBLIC"} <= names
    assert snow("object", "list", "warehouse") == []
