"""snowmaker for Python: libsnowmaker.so through ctypes, nothing else needed.

    import snowmaker
    with snowmaker.Project(path="infra") as project, project.deploy(connection="emulator") as deployment:
        plan = deployment.plan()
        print(plan.render("text"))
        deployment.apply(plan)
"""

import ctypes
import json
import os

_EVENT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)
_STATUS = {1: "failed", 2: "invalid", 3: "cancelled"}


class Problem(Exception):
    """What went wrong: `status` is failed, invalid or cancelled; `diagnostics` says what happened and what to do;
    `result` is what a call left behind all the same, as an apply that stopped half-way does."""

    def __init__(self, status, diagnostics, result=None):
        self.status, self.diagnostics, self.result = status, diagnostics, result
        super().__init__("; ".join(". ".join(filter(None, (d["summary"], d.get("detail")))) for d in diagnostics) or status)


def _load(path):
    library = ctypes.CDLL(path)
    library.snowmaker_version.restype = ctypes.c_char_p
    library.snowmaker_text_free.argtypes = [ctypes.c_void_p]
    for kind in ("project", "deployment", "plan"):
        release = getattr(library, f"snowmaker_{kind}_release")
        release.argtypes, release.restype = [ctypes.c_void_p], None
    return library


_library = _load(os.environ.get("SNOWMAKER_LIBRARY", "libsnowmaker.so.1"))


def version():
    """The version of the library that is loaded."""
    return _library.snowmaker_version().decode()


def _text(pointer):
    """The text that a call returned, given back."""
    if not pointer.value:
        return None
    try:
        return ctypes.string_at(pointer.value).decode()
    finally:
        _library.snowmaker_text_free(pointer)
        pointer.value = None


def _call(name, *arguments, result=None):
    problem = ctypes.c_void_p()
    function = getattr(_library, name)
    status = function(*arguments, ctypes.byref(problem))
    text = _text(problem)
    if status:
        left = _text(result) if result is not None else None
        raise Problem(_STATUS.get(status, str(status)), json.loads(text or "[]"), json.loads(left) if left else None)


def _options(options):
    return json.dumps({key: value for key, value in options.items() if value is not None}).encode()


def _listener(on_event):
    # None is a NULL function pointer. The result must be kept alive until the call returns.
    return _EVENT(lambda user, event: on_event(json.loads(event))) if on_event else _EVENT()


class _Handle:
    """Something of the library's that is released at the end of `with`, or with the object."""

    _kind = ""

    def __init__(self, handle):
        self._handle = handle

    def release(self):
        """Lets go of it. Using it afterwards is a Problem, not a crash."""
        if self._handle:
            getattr(_library, f"snowmaker_{self._kind}_release")(self._handle)
            self._handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()

    def __del__(self):
        self.release()


class Project(_Handle):
    """A project for one target. Options: path, target, variables, plugin_dirs, allow_insecure_plugins, isolate,
    allow_network, environment."""

    _kind = "project"

    def __init__(self, **options):
        handle = ctypes.c_void_p()
        super().__init__(None)
        _call("snowmaker_project_load", _options(options), ctypes.byref(handle))
        self._handle = handle

    def _document(self, name):
        text = ctypes.c_void_p()
        _call(f"snowmaker_project_{name}", self._handle, ctypes.byref(text))
        return json.loads(_text(text))

    def validate(self):
        """{"valid": bool, "diagnostics": [...]}, without an account."""
        return self._document("validate")

    def describe(self):
        """Project, target, plugins and declared resources."""
        return self._document("describe")

    def schema(self):
        """The JSON Schema of the resource files."""
        return self._document("schema")

    def deploy(self, **options):
        """Connects. Options: connection, parameters, lanes."""
        handle = ctypes.c_void_p()
        _call("snowmaker_deployment_open", self._handle, _options(options), ctypes.byref(handle))
        return Deployment(handle)


class Deployment(_Handle):
    """A project on an account."""

    _kind = "deployment"

    def plan(self, on_event=None, **options):
        """Reads the account and plans. Options: only, allow_drop, drop_adopted, assume_absent, resend_secrets,
        max_drops."""
        handle, listener = ctypes.c_void_p(), _listener(on_event)
        _call("snowmaker_deployment_plan", self._handle, _options(options), listener, None, ctypes.byref(handle))
        return Plan(handle)

    def load_plan(self, path, **options):
        """A saved plan, held against the account as it is now."""
        handle = ctypes.c_void_p()
        _call(
            "snowmaker_deployment_load_plan", self._handle, os.fsencode(path), _options(options), ctypes.byref(handle))
        return Plan(handle)

    def apply(self, plan, on_event=None, **options):
        """Applies a plan and sees that nothing is left. Options: allow_drop, lanes."""
        text, listener = ctypes.c_void_p(), _listener(on_event)
        _call(
            "snowmaker_deployment_apply", self._handle, plan._handle, _options(options), listener, None,
            ctypes.byref(text), result=text)
        return json.loads(_text(text))

    def cancel(self):
        """Stops what another thread does with this deployment."""
        _library.snowmaker_deployment_cancel(self._handle)


class Plan(_Handle):
    """What is to be done, with the exact SQL."""

    _kind = "plan"

    def render(self, format="text"):
        """The plan as json, text, sql or markdown."""
        text = ctypes.c_void_p()
        _call("snowmaker_plan_render", self._handle, format.encode(), ctypes.byref(text))
        return _text(text)

    @property
    def document(self):
        """The plan as a document."""
        return json.loads(self.render("json"))

    def save(self, path):
        """Writes it to a file that `snowmaker apply FILE` takes."""
        _call("snowmaker_plan_save", self._handle, os.fsencode(path))
