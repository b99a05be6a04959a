"""OAuth, programmatic access tokens and MFA passcodes, all issued or asked for by the emulator."""

import base64

import pytest
from conftest import PASSWORD, Emulator, login
from snowflake.connector.errors import DatabaseError


@pytest.fixture(scope="module")
def emulator():
    running = Emulator("--passcode", "CAREFUL=123456")
    with running.connect() as connection:
        for sql in ["CREATE ROLE READER", f"CREATE USER CAREFUL PASSWORD = '{PASSWORD}'",
                    f"CREATE USER WORKER PASSWORD = '{PASSWORD}'", "GRANT ROLE READER TO USER WORKER"]:
            connection.cursor().execute(sql)
    yield running
    running.stop()


def add_token(emulator, name, options=""):
    with emulator.connect() as connection:
        row = connection.cursor().execute(
            f"ALTER USER WORKER ADD PROGRAMMATIC ACCESS TOKEN {name} {options}").fetchone()
        assert row[0] == name
        return row[1]


def who(connection):
    with connection:
        return connection.cursor().execute("SELECT CURRENT_USER(), CURRENT_ROLE()").fetchone()


def token_request(emulator, body, client="WORKER", secret=PASSWORD):
    basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
    return emulator.request("POST", "/oauth/token-request", body, {
        "Authorization": "Basic " + basic, "Content-Type": "application/x-www-form-urlencoded"})


def test_access_token_logs_in(emulator):
    secret = add_token(emulator, "FIRST", "ROLE_RESTRICTION = 'READER' DAYS_TO_EXPIRY = 30 COMMENT = 'for CI'")
    assert who(emulator.connect(user="WORKER", password=None, token=secret,
                                authenticator="PROGRAMMATIC_ACCESS_TOKEN")) == ("WORKER", "READER")
    assert who(emulator.connect(user="WORKER", password=secret)) == ("WORKER", "READER")
    with emulator.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("SHOW USER PROGRAMMATIC ACCESS TOKENS FOR USER WORKER")
        rows = [dict(zip([c.name for c in cursor.description], row)) for row in cursor]
        (row,) = [row for row in rows if row["name"] == "FIRST"]
        assert (row["role_restriction"], row["status"], row["comment"]) == ("READER", "ACTIVE", "for CI")
        assert secret not in str(rows)


def test_wrong_access_token_is_394400(emulator):
    answer = login(emulator, LOGIN_NAME="WORKER", AUTHENTICATOR="PROGRAMMATIC_ACCESS_TOKEN", TOKEN="nonsense")
    assert answer["code"] == "394400"
    with pytest.raises(DatabaseError):
        emulator.connect(user="WORKER", password=None, token="nonsense", authenticator="PROGRAMMATIC_ACCESS_TOKEN")


def test_access_token_of_another_user(emulator):
    secret = add_token(emulator, "MINE")
    assert login(emulator, LOGIN_NAME="CAREFUL", AUTHENTICATOR="PROGRAMMATIC_ACCESS_TOKEN",
                 TOKEN=secret)["code"] == "394400"


def test_access_tokens_rotate_and_end(emulator):
    old = add_token(emulator, "TURNING")
    def code(token):
        return login(emulator, LOGIN_NAME="WORKER", AUTHENTICATOR="PROGRAMMATIC_ACCESS_TOKEN", TOKEN=token)["code"]
    with emulator.connect() as connection:
        cursor = connection.cursor()
        row = cursor.execute("ALTER USER WORKER ROTATE PAT TURNING EXPIRE_ROTATED_TOKEN_AFTER_HOURS = 0").fetchone()
        assert (code(row[1]), code(old)) == (None, "394400")
        cursor.execute("ALTER USER WORKER MODIFY PAT TURNING SET DISABLED = TRUE")
        assert code(row[1]) == "394400"
        cursor.execute("ALTER USER WORKER MODIFY PAT TURNING SET DISABLED = FALSE")
        assert code(row[1]) is None
        cursor.execute("ALTER USER WORKER REMOVE PAT TURNING")
        assert code(row[1]) == "394400"


def test_oauth_client_credentials(emulator):
    status, _, answer = token_request(emulator, "grant_type=client_credentials&scope=session%3Arole%3AREADER")
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 600)
    assert who(emulator.connect(user="WORKER", password=None, token=answer["access_token"],
                                authenticator="OAUTH")) == ("WORKER", "READER")
    status, _, fresh = token_request(emulator, "grant_type=refresh_token&refresh_token=" + answer["refresh_token"])
    assert status == 200 and fresh["access_token"] != answer["access_token"]


def test_connector_fetches_its_own_oauth_token(emulator):
    connection = emulator.connect(
        user="WORKER", password=None, authenticator="OAUTH_CLIENT_CREDENTIALS", oauth_client_id="WORKER",
        oauth_client_secret=PASSWORD, oauth_scope="session:role:READER", role="READER",
        oauth_token_request_url=f"http://127.0.0.1:{emulator.port}/oauth/token-request")
    assert who(connection) == ("WORKER", "READER")


def test_oauth_refusals(emulator):
    assert token_request(emulator, "grant_type=client_credentials", secret="wrong")[0] == 401
    assert token_request(emulator, "grant_type=client_credentials&scope=session:role:ACCOUNTADMIN")[2][
        "error"] == "invalid_scope"
    assert token_request(emulator, "grant_type=password")[2]["error"] == "unsupported_grant_type"
    _, _, answer = token_request(emulator, "grant_type=client_credentials")
    def code(user, token):
        return login(emulator, LOGIN_NAME=user, AUTHENTICATOR="OAUTH", TOKEN=token)["code"]
    assert code("CAREFUL", answer["access_token"]) == "390309"
    assert code("WORKER", "nonsense") == "390303"
    emulator.control("POST", "/time/advance", {"seconds": 601})
    assert code("WORKER", answer["access_token"]) == "390318"


def test_passcode(emulator):
    with pytest.raises(DatabaseError, match="MFA"):
        emulator.connect(user="CAREFUL")
    with pytest.raises(DatabaseError, match="MFA"):
        emulator.connect(user="CAREFUL", passcode="000000")
    assert who(emulator.connect(user="CAREFUL", passcode="123456"))[0] == "CAREFUL"
    assert who(emulator.connect(user="CAREFUL", password=PASSWORD + "123456", passcode_in_password=True))[0] == "CAREFUL"


def test_mfa_token_stands_for_the_passcode(emulator):
    asked = {"LOGIN_NAME": "CAREFUL", "PASSWORD": PASSWORD, "SESSION_PARAMETERS": {"CLIENT_REQUEST_MFA_TOKEN": True}}
    first = login(emulator, **asked, PASSCODE="123456", EXT_AUTHN_DUO_METHOD="passcode")
    token = first["data"]["mfaToken"]
    assert token
    assert login(emulator, **asked, TOKEN=token, AUTHENTICATOR="USERNAME_PASSWORD_MFA")["success"]
