"""The SQL API, /api/v2/statements, with each kind of token."""

import time
import uuid

import pytest
from conftest import PASSWORD, Emulator


@pytest.fixture(scope="module")
def emulator(key_pair):
    running = Emulator("--chunk-rows", "3")
    with running.connect() as connection:
        cursor = connection.cursor()
        for sql in ["CREATE ROLE READER", f"CREATE USER API TYPE = SERVICE RSA_PUBLIC_KEY = '{key_pair.public_text}'",
                    "GRANT ROLE READER TO USER API", "GRANT ROLE SYSADMIN TO USER API"]:
            cursor.execute(sql)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def call(emulator, key_pair):
    def call(method, path, body=None, token=None, kind="KEYPAIR_JWT"):
        headers = {"Authorization": "Bearer " + (token or key_pair.token("API")), "User-Agent": "interop/1.0"}
        if kind:
            headers["X-Snowflake-Authorization-Token-Type"] = kind
        return emulator.request(method, "/api/v2/statements" + path, body, headers)
    return call


def test_synchronous(call):
    status, _, answer = call("POST", "", {"statement": "SELECT CURRENT_USER() AS U, CURRENT_ROLE() AS R, TRUE AS B",
                                          "role": "READER"})
    assert (status, answer["code"], answer["sqlState"]) == (200, "090001", "00000")
    assert answer["data"] == [["API", "READER", "true"]]
    metadata = answer["resultSetMetaData"]
    assert (metadata["numRows"], metadata["format"]) == (1, "jsonv2")
    assert [column["name"] for column in metadata["rowType"]] == ["U", "R", "B"]


def test_failure_is_422(call):
    status, _, answer = call("POST", "", {"statement": "DROP ROLE MISSING"})
    assert (status, answer["code"], answer["sqlState"]) == (422, "002003", "02000")
    assert answer["statementHandle"]


def test_asynchronous(call):
    status, _, answer = call("POST", "?async=true", {"statement": "SELECT SYSTEM$WAIT(1)"})
    assert (status, answer["code"]) == (202, "333334")
    assert call("GET", "/" + answer["statementHandle"])[0] == 202
    time.sleep(1.3)
    status, _, done = call("GET", "/" + answer["statementHandle"])
    assert (status, done["data"]) == (200, [["waited 1 seconds"]])


def test_partitions(call):
    status, headers, answer = call("POST", "", {"statement": "SHOW ROLES", "role": "SYSADMIN"})
    parts = answer["resultSetMetaData"]["partitionInfo"]
    assert len(parts) > 1 and len(answer["data"]) == 3 == parts[0]["rowCount"]
    rows = list(answer["data"])
    for number in range(1, len(parts)):
        status, headers, part = call("GET", f"/{answer['statementHandle']}?partition={number}")
        assert status == 200 and 'rel="prev"' in headers["Link"] and part.keys() == {"data"}
        rows += part["data"]
    assert len(rows) == answer["resultSetMetaData"]["numRows"] == len({row[1] for row in rows})
    assert call("GET", f"/{answer['statementHandle']}?partition={len(parts)}")[0] == 422


def test_cancel(call):
    handle = call("POST", "?async=true", {"statement": "SELECT SYSTEM$WAIT(30)"})[2]["statementHandle"]
    time.sleep(0.2)
    status, _, answer = call("POST", f"/{handle}/cancel")
    assert (status, answer["code"]) == (200, "000604")
    time.sleep(0.2)
    status, _, answer = call("GET", "/" + handle)
    assert (status, answer["code"]) == (422, "000604")


def test_repeated_request_is_not_run_twice(call):
    request = uuid.uuid4()
    first = call("POST", f"?requestId={request}&retry=true", {"statement": "CREATE ROLE ONCE", "role": "SYSADMIN"})
    again = call("POST", f"?requestId={request}&retry=true", {"statement": "CREATE ROLE ONCE", "role": "SYSADMIN"})
    assert first[2]["statementHandle"] == again[2]["statementHandle"] and first[0] == again[0]


def test_several_statements(call):
    status, _, answer = call("POST", "", {"statement": "SELECT 1; SELECT 2", "parameters": {"multi_statement_count": "2"}})
    assert status == 200 and len(answer["statementHandles"]) == 2
    assert call("GET", "/" + answer["statementHandles"][1])[2]["data"] == [["2"]]


