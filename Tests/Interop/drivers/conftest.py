"""The emulator of the suite above, for drivers that others wrote on top of Snowflake's connectors."""

import importlib.util
import pathlib

_spec = importlib.util.spec_from_file_location("suite", pathlib.Path(__file__).resolve().parents[1] / "conftest.py")
_suite = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_suite)

PASSWORD = _suite.PASSWORD
emulator = _suite.emulator
