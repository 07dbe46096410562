"""The description of the API: true, and by the binding rules of the NLGov API Design Rules 2.1."""

import re

import pytest

from servicedesk.api.description import document
from servicedesk.api.door import OPERATIONS, VERSION


@pytest.fixture
def told(app, monkeypatch):
    monkeypatch.setitem(app.config, "SITE_URL", "https://servicepunt.example")
    with app.test_request_context():
        return document()


def schemas(value):
    """Every schema with properties that the description holds."""
    if isinstance(value, dict):
        if isinstance(value.get("properties"), dict):
            yield value
        for each in value.values():
            yield from schemas(each)
    elif isinstance(value, list):
        for each in value:
            yield from schemas(each)


def operations(told):
    return [(path, method, each) for path, methods in told["paths"].items() for method, each in methods.items()]


def test_anybody_reads_it(program):
    answer = program(None).get("/openapi.json")
    assert answer.status_code == 200 and answer.json["openapi"] == "3.1.0"


def test_every_operation_is_described_and_every_door_is_an_operation(told, app):
    doors = {
        (re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1")), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, method, _ in operations(told)} == doors
    assert len(doors) == len(OPERATIONS)


def test_version(told):
    """/core/uri-version, /core/semver, /core/version-header; and servers by TLS."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION) and told["info"]["version"] == VERSION
    assert [server["url"] for server in told["servers"]] == ["https://servicepunt.example/api/v1"]
    assert VERSION.split(".")[0] == "1"
    for path, _, each in operations(told):
        for answer in each["responses"].values():
            assert "API-Version" in answer["headers"], path


def test_contact(told):
    """/core/publish-openapi: whom to ask."""
    contact = told["info"]["contact"]
    assert contact["name"] and "@" in contact["email"] and contact["url"].startswith("https://")


def test_paths_and_parameters(told):
    """/core/no-trailing-slash, /core/path-segments-kebab-case, /core/query-keys-camel-case."""
    for path, _, each in operations(told):
        for segment in path.strip("/").split("/"):
            assert re.fullmatch(r"[a-z0-9]+([-.][a-z0-9]+)*|\{[a-z][A-Za-z]*\}", segment), path
        assert not path.endswith("/")
        for parameter in each["parameters"]:
            if parameter["in"] == "query":
                assert re.fullmatch(r"[a-z][A-Za-z0-9]*", parameter["name"])


def test_methods_and_problems(told):
    """/core/http-methods, /core/error-handling."""
    for path, method, each in operations(told):
        assert method in ("get", "post", "put", "patch", "delete"), path
        assert list(each["responses"]["default"]["content"]) == ["application/problem+json"]


def test_names_of_properties_dates_and_moments(told):
    """/core/date-time: what is called a date is one; all is camelCase."""
    for schema in schemas(told):
        for name, each in schema["properties"].items():
            assert re.fullmatch(r"[a-z][A-Za-z0-9]*", name), name
            assert name.endswith("Date") == (each.get("format") == "date"), name
            assert name.endswith("At") == (each.get("format") == "date-time"), name


def test_every_reference_leads_somewhere_and_every_operation_has_a_name_of_its_own(told):
    components = told["components"]["schemas"]
    for found in re.findall(r"'\$ref': '([^']*)'", str(told)):
        assert found.removeprefix("#/components/schemas/") in components
    names = [each["operationId"] for _, _, each in operations(told)]
    assert len(names) == len(set(names))
    assert all(each["tags"] and each["summary"] for _, _, each in operations(told))
