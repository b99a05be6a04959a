"""`snowmaker schema` judged by a validator that others wrote: what `snowmaker validate` takes, an editor takes too."""

import json
import os
import pathlib
import re
import subprocess

import jsonschema
import pytest
import yaml

SNOWMAKER = os.environ["SNOWMAKER_BINARY"]
ROOT = pathlib.Path(__file__).resolve().parents[3]


class Loader(yaml.SafeLoader):
    """YAML 1.2's truth values; dates are text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if not tag.endswith((":bool", ":timestamp"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false|True|False|TRUE|FALSE)$"), list("tTfF"))
Loader.add_constructor("!secret", lambda loader, node: loader.construct_scalar(node))


def run(*arguments):
    return subprocess.run([SNOWMAKER, *arguments], capture_output=True, text=True, timeout=120)


def validator(*options):
    schema = json.loads(run("schema", *options).stdout)
    kind = jsonschema.validators.validator_for(schema)
    assert kind is jsonschema.Draft202012Validator
    kind.check_schema(schema)
    return kind(schema)


@pytest.fixture(scope="module")
def resources():
    return validator()


@pytest.fixture(scope="module")
def project():
    return validator("--project")


def problems(judge, text):
    return [error.message for error in judge.iter_errors(yaml.load(text, Loader))]


EXAMPLES = sorted(ROOT.glob("docs/examples/quickstart/*.yml")) + sorted(ROOT.glob("docs/examples/embedding/*/*.yml"))
SNIPPETS = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/configuration.md").read_text(), re.S)


def test_examples_and_snippets_were_found():
    assert len(EXAMPLES) >= 4 and len(SNIPPETS) >= 8


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_fit(resources, path):
    assert problems(resources, path.read_text()) == []


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_what_the_documentation_shows_fits(resources, project, number):
    text = SNIPPETS[number]
    keys = yaml.load(text, Loader).keys()
    if "lifecycle" in keys:  # a part of a resource
        text = "warehouses:\n  - name: x\n" + "".join(f"    {line}\n" for line in text.splitlines())
    assert problems(project if "targets" in keys else resources, text) == []


WRITTEN = [
    "stages: [{name: d.s.a, file_format: d.s.f}, {name: d.s.b, file_format: {type: CSV, skip_header: 1}}]",
    "grants: [{priv: usage, on_warehouse: w, to: [a, d.b]}, {privs: [select], on: table d.s.t, to: r}]",
    "role_grants: [{roles: [a, b], to_user: u}, {role: a, to: [x, y]}]",
    "warehouses: [{name: w, auto_suspend: '60', auto_resume: 'true', warehouse_size: x-small, tags: {d.s.t: null}}]",
    "warehouses: [w, {name: v, comment: 5}]\nroles: {a: null, b: {comment: x}}",
    "databases: [{name: d, schemas: [s, {name: t, stages: [{name: x}]}], database_roles: [r]}]",
    "users: [{name: u, roles: [a], default_secondary_roles: all, password: !secret env:HOME}]",
    "network_policies: [{name: n, allowed_ip_list: 10.0.0.0/8}]",
    "network_rules: [{name: d.s.r, type: ipv4, mode: ingress, value_list: [10.0.0.0/8]}]",
    "account_parameters: [{name: timezone, value: UTC}]",
    "vars: [{name: n, type: int, default: 3}]\nwarehouses: [{for_each: [a, b], name: '{{ each.value }}'}]",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_valid_fits(resources, tmp_path, text):
    (tmp_path / "a.yml").write_text(text)
    told = run("validate", str(tmp_path))
    assert told.returncode == 0, told.stderr
    assert problems(resources, text) == []


WRONG = [
    "warehose: [w]",
    "warehouses: [{name: w, warehouse_size: huge}]",
    "warehouses: [{name: w, auto_suspnd: 5}]",
    "warehouses: [{name: w, comment: [1]}]",
    "warehouses: [{name: w, auto_suspend: -1}]",
    "warehouses: [{name: w, auto_suspend: soon}]",
    "warehouses: [{name: w, lifecycle: {prevent_destory: true}}]",
    "databases: 7",
    "stages: [{name: d.s.a, file_format: {type: CSV, skip_haeder: 1}}]",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_marked(resources, tmp_path, text):
    (tmp_path / "a.yml").write_text(text)
    assert run("validate", str(tmp_path)).returncode == 1
    assert problems(resources, text) != []
