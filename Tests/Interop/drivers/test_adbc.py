"""ADBC's Snowflake driver, which is Snowflake's Go driver inside. It reads the catalog with queries over SHOW results."""

import datetime
import decimal
import json

import adbc_driver_manager
import adbc_driver_snowflake.dbapi
import pytest
from conftest import PASSWORD


@pytest.fixture(scope="module")
def connection(emulator):
    connection = adbc_driver_snowflake.dbapi.connect(
        db_kwargs={
            "username": "SNOWMAKER", "password": PASSWORD, "adbc.snowflake.sql.account": "emulator",
            "adbc.snowflake.sql.uri.host": "127.0.0.1", "adbc.snowflake.sql.uri.port": str(emulator.port),
            "adbc.snowflake.sql.uri.protocol": "http"}, autocommit=True)
    for sql in ["CREATE DATABASE SHOP", "CREATE SCHEMA CORE", "CREATE TABLE A (ID INT PRIMARY KEY, N VARCHAR(9) COMMENT 'c')",
                "CREATE TABLE B (A INT REFERENCES A (ID), U INT UNIQUE)", "CREATE VIEW V AS SELECT N FROM A"]:
        query(connection, sql)
    yield connection
    connection.close()


def query(connection, sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else None


def test_values(connection):
    (*plain, document), = query(connection, "SELECT 1.50 AS a, 'x', TRUE, NULL, 0.5::FLOAT, {'k': [1]}")
    assert plain == [decimal.Decimal("1.50"), "x", True, None, 0.5]
    assert json.loads(document) == {"k": [1]}
    moment, = query(connection, "SELECT CURRENT_TIMESTAMP()")[0]
    assert abs(datetime.datetime.now(datetime.timezone.utc) - moment) < datetime.timedelta(minutes=5)
    assert query(connection, "SELECT ? AS a, ? AS b", (7, "x")) == [(decimal.Decimal(7), "x")]


def test_many_rows(connection):
    rows = query(connection, "SELECT SEQ4() FROM TABLE(GENERATOR(ROWCOUNT => 20000))")
    assert len(rows) == 20000


def test_failures(connection):
    with pytest.raises(adbc_driver_manager.Error) as failure:
        query(connection, "SELECT * FROM NOTHING")
    assert failure.value.vendor_code == 2003 and failure.value.sqlstate == "02000"


def objects(connection, depth, **filters):
    catalog, = connection.adbc_get_objects(depth=depth, catalog_filter="SHOP", **filters).read_all().to_pylist()
    assert catalog["catalog_name"] == "SHOP"
    return {schema["db_schema_name"]: schema["db_schema_tables"] for schema in catalog["catalog_db_schemas"]}


def test_catalogs_and_schemas(connection):
    catalogs = connection.adbc_get_objects(depth="catalogs").read_all().to_pylist()
    assert {"SHOP", "SNOWFLAKE"} <= {catalog["catalog_name"] for catalog in catalogs}
    assert {"CORE", "PUBLIC", "INFORMATION_SCHEMA"} == set(objects(connection, "db_schemas"))


def test_tables(connection):
    tables = objects(connection, "tables")
    assert [(table["table_name"], table["table_type"]) for table in tables["CORE"]] == [
        ("A", "TABLE"), ("B", "TABLE"), ("V", "VIEW")]
    assert tables["PUBLIC"] == []


def test_columns_and_keys(connection):
    tables = {table["table_name"]: table for table in objects(connection, "all", db_schema_filter="CORE")["CORE"]}
    assert [(column["column_name"], column["remarks"], column["xdbc_is_nullable"], column["xdbc_column_size"])
            for column in tables["A"]["table_columns"]] == [("ID", None, "NO", 38), ("N", "c", "YES", 9)]
    keys = {key["constraint_type"]: key for key in tables["B"]["table_constraints"]}
    assert set(keys) == {"FOREIGN KEY", "UNIQUE"}
    used, = keys["FOREIGN KEY"]["constraint_column_usage"]
    assert (used["fk_table"], used["fk_column_name"]) == ("A", "ID")
    assert [column["column_name"] for column in tables["V"]["table_columns"]] == ["N"]


def test_schema_of_a_table(connection):
    schema = connection.adbc_get_table_schema("A", catalog_filter="SHOP", db_schema_filter="CORE")
    assert schema.names == ["ID", "N"]
    assert not schema.field("ID").nullable and schema.field("N").metadata[b"COMMENT"] == b"c"


def test_current_place(connection):
    assert (connection.adbc_current_catalog, connection.adbc_current_db_schema) == ("SHOP", "CORE")
