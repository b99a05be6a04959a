"""Which value counts when files, variables and options disagree: snowmaker, the snow command line and the connector are
started on the same files, and log in to the emulator with what each of them found."""

import json
import os
import subprocess
import sys

import pytest
from conftest import PASSWORD

WHO = "SELECT CURRENT_USER() AS U, CURRENT_ROLE() AS R, CURRENT_WAREHOUSE() AS W, CURRENT_DATABASE() AS D"

# What the connector gives for a connection's name, or the default one.
CONNECTOR = """
import json, os, sys
import snowflake.connector
arguments = {"connection_name": sys.argv[1]} if len(sys.argv) > 1 else {}
with snowflake.connector.connect(**arguments) as connection:
    row = connection.cursor().execute(os.environ["WHO"]).fetchone()
print(json.dumps(dict(zip("URWD", row))))
"""


@pytest.fixture(scope="module")
def account(emulator):
    with emulator.connect() as connection:
        for sql in ["CREATE WAREHOUSE IF NOT EXISTS WFILE", "CREATE WAREHOUSE IF NOT EXISTS WVARIABLE",
                    "CREATE DATABASE IF NOT EXISTS DFILE", "CREATE DATABASE IF NOT EXISTS DVARIABLE",
                    "CREATE ROLE IF NOT EXISTS RFILE", "CREATE ROLE IF NOT EXISTS RVARIABLE",
                    "GRANT ROLE RFILE TO USER SNOWMAKER", "GRANT ROLE RVARIABLE TO USER SNOWMAKER"]:
            connection.cursor().execute(sql)
        for role in ("RFILE", "RVARIABLE"):
            for thing in ("WAREHOUSE WFILE", "WAREHOUSE WVARIABLE", "DATABASE DFILE", "DATABASE DVARIABLE"):
                connection.cursor().execute(f"GRANT USAGE ON {thing} TO ROLE {role}")
    return emulator


class Place:
    """A home folder with files of connections, and the three tools on it."""

    def __init__(self, folder, emulator):
        self.home, self.port = folder, emulator.port
        self.variables = {}
        (folder / ".snowflake").mkdir(mode=0o700)

    def connection(self, **further):
        values = {"account": "emulator", "user": "SNOWMAKER", "password": PASSWORD, "host": "127.0.0.1",
                  "port": self.port, "protocol": "http", **further}
        return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items() if value is not None)

    def write(self, name, text, mode=0o600):
        path = self.home / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def run(self, *command):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "WHO": WHO, "LANG": "C.UTF-8",
                       "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true", **self.variables}
        return subprocess.run(
            command, env=environment, cwd=self.home, capture_output=True, text=True, timeout=120)

    def ours(self, *arguments):
        return self.run(os.environ["SNOWMAKER_BINARY"], "query", WHO, "--format", "json", *arguments)

    def snow(self, *arguments):
        return self.run(os.environ["SNOW_BINARY"], "sql", "-q", WHO, "--format", "json", *arguments)

    def connector(self, *arguments):
        return self.run(sys.executable, "-c", CONNECTOR, *arguments)


@pytest.fixture
def place(tmp_path, account):
    return Place(tmp_path, account)


def row(done):
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    return tuple((found[0] if isinstance(found, list) else found)[key] for key in "URWD")


def same(place, *name, options=()):
    """What all three found, which must be the same; options are for the two command lines."""
    ours = row(place.ours(*(["-c", *name] if name else []), *options))
    assert row(place.snow(*(["-c", *name] if name else []), *options)) == ours
    if not options:
        assert row(place.connector(*name)) == ours
    return ours


def test_connections_toml_replaces_the_connections_of_config_toml(place):
    place.write(".snowflake/config.toml",
                "[connections.a]\n" + place.connection(role="RVARIABLE", warehouse="WVARIABLE")
                + "[connections.hidden]\n" + place.connection())
    assert same(place, "a")[:3] == ("SNOWMAKER", "RVARIABLE", "WVARIABLE")
    place.write(".snowflake/connections.toml", "[a]\n" + place.connection(role="RFILE"))
    assert same(place, "a")[:3] == ("SNOWMAKER", "RFILE", None)
    for done in (place.ours("-c", "hidden"), place.snow("-c", "hidden"), place.connector("hidden")):
        assert done.returncode != 0 and "hidden" in done.stdout + done.stderr


def test_the_default_connection(place):
    place.write(".snowflake/config.toml", 'default_connection_name = "b"\n')
    place.write(".snowflake/connections.toml",
                "[a]\n" + place.connection(role="RVARIABLE") + "[b]\n" + place.connection(role="RFILE")
                + "[default]\n" + place.connection(role="PUBLIC"))
    assert same(place)[1] == "RFILE"
    place.variables["SNOWFLAKE_DEFAULT_CONNECTION_NAME"] = "a"
    assert same(place)[1] == "RVARIABLE"
    del place.variables["SNOWFLAKE_DEFAULT_CONNECTION_NAME"]
    place.write(".snowflake/config.toml", "")
    assert same(place)[1] == "PUBLIC"


