"""SHOW and DESCRIBE answer the columns of columns.json, in their order.

An entry of columns.json says where it is from:

* `facts`: the object in the survey of what published clients read (row structures of the Terraform provider 2.20, Snowcap,
  SnowDDL), which the names are from. No `facts`: from Snowflake's page on the statement, or assumed.
* `beyond`: columns that the survey does not have. `absent`: columns of the survey that are not answered: `dropped_on` is
  HISTORY's alone, and `resource_group` of SHOW DATABASES is on no page and in no published session; its reader takes the
  answer without it; `region_group` is for organizations that have more than one.
* `order`: `page`, an example on Snowflake's page; `session`, a published session with an account; `report`, what somebody
  wrote down of one; `assumed`. The survey's own order is that of a structure in a program, and not followed.

None was compared with a real account.
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
    assert [column.name for column in prepared.description] == EXPECTED[statement]["columns"]
