"""The OpenAPI description is true: every path of it answers, every route is in it, and no request of its making gets a 5xx."""

from __future__ import annotations

import re
from typing import Any

import pytest
from schemathesis.openapi import from_dict

from icdref.fhir.operations import OPERATIONS
from icdref.web.http import Request
from icdref.web.openapi import document
from tests.contract.fuzzing import Fuzzer, operations_of, takes_input
from tests.web.client import FHIR_JSON, Client

PATH_VALUES = {
    "version": "r4",
    "id": "myositis-ossificans-traumatica",
    "versionId": "0.2.0",
    "code": "M61.051",
    "pair": "2025-10-01..2026-04-01",
    "type": "Composition",
}
CASES = 50


@pytest.fixture(scope="module")
def described(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.raw("/openapi.json").json
    return found


def filled(path: str) -> str:
    values = PATH_VALUES | ({"id": "encounter-start-reference"} if path.startswith("/cds-services") else {})
    return re.sub(r"\{(\w+)\}", lambda name: values[name[1]], path)


def test_the_description_is_openapi_3_1(client: Client, described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": "http://127.0.0.1:8080"}]
    assert len(list(from_dict(described).get_all_operations())) == sum(len(each) for each in described["paths"].values())
    reply = client.raw("/openapi.json")
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert client.raw("/openapi.json", headers={"If-None-Match": reply.headers["etag"]}).status == 304
    assert client.raw("/openapi.json", "POST").status == 405


def test_the_smart_configuration_is_described_where_tokens_are_read(described: dict[str, Any]) -> None:
    more = set(document("https://ehr.example", smart=True)["paths"]) - set(described["paths"])
    assert more == {"/fhir/{version}/.well-known/smart-configuration"}


def test_names_of_operations_are_unique_and_every_reference_resolves(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for each in described["paths"].values() for operation in each.values()]
    assert len(names) == len(set(names))
    references = set(re.findall(r"'#/components/schemas/(\w+)'", str(described)))
    assert references == set(described["components"]["schemas"])


def test_every_path_that_is_described_answers_with_its_methods_and_no_other(client: Client, described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method in ("get", "post", "put", "patch", "delete"):
            kind = {"Content-Type": FHIR_JSON} if method != "get" else {}
            reply = client.raw(filled(path), method.upper(), b"" if method == "post" else None, kind)
            if method not in methods:
                assert reply.status == 405 or b"unknown-path" in reply.body, (method, path, reply.status)
                continue
            assert reply.status != 405, (method, path)
            assert b"unknown-path" not in reply.body, (method, path)
            assert reply.status < 500 or path == "/ready"


def test_every_operation_and_type_of_the_capability_statement_is_described(both: Client, described: dict[str, Any]) -> None:
    rest = both.ask(f"{both.base}/metadata").json["rest"][0]
    paths = described["paths"]
    for row in rest["resource"]:
        kind = row["type"]
        claimed = {each["code"] for each in row["interaction"]}
        reading = next(each for each in paths["/fhir/{version}/{type}/{id}"]["get"]["parameters"] if each["name"] == "type")
        assert kind in reading["schema"]["enum"]
        if "search-type" in claimed:
            named = {each["name"] for each in paths[f"/fhir/{{version}}/{kind}"]["get"]["parameters"]}
            assert {each["name"] for each in row.get("searchParam", [])} <= named
        for operation in row.get("operation", []):
            assert any(path.endswith(f"/${operation['name']}") for path in paths)
    for each in OPERATIONS:
        if each.resource != "Resource":
            levels = [each.system_level, each.type_level, each.instance_level]
            assert sum(path.endswith(f"${each.name}") and f"/{each.resource}" in path for path in paths) >= sum(levels[1:])


def test_every_route_of_the_application_is_described(client: Client, described: dict[str, Any]) -> None:
    patterns = [re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + r"\Z") for path in described["paths"]]
    rules = {rule.rule for rule in client.app.url_map.iter_rules()}
    for rule in rules - {"/static/<path:rest>", "/fhir", "/fhir/", "/cds-services/"}:
        start = rule.replace("<path:rest>", "")
        assert any(pattern.match(rule) or pattern.pattern.startswith(re.escape(start)[:-1]) for pattern in patterns) or any(
            path.startswith(start) for path in described["paths"]
        ), rule


def test_the_fuzzer_would_see_a_fault(client: Client) -> None:
    assert Fuzzer(client.app).fault(Request("GET", "/fhir/r4/Library/none"), 500, b"{}")
    assert Fuzzer(client.app).fault(Request("GET", "/fhir/r4/Library/none"), 404, b"<html>")
    assert Fuzzer(client.app).fault(Request("GET", "/fhir/r4/Library/none"), 404, b'{"resourceType":"OperationOutcome"}') == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", operations_of())
def test_no_request_whatsoever_gets_a_5xx(client: Client, name: str) -> None:
    asked = Fuzzer(client.app).run(name, CASES)
    assert asked >= (CASES // 2 if takes_input(name) else 1)
