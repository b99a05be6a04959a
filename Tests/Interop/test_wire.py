"""The wire itself: connections, compression, batches, failures of the process; and the resource API by hand."""

import gzip
import http.client
import json
import threading
import uuid

import pytest
from conftest import GENERATION, PASSWORD, Emulator, login
from snowflake.connector.errors import ProgrammingError


@pytest.fixture(scope="module")
def token(emulator):
    return login(emulator, LOGIN_NAME="SNOWMAKER", PASSWORD=PASSWORD)["data"]["token"]


def statement(emulator, token, sql, connection=None, **more):
    headers = {"Authorization": f'Snowflake Token="{token}"', "Content-Type": "application/json"}
    path = f"/queries/v1/query-request?requestId={uuid.uuid4()}"
    body = json.dumps({"sqlText": sql, **more})
    if connection is None:
        return emulator.request("POST", path, body, headers)[2]
    connection.request("POST", path, body, headers)
    return json.loads(connection.getresponse().read())


def test_a_connection_is_kept(emulator, token):
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=20)
    connection.connect()
    port = connection.sock.getsockname()
    for _ in range(3):
        assert statement(emulator, token, "SELECT 1", connection)["success"]
        assert connection.sock.getsockname() == port
    connection.close()


def test_64_connections_at_once(emulator, token):
    emulator.control("PUT", "/faults", {"statement_latency_ms": 1000})
    emulator.control("DELETE", "/log")
    try:
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(statement(emulator, token, "SELECT 1")))
                   for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer["success"] for answer in answers] == [True] * 64
        # They ran side by side: one after the other they would never have been this many.
        assert emulator.control("GET", "/stats")["max_in_flight"] > 32
    finally:
        emulator.control("PUT", "/faults", {})


def test_gzip_in_both_directions(emulator, token):
    headers = {"Authorization": f'Snowflake Token="{token}"', "Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
    body = gzip.compress(json.dumps({"sqlText": f"SELECT '{'x' * 20_000}'"}).encode())
    status, answered, data = emulator.request("POST", "/queries/v1/query-request", body, headers)
    assert status == 200
    assert answered["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(data))["data"]["rowset"] == [["x" * 20_000]]


def test_a_body_that_is_too_large_is_refused_with_an_envelope(emulator, token):
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=60)
    connection.request("POST", "/queries/v1/query-request", b" " * ((64 << 20) + 1))
    answer = connection.getresponse()
    assert answer.status == 413
    envelope = json.loads(answer.read())
    assert (envelope["code"], envelope["success"], envelope["data"]) == ("390400", False, None)
    connection.close()


def test_failing_batch_names_the_statement_in_its_text(emulator):
    with emulator.connect() as connection:
        with pytest.raises(ProgrammingError) as caught:
            connection.cursor().execute("CREATE ROLE KEPT;\nDROP ROLE NOT_THERE;\nCREATE ROLE NEVER", num_statements=3)
        assert (caught.value.errno, caught.value.sqlstate) == (100132, "P0000")
        assert 'failed on statement "DROP ROLE NOT_THERE" (at line 2, position 0)' in str(caught.value)
        assert "Role 'NOT_THERE' does not exist or not authorized." in str(caught.value)
        cursor = connection.cursor()
        assert len(cursor.execute("SHOW ROLES LIKE 'KEPT'").fetchall()) == 1
        assert cursor.execute("SHOW ROLES LIKE 'NEVER'").fetchall() == []


def test_sql_api_takes_json_only(emulator):
    headers = {"Authorization": "Bearer x", "User-Agent": "test/1", "Content-Type": "text/plain"}
    status, _, answer = emulator.request("POST", "/api/v2/statements", '{"statement": "SELECT 1"}', headers)
    assert (status, answer["code"]) == (415, "390415")


@pytest.mark.parametrize("moment, kept", [("before", False), ("after", True), ("during", True)])
def test_killed_and_started_again(tmp_path, moment, kept):
    data = str(tmp_path / "account.db")
    first = Emulator("--data", data)
    token = login(first, LOGIN_NAME="SNOWMAKER", PASSWORD=PASSWORD)["data"]["token"]
    first.control("PUT", "/faults", {"faults": [{"kind": "kill", "when": moment, "containing": "role lost"}]})
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        statement(first, token, "CREATE ROLE LOST")
    assert first.process.wait(20) == -9
    second = Emulator("--data", data)
    try:
        with second.connect() as connection:
            assert len(connection.cursor().execute("SHOW ROLES LIKE 'LOST'").fetchall()) == (1 if kept else 0)
    finally:
        second.stop()


@pytest.mark.skipif(GENERATION < 5, reason="no connector is involved: once is enough")
def test_resources_by_hand(emulator, token):
    headers = {"Authorization": f'Snowflake Token="{token}"'}

    def ask(method, path, body=None, expect=200):
        status, _, answer = emulator.request(method, "/api/v2/" + path, body, headers)
        assert status == expect, answer
        return answer

    for sql in ["CREATE DATABASE RES", "CREATE SCHEMA RES.S", "CREATE TABLE RES.S.T (A INT)", "CREATE ROLE RES_R",
                "CREATE DATABASE ROLE RES.DR"]:
        assert statement(emulator, token, sql)["success"]
    ask("DELETE", "databases/RES/schemas/S")
    ask("POST", "databases/RES/schemas/S:undrop")
    ask("POST", "databases/RES/schemas/S:clone", {"name": "S2"})
    assert {row["name"] for row in ask("GET", "databases/RES/schemas")} >= {"S", "S2"}
    ask("POST", "databases/RES:clone?createMode=ifNotExists", {"name": "RES2"})
    assert ask("GET", "databases/RES2")["name"] == "RES2"
    ask("POST", "databases/RES/schemas/S/tables/T:clone?targetSchema=S2", {"name": "T2"})
    assert [row["name"] for row in ask("GET", "databases/RES/schemas/S2/tables")] == ["T", "T2"]
    future = {"securable_type": "table", "containing_scope": {"database": "RES", "schema": "S"}, "privileges": ["SELECT"]}
    ask("POST", "roles/RES_R/future-grants", future)
    (grant,) = ask("GET", "roles/RES_R/future-grants")
    assert (grant["privilege"], grant["grant_on"], grant["name"]) == ("SELECT", "TABLE", "RES.S.<TABLE>")
    ask("POST", "roles/RES_R/future-grants:revoke", future)
    assert ask("GET", "roles/RES_R/future-grants") == []
    ask("POST", "roles/RES_R/grants", {**future, "privileges": ["INSERT"]})  # on all tables that are there
    assert [grant["privileges"] for grant in ask("GET", "roles/RES_R/grants")] == [["INSERT"]]
    on_schema = {"securable_type": "schema", "securable": {"database": "RES", "name": "S"}, "privileges": ["USAGE"]}
    ask("POST", "databases/RES/database-roles/DR/grants", on_schema)
    assert ["USAGE"] in [grant["privileges"] for grant in ask("GET", "databases/RES/database-roles/DR/grants")]
    ask("POST", "databases/RES/database-roles/DR/grants:revoke?mode=cascade", on_schema)
    ask("POST", "roles/RES_R/grants", {"securable_type": "table", "containing_scope": {}, "privileges": ["x; DROP"]}, 400)
    ask("POST", "roles/RES_R/future-grants", {"securable_type": "table", "privileges": ["SELECT"]}, 400)
