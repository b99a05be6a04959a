"""The snow command line, which is built on the connector and on the resource REST API."""

import json
import os
import pathlib
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


@pytest.fixture(scope="module")
def project(snow):
    snow("sql", "-q", "CREATE DATABASE PROJECTED; CREATE DCM PROJECT PROJECTED.PUBLIC.P;")


def test_dcm_project(snow, dcm):
    snow("sql", "-q", "CREATE DATABASE FIRST")
    manifest = dcm.parents[2] / "manifest.yml"
    manifest.write_text(manifest.read_text().replace("PROJECTED", "FIRST"))
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


def test_dcm_environment_and_output(snow, project, dcm, monkeypatch):
    """What the manifest declares of the environment goes with the statement; artifacts come back."""
    manifest = dcm.parents[2] / "manifest.yml"
    manifest.write_text(manifest.read_text() + "  env_vars:\n  - REGION:\n  env_secrets:\n  - PHRASE:\n")
    dcm.write_text("DEFINE ROLE DCM_{{ _snow.env_var('REGION') }} COMMENT = '{{ _snow.env_secret('PHRASE') }}';\n")
    monkeypatch.setenv("REGION", "EU")
    monkeypatch.setenv("PHRASE", "open-sesame")
    assert changes(snow("dcm", "plan", "--save-output")) == [("CREATE", "ROLE", '"DCM_EU"')]
    out = {path.relative_to("out").as_posix(): path.read_text() for path in pathlib.Path("out").rglob("*")
           if path.is_file()}
    assert out["sources/definitions/wh.sql"].strip() == "DEFINE ROLE DCM_EU COMMENT = '***';"
    assert json.loads(out["plan_result.json"])["changeset"][0]["object_id"]["name"] == '"DCM_EU"'
    assert not any("open-sesame" in text for text in out.values())
    assert changes(snow("dcm", "deploy")) == [("CREATE", "ROLE", '"DCM_EU"')]
    assert [row["comment"] for row in snow("sql", "-q", "SHOW ROLES LIKE 'DCM_EU'")] == ["open-sesame"]
    assert changes(snow("dcm", "plan", "--delta")) == []


def test_dcm_analyze(snow, project, dcm):
    dcm.write_text("DEFINE ROLE DCM_A;\nGRANT ROLE DCM_A TO ROLE SYSADMIN;\n")
    (answer,) = snow("dcm", "raw-analyze")
    (text,) = answer.values()
    (file,) = json.loads(text)["files"]
    assert (file["source_path"], len(file["definitions"]), file["issues"]) == ("sources/definitions/wh.sql", 2, [])
    dcm.write_text("DEFINE ROLE DCM_A;\nDEFINE NONSENSE;\n")
    assert "Analysis found 1 error" in snow("dcm", "raw-analyze", expect=1)


def test_dcm_pipelines(snow, project, dcm):
    """preview, refresh and test, which are for tables."""
    dcm.write_text("DEFINE VIEW PROJECTED.PUBLIC.DCM_V (N) AS SELECT * FROM VALUES (1), (2), (3);\n"
                   "DEFINE WAREHOUSE DCM_W WITH WAREHOUSE_SIZE = XSMALL;\n"
                   "DEFINE DYNAMIC TABLE PROJECTED.PUBLIC.DCM_T TARGET_LAG = '1 hour' WAREHOUSE = DCM_W "
                   "AS SELECT 1 AS A;\n")
    assert snow("dcm", "preview", "--object", "PROJECTED.PUBLIC.DCM_V", "--limit", "2") == [{"N": 1}, {"N": 2}]
    snow("dcm", "deploy")
    (refreshed,) = snow("dcm", "refresh")
    (text,) = refreshed.values()
    (table,) = json.loads(text)["dts_refresh_result"]["refreshed_tables"]
    assert (table["table_name"], table["statistics"]["inserted_rows"]) == ("PROJECTED.PUBLIC.DCM_T", 0)
    (tested,) = snow("dcm", "test")
    (text,) = tested.values()
    assert json.loads(text) == {"expectations": []}


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
