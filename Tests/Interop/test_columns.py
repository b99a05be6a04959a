"""SHOW and DESCRIBE answer the columns of columns.json, in their order.

The names are those that published clients read (the Terraform provider's row structures, Snowcap, SnowDDL); their order is
that of Snowflake's pages where those have an example. None was compared with a real account.
"""

import json
import pathlib

import pytest

EXPECTED = json.loads((pathlib.Path(__file__).parent / "columns.json").read_text())
PREPARED = [
    "CREATE DATABASE D", "CREATE SCHEMA S", "CREATE WAREHOUSE W", "CREATE ROLE R", "CREATE USER U", "CREATE SHARE SH",
    "CREATE NETWORK POLICY NP", "CREATE DATABASE ROLE D.DR", "CREATE TABLE T (A INT)", "CREATE VIEW V AS SELECT 1 AS A",
    "CREATE STAGE ST", "CREATE FILE FORMAT FF TYPE = CSV", "CREATE SEQUENCE SQ", "CREATE STREAM STR ON TABLE T",
    "CREATE TASK TK SCHEDULE = '5 MINUTE' AS SELECT 1", "CREATE FUNCTION F() RETURNS INT AS '1'",
    "CREATE PROCEDURE P() RETURNS INT LANGUAGE SQL AS 'x'", "CREATE PIPE PI AS COPY INTO T FROM @ST",
    "CREATE NETWORK RULE NR TYPE = IPV4 MODE = INGRESS VALUE_LIST = ('10.0.0.0/8')",
]


@pytest.fixture(scope="module")
def prepared(emulator):
    with emulator.connect() as connection:
        for sql in PREPARED:
            connection.cursor().execute(sql)
        yield connection.cursor()


@pytest.mark.parametrize("statement", sorted(EXPECTED))
def test_columns(prepared, statement):
    prepared.execute(statement)
    assert [column.name for column in prepared.description] == EXPECTED[statement]
