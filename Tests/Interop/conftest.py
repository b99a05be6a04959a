"""Starts `snowmaker emulator` and gives tests connections of whichever connector is installed."""

import base64
import contextlib
import hashlib
import http.client
import json
import os
import re
import signal
import subprocess
import time

import pytest
import snowflake.connector
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

GENERATION = int(snowflake.connector.__version__.split(".")[0])
PASSWORD = "interop-Passw0rd"


class Emulator:
    """A running emulator process."""

    def __init__(self, *options, environment=None):
        command = [os.environ["SNOWMAKER_BINARY"], "emulator", "--password-env", "INTEROP_PASSWORD",
                   "--control-port", "0", *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "INTEROP_PASSWORD": PASSWORD, **(environment or {})})
        self.said = ""
        while "Ctrl-C" not in self.said:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"the emulator ended: {self.said}{self.process.stderr.read()}")
            self.said += line
        self.port = self._port(r"http://127\.0\.0\.1:(\d+)")
        self.control_port = self._port(r"[Cc]ontrol[^\n]*127\.0\.0\.1:(\d+)")
        self.tls_port = self._port(r"https://127\.0\.0\.1:(\d+)")
        self.proxy_port = self._port(r"[Pp]roxy[^\n]*127\.0\.0\.1:(\d+)")

    def _port(self, pattern):
        found = re.search(pattern, self.said)
        return int(found.group(1)) if found else None

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err

    def connect(self, **options):
        return snowflake.connector.connect(**{**self.options(), **options})

    def options(self):
        return {"account": "emulator", "user": "SNOWMAKER", "password": PASSWORD, "host": "127.0.0.1",
                "port": self.port, "protocol": "http", "login_timeout": 20}

    def request(self, method, path, body=None, headers=None, port=None):
        """One plain HTTP request: (status, headers, body as JSON or bytes)."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=30)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers = {"Content-Type": "application/json", **(headers or {})}
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        with contextlib.suppress(ValueError):
            data = json.loads(data)
        return answer.status, answer.headers, data

    def control(self, method, path, body=None):
        status, _, data = self.request(method, path, body, port=self.control_port)
        assert status == 200, data
        return data

    def log(self):
        return self.control("GET", "/log")


@pytest.fixture(scope="module")
def emulator():
    """One emulator for the tests of a file."""
    running = Emulator()
    yield running
    status, _, err = running.stop()
    assert status in (0, 130), err


@pytest.fixture
def connection(emulator):
    with emulator.connect() as connection:
        yield connection


@pytest.fixture
def cursor(connection):
    with connection.cursor() as cursor:
        yield cursor


class KeyPair:
    """An RSA key and the tokens it signs."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def private_der(self):
        return self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    @property
    def private_pem(self):
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    @property
    def public_der(self):
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    @property
    def public_text(self):
        return base64.b64encode(self.public_der).decode()

    @property
    def fingerprint(self):
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.public_der).digest()).decode()

    def token(self, user, *, issuer=None, issued=None, expires=None, algorithm="RS256"):
        def part(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")
        now = int(time.time())
        claims = {"iss": issuer or f"EMULATOR.{user}.{self.fingerprint}", "sub": f"EMULATOR.{user}",
                  "iat": issued or now, "exp": expires or now + 60}
        signed = part({"typ": "JWT", "alg": algorithm}) + b"." + part(claims)
        signature = self.key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


@pytest.fixture(scope="module")
def key_pair():
    return KeyPair()


def login(emulator, **data):
    """A login as the connectors send it, by hand: the envelope of the answer."""
    body = {"data": {"CLIENT_APP_ID": "PythonConnector", "CLIENT_APP_VERSION": "4.8.1", "ACCOUNT_NAME": "emulator",
                     "CLIENT_ENVIRONMENT": {}, "SESSION_PARAMETERS": {}, **data}}
    status, _, envelope = emulator.request("POST", "/session/v1/login-request", body)
    assert status == 200
    return envelope
