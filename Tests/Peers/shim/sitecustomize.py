"""Sends every Snowflake connection of this process to the emulator whose port is in SNOWMAKER_EMULATOR_PORT.

Python imports this module at start-up when its folder is on PYTHONPATH. The tools under test offer no way to name
another host; nothing but the connection's host, port and protocol is changed.
"""

import builtins
import functools
import os
import sys

PORT = os.environ.get("SNOWMAKER_EMULATOR_PORT")
original_import = builtins.__import__


def redirect(connection_class):
    connect = connection_class.__init__

    @functools.wraps(connect)
    def to_emulator(self, *args, **options):
        options.pop("region", None)
        options.update(host="127.0.0.1", port=int(PORT), protocol="http")
        connect(self, *args, **options)

    connection_class.__init__ = to_emulator


def watching_import(name, *args, **kwargs):
    module = original_import(name, *args, **kwargs)
    connection = sys.modules.get("snowflake.connector.connection")
    found = getattr(connection, "SnowflakeConnection", None)
    if found is not None:
        builtins.__import__ = original_import
        redirect(found)
    return module


if PORT:
    builtins.__import__ = watching_import