def test_a_variable_holds_all_connections(place):
    place.write(".snowflake/connections.toml", "[a]\n" + place.connection(role="RFILE"))
    place.variables["SNOWFLAKE_CONNECTIONS"] = "[a]\n" + place.connection(role="RVARIABLE")
    assert row(place.ours("-c", "a")) == row(place.connector("a"))
    assert row(place.ours("-c", "a"))[1] == "RVARIABLE"


def test_variables_of_a_connection_and_of_all(place):
    """What the connector does not know: snow's variables."""
    place.write(".snowflake/connections.toml", "[a]\n" + place.connection(role="RFILE", warehouse="WFILE"))
    place.variables.update({
        "SNOWFLAKE_CONNECTIONS_A_ROLE": "RVARIABLE", "SNOWFLAKE_WAREHOUSE": "WVARIABLE", "SNOWFLAKE_DATABASE": "DVARIABLE"})
    ours = row(place.ours("-c", "a"))
    # The connection's own variable goes before the file, the general one only fills what is missing.
    assert ours == ("SNOWMAKER", "RVARIABLE", "WFILE", "DVARIABLE")
    assert row(place.snow("-c", "a")) == ours
    options = ("--role", "PUBLIC", "--database", "DFILE")
    ours = row(place.ours("-c", "a", *options))
    assert ours[1] == "PUBLIC"
    assert row(place.snow("-c", "a", *options)) == ours


def test_a_connection_of_variables_alone(place):
    place.variables.update({
        "SNOWFLAKE_ACCOUNT": "emulator", "SNOWFLAKE_USER": "SNOWMAKER", "SNOWFLAKE_PASSWORD": PASSWORD,
        "SNOWFLAKE_HOST": "127.0.0.1", "SNOWFLAKE_PORT": str(place.port), "SNOWFLAKE_PROTOCOL": "http",
        "SNOWFLAKE_ROLE": "RVARIABLE"})
    ours = row(place.ours())
    assert ours[:2] == ("SNOWMAKER", "RVARIABLE")
    assert row(place.snow("-x")) == ours


def test_the_folder(place):
    place.write("elsewhere/connections.toml", "[a]\n" + place.connection(role="RVARIABLE"))
    place.write(".snowflake/connections.toml", "[a]\n" + place.connection(role="RFILE"))
    assert same(place, "a")[1] == "RFILE"
    place.variables["SNOWFLAKE_HOME"] = str(place.home / "elsewhere")
    assert same(place, "a")[1] == "RVARIABLE"
    del place.variables["SNOWFLAKE_HOME"]
    (place.home / ".snowflake" / "connections.toml").unlink()
    (place.home / ".snowflake").rename(place.home / "gone")
    place.variables["XDG_CONFIG_HOME"] = str(place.home / "xdg")
    place.write("xdg/x", "")
    place.write("xdg/snowflake/connections.toml", "[a]\n" + place.connection(role="PUBLIC"))
    assert row(place.ours("-c", "a")) == row(place.connector("a"))
    assert row(place.ours("-c", "a"))[1] == "PUBLIC"


def test_keys_by_their_usual_names(place, key_pair, account):
    with account.connect() as connection:
        connection.cursor().execute(f"CREATE USER IF NOT EXISTS KEYED RSA_PUBLIC_KEY = '{key_pair.public_text}'")
    (place.home / "key.p8").write_bytes(key_pair.private_pem)
    (place.home / "key.p8").chmod(0o600)
    common = dict(user="KEYED", password=None, authenticator="SNOWFLAKE_JWT")
    place.write(".snowflake/connections.toml",
                "[file]\n" + place.connection(private_key_file=str(place.home / "key.p8"), **common)
                + "[path]\n" + place.connection(private_key_path=str(place.home / "key.p8"), **common))
    assert row(place.ours("-c", "file")) == row(place.snow("-c", "file")) == row(place.connector("file"))
    assert row(place.ours("-c", "path")) == row(place.snow("-c", "path"))


def test_files_that_others_can_read(place):
    """The connector warns, as we do; snow refuses."""
    place.write(".snowflake/connections.toml", "[a]\n" + place.connection(role="RFILE"), mode=0o644)
    ours = place.run(os.environ["SNOWMAKER_BINARY"], "connection", "show", "a")
    assert ours.returncode == 0 and "others can read it" in ours.stderr and "chmod 0600" in ours.stderr
    connector = place.connector("a")
    assert connector.returncode == 0 and "0600" in connector.stderr
    assert place.snow("-c", "a").returncode != 0
