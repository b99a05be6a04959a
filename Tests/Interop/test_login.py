"""Who gets in, and how."""

import time

import pytest
import snowflake.connector
from conftest import GENERATION, PASSWORD, KeyPair, login
from snowflake.connector.errors import DatabaseError


def one(connection, sql):
    return connection.cursor().execute(sql).fetchone()


@pytest.fixture(scope="module")
def keyed_user(emulator, key_pair):
    with emulator.connect() as connection:
        connection.cursor().execute(
            f"CREATE USER ROBOT TYPE = SERVICE RSA_PUBLIC_KEY = '{key_pair.public_text}'")
    return "ROBOT"


def test_password(emulator):
    with emulator.connect() as connection:
        assert one(connection, "SELECT CURRENT_USER(), CURRENT_ROLE(), CURRENT_ACCOUNT_NAME()") == (
            "SNOWMAKER", "ACCOUNTADMIN", "EMULATOR")


def test_wrong_password_is_390100(emulator):
    with pytest.raises(DatabaseError) as failure:
        emulator.connect(password="nonsense")
    assert "390100" in str(failure.value) or failure.value.errno in (250001, 390100)
    assert "Incorrect username or password" in str(failure.value)


def test_unknown_role_is_refused(emulator):
    with pytest.raises(DatabaseError, match="NOBODY"):
        emulator.connect(role="NOBODY")


def test_role_and_parameters_at_login(emulator):
    with emulator.connect(role="SYSADMIN", session_parameters={"QUERY_TAG": "interop"}) as connection:
        assert one(connection, "SELECT CURRENT_ROLE()") == ("SYSADMIN",)
        shown = connection.cursor(snowflake.connector.DictCursor).execute(
            "SHOW PARAMETERS LIKE 'QUERY_TAG'").fetchone()
        assert (shown["value"], shown["level"]) == ("interop", "SESSION")


def test_key_pair(emulator, keyed_user, key_pair):
    with emulator.connect(user=keyed_user, password=None, private_key=key_pair.private_der,
                          authenticator="SNOWFLAKE_JWT") as connection:
        assert one(connection, "SELECT CURRENT_USER()") == ("ROBOT",)


def test_key_pair_second_key(emulator, keyed_user):
    second = KeyPair()
    with emulator.connect() as connection:
        connection.cursor().execute(f"ALTER USER ROBOT SET RSA_PUBLIC_KEY_2 = '{second.public_text}'")
    with emulator.connect(user=keyed_user, password=None, private_key=second.private_der,
                          authenticator="SNOWFLAKE_JWT") as connection:
        assert one(connection, "SELECT CURRENT_USER()") == ("ROBOT",)


def test_key_pair_wrong_key(emulator, keyed_user):
    with pytest.raises(DatabaseError, match="JWT"):
        emulator.connect(user=keyed_user, password=None, private_key=KeyPair().private_der,
                         authenticator="SNOWFLAKE_JWT")


def test_key_pair_tokens_are_verified(emulator, keyed_user, key_pair):
    def code(**changes):
        token = key_pair.token("ROBOT", **changes)
        return login(emulator, LOGIN_NAME="ROBOT", AUTHENTICATOR="SNOWFLAKE_JWT", TOKEN=token)["code"]
    now = int(time.time())
    assert code() is None
    assert code(issued=now - 600, expires=now - 300) == "394302"
    assert code(issued=now + 600, expires=now + 660) == "394303"
    assert code(issued=now, expires=now + 7200) == "390144"
    assert code(issuer=f"EMULATOR.SOMEBODY.{key_pair.fingerprint}") == "390144"
    assert code(issuer="EMULATOR.ROBOT.SHA256:AAAA") == "394304"
    assert code(algorithm="none") == "394305"
    forged = KeyPair().token("ROBOT", issuer=f"EMULATOR.ROBOT.{key_pair.fingerprint}")
    assert login(emulator, LOGIN_NAME="ROBOT", AUTHENTICATOR="SNOWFLAKE_JWT", TOKEN=forged)["code"] == "390144"
    assert login(emulator, LOGIN_NAME="ROBOT", AUTHENTICATOR="SNOWFLAKE_JWT", TOKEN="x")["code"] == "394306"


def test_disabled_user(emulator):
    with emulator.connect() as connection:
        connection.cursor().execute(f"CREATE USER GONE PASSWORD = '{PASSWORD}' DISABLED = TRUE")
    with pytest.raises(DatabaseError):
        emulator.connect(user="GONE")


def test_expired_session_is_renewed_unnoticed(emulator):
    with emulator.connect() as connection:
        assert one(connection, "SELECT 1") == (1,)
        emulator.control("POST", "/sessions/expire", {})
        assert one(connection, "SELECT 2") == (2,)
    assert any(entry["kind"] == "renewal" for entry in emulator.log())


def test_logout_ends_the_session(emulator):
    before = emulator.control("GET", "/stats")["sessions"]
    connection = emulator.connect()
    assert emulator.control("GET", "/stats")["sessions"] == before + 1
    connection.close()
    assert emulator.control("GET", "/stats")["sessions"] == before
