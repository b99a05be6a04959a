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


def test_sql_values(snow):
    """What snow makes of each type in JSON: numbers as texts or numbers, moments with their offsets."""
    (row,) = snow(
        "sql", "-q",
        "SELECT '1969-12-31 23:59:58.5'::TIMESTAMP_NTZ(3) AS N, '2026-11-21 15:04:05.25 +05:30'::TIMESTAMP_TZ AS Z, "
        "'2026-11-21 15:04:05'::TIMESTAMP_LTZ AS L, '1969-07-20'::DATE AS D, '23:59:59.5'::TIME AS T, 1.50 AS A, "
        "99999999999999999999999999999999999999 AS B, 1.5::FLOAT AS F, TRUE AS O, PARSE_JSON('{\"k\": [1]}') AS V")
    assert row["N"] == "1969-12-31T23:59:58.500000"
    assert row["Z"] == "2026-11-21T15:04:05.250000+05:30"
    assert row["L"] == "2026-11-21T15:04:05-08:00"
    assert (row["D"], row["T"]) == ("1969-07-20", "23:59:59.500000")
    assert (str(row["A"]), int(row["B"]), row["F"], row["O"]) == ("1.50", 10 ** 38 - 1, 1.5, True)
    assert json.loads(row["V"]) == {"k": [1]}


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


def test_object_create_is_rest(snow, emulator):
    snow("object", "create", "warehouse", "name=RESTED", "warehouse_size=xsmall", "auto_suspend=60")
    snow("object", "create", "database", "name=RESTED", "comment=it's")
    (warehouse,) = [row for row in snow("object", "list", "warehouse") if row["name"] == "RESTED"]
    assert (warehouse["size"], warehouse["auto_suspend"]) == ("X-Small", 60)
    assert "already exists" in snow("object", "create", "database", "name=RESTED", expect=1)
    assert snow("object", "describe", "database", "RESTED") is not None
    snow("object", "drop", "database", "RESTED")


def test_stage_copy(snow, tmp_path):
    (tmp_path / "f.txt").write_text("content")
    snow("sql", "-q", "CREATE DATABASE STAGED; CREATE STAGE STAGED.PUBLIC.BOX;")
    snow("stage", "copy", str(tmp_path / "f.txt"), "@STAGED.PUBLIC.BOX")
    assert [row["name"] for row in snow("stage", "list-files", "@STAGED.PUBLIC.BOX")] == ["box/f.txt"]


@pytest.fixture
def dcm(emulator, tmp_path, monkeypatch):
    """A DCM project's folder, in which `snow dcm` is run."""
    (tmp_path / "sources" / "definitions").mkdir(parents=True)
    with emulator.connect() as connection:
        organization, account = connection.cursor().execute(
            "SELECT CURRENT_ORGANIZATION_NAME(), CURRENT_ACCOUNT_NAME()").fetchone()
    (tmp_path / "manifest.yml").write_text(f"""
manifest_version: 2
type: DCM_PROJECT
default_target: DEV
targets:
  DEV:
    account_identifier: {organization}-{account}
    project_name: PROJECTED.PUBLIC.P
    project_owner: ACCOUNTADMIN
    templating_config: DEV
templating:
  configurations:
    DEV: {{size: XSMALL}}
""")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "sources" / "definitions" / "wh.sql"


def changes(told):
    """What `snow dcm plan` or `deploy` was answered."""
    (row,) = told
    (text,) = row.values()
    return [(entry["type"], entry["object_id"]["domain"], entry["object_id"]["fqn"])
            for entry in json.loads(text)["changeset"]]


def test_dcm_project(snow, dcm):
    snow("sql", "-q", "CREATE DATABASE PROJECTED")
    dcm.write_text("DEFINE WAREHOUSE BY_DCM WITH WAREHOUSE_SIZE = '{{ size }}' AUTO_SUSPEND = 60;\n"
                   "DEFINE ROLE BY_DCM;\nGRANT USAGE ON WAREHOUSE BY_DCM TO ROLE BY_DCM;\n")
    snow("dcm", "create")
    planned = [("CREATE", "WAREHOUSE", '"BY_DCM"'), ("CREATE", "ROLE", '"BY_DCM"')]
    assert sorted(changes(snow("dcm", "plan"))) == sorted(planned)
    assert not [row for row in snow("object", "list", "warehouse") if row["name"] == "BY_DCM"]
    assert sorted(changes(snow("dcm", "deploy", "--alias", "first"))) == sorted(planned)
    assert [row["name"] for row in snow("object", "list", "warehouse") if row["name"] == "BY_DCM"] == ["BY_DCM"]
    assert changes(snow("dcm", "plan")) == []
    assert [(row["name"], row["alias"]) for row in snow("dcm", "list-deployments")] == [("DEPLOYMENT$1", "first")]
    dcm.write_text("DEFINE ROLE BY_DCM;\n")
    assert sorted(changes(snow("dcm", "plan"))) == [("ALTER", "ROLE", '"BY_DCM"'), ("DROP", "WAREHOUSE", '"BY_DCM"')]
    dcm.write_text("DEFINE WAREHOUSE {{ nope }};\n")
    # The text is in a box, broken where it is full.
    assert "'nope'" in snow("dcm", "plan", expect=1)


CORE = """
import os
import snowflake.connector
from snowflake.core import CreateMode, Root
from snowflake.core.exceptions import NotFoundError
from snowflake.core.database import Database
from snowflake.core.warehouse import Warehouse
connection = snowflake.connector.connect(
    account="emulator", user="SNOWMAKER", password=os.environ["PW"], host="127.0.0.1", port=int(os.environ["PORT"]),
    protocol="http")
root = Root(connection)
root.warehouses.create(Warehouse(name="CORE_W", warehouse_size="XSMALL", auto_suspend=60), mode=CreateMode.if_not_exists)
root.warehouses.create(Warehouse(name="CORE_W"), mode=CreateMode.if_not_exists)
warehouse = root.warehouses["CORE_W"]
assert warehouse.fetch().warehouse_size in ("XSMALL", "X-Small"), warehouse.fetch()
warehouse.create_or_alter(Warehouse(name="CORE_W", warehouse_size="SMALL"))
assert warehouse.fetch().warehouse_size == "SMALL", warehouse.fetch()
warehouse.suspend()
assert [w.name for w in root.warehouses.iter(like="CORE%")] == ["CORE_W"]
root.databases.create(Database(name="CORE_D", comment="x"))
assert root.databases["CORE_D"].fetch().comment == "x"
assert {s.name for s in root.databases["CORE_D"].schemas.iter()} == {"PUBLIC", "INFORMATION_SCHEMA"}
warehouse.drop()
try:
    warehouse.fetch()
    raise SystemExit("still there")
except NotFoundError:
    print("core is content")
"""


def test_snowflake_core(emulator, snow):
    python = os.path.join(os.path.dirname(os.environ["SNOW_BINARY"]), "python")
    done = subprocess.run(
        [python, "-c", CORE], capture_output=True, text=True, timeout=120,
        env={**os.environ, "PW": PASSWORD, "PORT": str(emulator.port)})
    assert "core is content" in done.stdout, done.stderr[-3000:]
