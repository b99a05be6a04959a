"""Statements, their results and their failures, as the connector sees them."""

import datetime
import time

import pytest
from conftest import GENERATION
from snowflake.connector import DictCursor
from snowflake.connector.errors import ProgrammingError


@pytest.fixture(scope="module", autouse=True)
def objects(emulator):
    with emulator.connect() as connection:
        for sql in ["CREATE DATABASE SHOP COMMENT = 'it''s a shop'", "CREATE SCHEMA SHOP.RAW WITH MANAGED ACCESS",
                    "CREATE WAREHOUSE LOADING WAREHOUSE_SIZE = SMALL AUTO_SUSPEND = 60 INITIALLY_SUSPENDED = TRUE",
                    "CREATE ROLE ANALYST", "GRANT ROLE ANALYST TO ROLE SYSADMIN",
                    "GRANT USAGE ON DATABASE SHOP TO ROLE ANALYST"]:
            assert connection.cursor().execute(sql).fetchone()


def failure(cursor, sql, parameters=None):
    with pytest.raises(ProgrammingError) as caught:
        cursor.execute(sql, parameters)
    return caught.value


def test_status_of_ddl(cursor):
    assert cursor.execute("CREATE ROLE IF NOT EXISTS ANALYST").fetchone() == (
        "ANALYST already exists, statement succeeded.",)
    assert cursor.execute("CREATE ROLE PASSING").fetchone() == ("Role PASSING successfully created.",)
    assert cursor.execute("DROP ROLE PASSING").fetchone() == ("PASSING successfully dropped.",)


def test_show_through_dict_cursor(connection):
    with connection.cursor(DictCursor) as cursor:
        (warehouse,) = cursor.execute("SHOW WAREHOUSES LIKE 'load%'").fetchall()
        assert warehouse["name"] == "LOADING"
        assert (warehouse["size"], warehouse["state"], warehouse["auto_suspend"]) == ("Small", "SUSPENDED", 60)
        assert warehouse["auto_resume"] == "true"
        assert isinstance(warehouse["created_on"], datetime.datetime)
        assert abs(warehouse["created_on"].timestamp() - time.time()) < 600
        (database,) = cursor.execute("SHOW DATABASES LIKE 'SHOP'").fetchall()
        assert (database["comment"], database["owner"]) == ("it's a shop", "ACCOUNTADMIN")
        schemas = {row["name"]: row for row in cursor.execute("SHOW SCHEMAS IN DATABASE SHOP")}
        assert schemas.keys() == {"INFORMATION_SCHEMA", "PUBLIC", "RAW"}
        assert schemas["RAW"]["options"] == "MANAGED ACCESS"
        grants = cursor.execute("SHOW GRANTS TO ROLE ANALYST").fetchall()
        assert [(g["privilege"], g["granted_on"], g["name"]) for g in grants] == [("USAGE", "DATABASE", "SHOP")]


def test_describe_and_metadata(cursor):
    cursor.execute("DESCRIBE DATABASE SHOP")
    assert [column.name for column in cursor.description] == ["created_on", "name", "kind"]
    columns = cursor.describe("SELECT CURRENT_ROLE() AS R, 1 AS N")
    assert [column.name for column in columns] == ["R", "N"]


def test_use_moves_the_session(emulator):
    with emulator.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("USE ROLE ANALYST")
        cursor.execute("USE DATABASE SHOP")
        if GENERATION < 5:
            assert (connection.role, connection.database) == ("ANALYST", "SHOP")
        assert cursor.execute("SELECT CURRENT_ROLE(), CURRENT_DATABASE()").fetchone() == ("ANALYST", "SHOP")


def test_client_side_bindings(cursor):
    assert cursor.execute("SELECT %s, %s", ("it's", 7)).fetchone() == ("it's", 7)


