"""Every shape of statement that the field's tools were seen to send is answered.

The shapes are in Tests/Peers/shapes.txt: identifiers are X, numbers N, texts '?'. Here they get values, and the account
what they are about: a database, a schema, a role, a warehouse … all called X.
"""

import pathlib
import re

import pytest

SHAPES = (pathlib.Path(__file__).parents[1] / "Peers" / "shapes.txt").read_text().splitlines()

PREPARED = [
    "CREATE DATABASE X", "CREATE SCHEMA X.X", "CREATE ROLE X", "CREATE ROLE Y", "CREATE WAREHOUSE X",
    "CREATE USER X", "CREATE STAGE X.X.X DIRECTORY = (ENABLE = TRUE)", "CREATE NETWORK POLICY X",
    "CREATE NETWORK POLICY CORP_POLICY", "CREATE DCM PROJECT X.X.X", "CREATE TABLE X.X.T (A INT)",
    "CREATE VIEW X.X.V AS SELECT 1 AS A", "CREATE FILE FORMAT X.X.F TYPE = CSV", "CREATE SEQUENCE X.X.Q",
    "GRANT ROLE X TO ROLE ACCOUNTADMIN", "USE DATABASE X",
]
# What the name in a CREATE or DROP is, by the words before it: how it is made new for each shape.
NEW = {
    "DATABASE": '"{}"', "SCHEMA": '"X"."{}"', "ROLE": '"{}"', "WAREHOUSE": '"{}"', "USER": '"{}"', "STAGE": '"X"."X"."{}"',
    "NETWORK POLICY": '"{}"',
}
TEXTS = {
    "WAREHOUSE_TYPE": "STANDARD", "WAREHOUSE_SIZE": "XSMALL", "GENERATION": "1", "SCALING_POLICY": "STANDARD",
    "ALLOWED_IP_LIST": "10.0.0.0/8", "BLOCKED_IP_LIST": "10.1.1.1", "DEFAULT_WAREHOUSE": "X", "COMMENT": "a comment",
    "EMAIL": "x@example.org", "DISPLAY_NAME": "X", "LIKE": "X%",
}
# The tools' command lines, by the statement or request at their end.
AFTER_COMMAND = re.compile(r"^-- snow .*((?:use role|drop warehouse|show |select current_role|create stage|-- REST).*)$")


@pytest.fixture
def prepared(emulator, connection):
    for sql in PREPARED:
        connection.cursor().execute(sql)
    return emulator, connection


def filled(shape, number):
    """The shape with values, and what has to be there before it."""
    sql = shape
    before = []
    created = re.match(r'(CREATE|DROP) ([A-Z ]+?) ("X"|X)(?:\.("X"|X))*(?= |$)', sql, re.I)
    if created and created[2].upper() in NEW:
        name = NEW[created[2].upper()].format(f"N{number}")
        sql = f"{created[1]} {created[2]} {name}{sql[created.end():]}"
        if created[1].upper() == "DROP":
            before.append(f"CREATE {created[2]} {name}")
    if "IDENTIFIER('?')" in sql:
        what = sql.lower()
        name = "DOOMED" if "warehouse" in what else f"X.X.N{number}"
        if "dcm" in what and not what.startswith("create"):
            name = "X.X.X"
        if what.startswith("drop"):
            before.append("CREATE WAREHOUSE DOOMED")
        sql = sql.replace("IDENTIFIER('?')", f"IDENTIFIER('{name}')")
    sql = re.sub(r'(GRANT ROLE ("?)X"? TO ROLE )"?X"?', r"\1Y", sql)
    sql = re.sub(r"\$\$N\.N\.N\.N(/N)?\$\$", lambda found: "$$10.0.0.0/8$$" if found[1] else "$$10.1.1.1$$", sql)
    sql = re.sub(r"LOGIN_NAME = (?:'\?'|\$\$X\$\$)", f"LOGIN_NAME = 'LOGIN{number}'", sql)
    if sql.startswith("CREATE USER"):
        sql = sql.replace("TYPE = '?'", "TYPE = 'PERSON'")
    sql = sql.replace("(type = '?')", "(type = 'SNOWFLAKE_SSE')")
    for word, text in TEXTS.items():
        sql = re.sub(rf"(\b{word}\b(?: =)? )'\?'", rf"\1'{text}'", sql, flags=re.I)
    sql = sql.replace("ALLOWED_IP_LIST = ('?', '?')", "ALLOWED_IP_LIST = ('10.0.0.0/8', '127.0.0.1')")
    sql = sql.replace("BLOCKED_IP_LIST = ('?')", "BLOCKED_IP_LIST = ('10.1.1.1')")
    sql = re.sub(r"\bN\b", "1", sql)
    assert "'?'" not in sql, sql
    return before, sql


def test_there_are_234_shapes():
    assert len(SHAPES) == len(set(SHAPES)) == 234


def test_every_shape_is_answered(prepared, tmp_path):
    emulator, connection = prepared
    cursor = connection.cursor()
    file = tmp_path / "definition.sql"
    file.write_text("DEFINE SCHEMA X.DEFINED;\n")
    # What `snow dcm plan` has put on the stage before it asks for a plan.
    (tmp_path / "manifest.yml").write_text("manifest_version: 2\ntype: DCM_PROJECT\n")
    cursor.execute(f"PUT file://{tmp_path}/manifest.yml @X.X.X AUTO_COMPRESS = FALSE")
    cursor.execute(f"PUT file://{file} @X.X.X/sources/definitions AUTO_COMPRESS = FALSE")
    refused = []
    for number, shape in enumerate(SHAPES):
        command = AFTER_COMMAND.match(shape)
        text = command[1] if command else shape
        if text.startswith("-- REST"):
            _, _, method, path = text.split(" ")
            body = {"name": f"N{number}"} if method == "POST" else None
            status, _, answer = emulator.request(
                method, path, body, headers={"Authorization": f'Snowflake Token="{connection.rest.token}"'})
            if status != 200:
                refused.append((shape, status, answer))
            continue
        before, sql = filled(text, number)
        if sql.lower().startswith("put "):
            sql = sql.replace("/data/x/1/*", str(file))
        try:
            for statement in before:
                cursor.execute(statement)
            cursor.execute(sql.replace("(?)", "('none')"))
            if sql.upper().startswith("USE "):
                cursor.execute("USE ROLE ACCOUNTADMIN")
        except Exception as error:  # noqa: BLE001: every refusal is listed
            refused.append((shape, sql, str(error)))
    assert not refused, refused