def test_bindings(call):
    bindings = {"1": {"type": "TEXT", "value": "it's"}, "2": {"type": "FIXED", "value": "7"}}
    assert call("POST", "", {"statement": "SELECT ?, ?", "bindings": bindings})[2]["data"] == [["it's", "7"]]


def test_timeout_is_408(call):
    status, _, answer = call("POST", "", {"statement": "SELECT SYSTEM$WAIT(5)", "timeout": 1})
    assert (status, answer["code"]) == (408, "000630")


def test_refusals(call, emulator):
    assert call("POST", "", {"statement": "USE ROLE READER"})[0] == 422
    assert call("POST", "", {"statement": "SELECT 1", "color": "red"})[2]["code"] == "390142"
    assert call("POST", "", {"statement": "SELECT 1"}, token="a.b.c")[0] == 401
    assert call("POST", "", {"statement": "SELECT 1"}, token="nonsense", kind="OAUTH")[2]["code"] == "390303"
    assert call("GET", "/01aa0000-0000-0000-0000-000000000000")[2]["code"] == "000709"
    assert call("POST", "", {"statement": "SELECT 1", "role": "reader"})[0] == 401, "names are exact"


def test_other_tokens(call, emulator):
    with emulator.connect() as connection:
        secret = connection.cursor().execute("ALTER USER ADD PAT SQLAPI").fetchone()[1]
    for kind in ["PROGRAMMATIC_ACCESS_TOKEN", None]:
        assert call("POST", "", {"statement": "SELECT CURRENT_USER()"}, secret, kind)[2]["data"] == [["SNOWMAKER"]]
    body = f"grant_type=client_credentials&client_id=SNOWMAKER&client_secret={PASSWORD}"
    token = emulator.request("POST", "/oauth/token-request", body)[2]["access_token"]
    for kind in ["OAUTH", None]:
        assert call("POST", "", {"statement": "SELECT CURRENT_USER()"}, token, kind)[2]["data"] == [["SNOWMAKER"]]


def test_values_and_bindings(call):
    """The values are those of the session protocol: seconds, days, hexadecimal digits."""
    statement = ("SELECT ?, ?, ?, ?, ?, ?, ?, ?, '2026-11-21 15:04:05.123456789 +05:30'::TIMESTAMP_TZ(3), "
                 "'1969-12-31 23:59:58.5'::TIMESTAMP_NTZ, 99999999999999999999999999999999999999, 7 / 2, "
                 "ARRAY_CONSTRUCT(1)")
    values = [("FIXED", "12345678901234567890.10"), ("REAL", "1.5"), ("BOOLEAN", "true"), ("BINARY", "00ff"),
              ("DATE", "-14400000"), ("TIME", "86399999999999"), ("TIMESTAMP_NTZ", "-1500000000"),
              ("TIMESTAMP_TZ", "1795253645123456000 1770")]
    bindings = {str(number): {"type": kind, "value": value} for number, (kind, value) in enumerate(values, 1)}
    status, _, answer = call("POST", "", {"statement": statement, "role": "SYSADMIN", "bindings": bindings,
                                          "parameters": {"json_indent": "0"}})
    assert status == 200, answer
    assert answer["data"] == [[
        "12345678901234567890.10", "1.5", "true", "00FF", "-1", "86399.999999999", "-1.500000000",
        "1795253645.123456000 1770", "1795253645.123 1770", "-1.500000000", "9" * 38, "3.500000", "[1]"]]
    types = [(c["type"], c["precision"], c["scale"]) for c in answer["resultSetMetaData"]["rowType"]]
    assert types == [
        ("fixed", 22, 2), ("real", None, None), ("boolean", None, None), ("binary", None, None), ("date", None, None),
        ("time", 0, 9), ("timestamp_ntz", 0, 9), ("timestamp_tz", 0, 9), ("timestamp_tz", 0, 3),
        ("timestamp_ntz", 0, 9), ("fixed", 38, 0), ("fixed", 7, 6), ("array", None, None)]


def test_malformed_binding(call):
    status, _, answer = call("POST", "", {"statement": "SELECT ?", "role": "SYSADMIN",
                                          "bindings": {"1": {"type": "TIMESTAMP_NTZ", "value": "noon"}}})
    assert (status, answer["code"]) == (422, "001003")