def test_server_side_bindings(emulator):
    with emulator.connect(paramstyle="qmark") as connection:
        cursor = connection.cursor()
        row = cursor.execute("SELECT ?, ?", ("o'clock", "x")).fetchone()
        assert row == ("o'clock", "x")
        cursor.execute("CREATE ROLE IDENTIFIER(?)", ("BOUND",))
        assert cursor.execute("DROP ROLE IDENTIFIER(?)", ("BOUND",)).fetchone()[0] == "BOUND successfully dropped."


def test_asynchronous(connection):
    cursor = connection.cursor()
    cursor.execute_async("SELECT SYSTEM$WAIT(1)")
    query = cursor.sfqid
    assert connection.is_still_running(connection.get_query_status(query))
    cursor.get_results_from_sfqid(query)
    assert cursor.fetchone() == ("waited 1 seconds",)
    assert not connection.is_still_running(connection.get_query_status(query))


def test_asynchronous_failure(connection):
    cursor = connection.cursor()
    cursor.execute_async("SHOW GRANTS TO ROLE MISSING")
    with pytest.raises(ProgrammingError):
        connection.get_query_status_throw_if_error(cursor.sfqid)
        cursor.get_results_from_sfqid(cursor.sfqid)
        cursor.fetchall()


def test_multi_statement(connection):
    cursor = connection.cursor()
    cursor.execute("CREATE ROLE ONE; SELECT 'two'; SHOW ROLES LIKE 'ONE';", num_statements=3)
    assert cursor.fetchone() == ("Role ONE successfully created.",)
    assert cursor.nextset() and cursor.fetchone() == ("two",)
    assert cursor.nextset() and cursor.fetchone()[1] == "ONE"
    connection.cursor().execute("DROP ROLE ONE")


def test_multi_statement_count_is_checked(cursor):
    caught = failure(cursor, "SELECT 1; SELECT 2")
    assert (caught.errno, caught.sqlstate) == (8, "0A000")


@pytest.mark.parametrize("sql, number, state, text", [
    ("SELEC 1", 1003, "42000", "syntax error line 1 at position 0 unexpected 'SELEC'"),
    ("CREATE ROLE\n  WITH (", 1003, "42000", "syntax error line 2 at position 2"),
    ("CREATE ROLE ANALYST", 2002, "42710", "Object 'ANALYST' already exists."),
    ("DROP ROLE MISSING", 2003, "02000", "Role 'MISSING' does not exist or not authorized."),
    ("USE DATABASE MISSING", 2043, "02000", "Object does not exist, or operation cannot be performed."),
    ("SELECT NOT_A_COLUMN", 904, "42000", "invalid identifier 'NOT_A_COLUMN'"),
    ("CREATE SCHEMA LOST", 90105, "22000", "does not have a current database"),
])
def test_failures(cursor, sql, number, state, text):
    caught = failure(cursor, sql)
    assert (caught.errno, caught.sqlstate) == (number, state)
    assert text in str(caught)
    assert caught.sfqid


def test_privileges_bite(emulator):
    with emulator.connect(role="ANALYST", session_parameters={}) as connection:
        cursor = connection.cursor()
        cursor.execute("USE SECONDARY ROLES NONE")
        caught = failure(cursor, "CREATE WAREHOUSE FORBIDDEN")
        assert (caught.errno, caught.sqlstate) == (3001, "42501")
        assert cursor.execute("SHOW WAREHOUSES").fetchall() == []


def test_cancel_by_query_id(connection):
    cursor = connection.cursor()
    cursor.execute_async("SELECT SYSTEM$WAIT(30)")
    query = cursor.sfqid
    time.sleep(0.3)
    connection.cursor().execute(f"SELECT SYSTEM$CANCEL_QUERY('{query}')")
    started = time.time()
    while connection.is_still_running(connection.get_query_status(query)) and time.time() - started < 10:
        time.sleep(0.1)
    assert connection.get_query_status(query).name == "ABORTED"


def test_statement_timeout(cursor):
    cursor.execute("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1")
    caught = failure(cursor, "SELECT SYSTEM$WAIT(5)")
    assert (caught.errno, caught.sqlstate) == (630, "57014")
