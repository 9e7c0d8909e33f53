"""`{type}/$validate`: faults of shape, of values and of codes, each with its place; the resource is never kept."""

from __future__ import annotations

from typing import Any

import pytest

from icdref.codes import ICD10CM
from icdref.fhir.xml_writing import to_xml
from tests.web.client import FHIR_XML, Client

MOT = "myositis-ossificans-traumatica"


def condition(**coding: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
        "code": {"coding": [{"system": ICD10CM, "code": "M61.051", **coding}]},
        "subject": {"reference": "Patient/1"},
    }


def issues(client: Client, resource: dict[str, Any], kind: str = "", query: str = "") -> list[dict[str, Any]]:
    reply = client.ask(f"{client.base}/{kind or resource['resourceType']}/$validate{query}", "POST", resource)
    assert reply.json["resourceType"] == "OperationOutcome"
    assert reply.headers["cache-control"] == "no-store"
    found: list[dict[str, Any]] = reply.json["issue"]
    return found


def errors(found: list[dict[str, Any]]) -> list[str]:
    return [issue.get("expression", [""])[0] for issue in found if issue["severity"] in ("error", "fatal")]


def test_a_valid_resource_has_no_issues(both: Client) -> None:
    assert [(each["severity"], each["code"]) for each in issues(both, condition())] == [("information", "informational")]


@pytest.mark.parametrize("kind", ["CodeSystem", "Composition", "Library", "Provenance", "ValueSet", "OperationDefinition"])
def test_what_this_server_serves_is_valid(both: Client, kind: str) -> None:
    for resource in both.search(f"{kind}?_count=3").resources(kind):
        assert errors(issues(both, resource)) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"subject": None}, "Condition.subject"),
        ({"subject": 5}, "Condition.subject"),
        ({"color": "red"}, "Condition.color"),
        ({"onsetDateTime": "yesterday"}, "Condition.onsetDateTime"),
        ({"code": {"coding": {"code": "x"}}}, "Condition.code.coding"),
        ({"code": {"coding": [{"code": 5}]}}, "Condition.code.coding[0].code"),
        ({"contained": [{"resourceType": "Nothing"}]}, "Condition"),
    ],
)
def test_a_fault_of_shape_is_named_with_its_place(both: Client, change: dict[str, Any], place: str) -> None:
    resource = {name: value for name, value in (condition() | change).items() if value is not None}
    found = issues(both, resource)
    assert place in errors(found)
    for each in found:
        assert each["details"]["text"].isprintable()
        assert "class" not in each["details"]["text"]


def test_invariants_and_bindings_are_checked(both: Client) -> None:
    resource = {"resourceType": "ValueSet", "status": "bogus", "compose": {"include": [{"concept": [{"code": "x"}]}]}}
    found = issues(both, resource)
    assert "ValueSet.status" in errors(found)
    assert any("include" in place for place in errors(found))


@pytest.mark.parametrize(
    ("coding", "severity", "code", "place"),
    [
        ({"code": "M61.999"}, "error", "code-invalid", "code"),
        ({"display": "Measles"}, "error", "invalid", "display"),
        ({"code": "M61.05"}, "information", "business-rule", "code"),
        ({"code": "m61051"}, "information", "business-rule", "code"),
        ({"version": "1999"}, "error", "not-found", "version"),
    ],
)
def test_every_icd_10_cm_code_is_checked(both: Client, coding: dict[str, Any], severity: str, code: str, place: str) -> None:
    found = issues(both, condition(**coding))
    assert (severity, code, f"Condition.code.coding[0].{place}") in [
        (each["severity"], each["code"], each.get("expression", [""])[0]) for each in found
    ]


def test_codes_of_other_systems_are_left_alone(both: Client) -> None:
    assert errors(issues(both, condition(system="http://snomed.info/sct", code="no-such-code"))) == []


def test_the_resource_may_come_in_parameters(both: Client) -> None:
    rows = [{"name": "resource", "resource": condition(code="M61.999")}, {"name": "mode", "valueCode": "create"}]
    found = issues(both, {"resourceType": "Parameters", "parameter": rows}, "Condition")
    assert [each["details"]["coding"][-1]["code"] for each in found] == ["read-only", "unknown-code"]
    assert errors(issues(both, condition(), query="?mode=profile")) == []


def test_a_profile_that_is_not_held_is_an_error_and_the_type_itself_is_not(both: Client) -> None:
    assert errors(issues(both, condition(), query="?profile=http://hl7.org/fhir/StructureDefinition/Condition")) == []
    found = issues(both, condition(), query="?profile=http://example.org/p")
    assert [each["details"]["coding"][-1]["code"] for each in found] == ["unknown-profile"]


def test_another_type_is_a_fault_and_not_a_refusal(both: Client) -> None:
    found = issues(both, condition(), "Observation")
    assert [each["details"]["coding"][-1]["code"] for each in found] == ["other-resource"]


def test_xml_is_validated_as_well(both: Client) -> None:
    resource = {"resourceType": "ValueSet", "status": "bogus"}
    reply = both.ask(f"{both.base}/ValueSet/$validate", "POST", to_xml(resource, both.version), content_type=FHIR_XML)
    assert reply.json["issue"] == issues(both, resource)


@pytest.mark.parametrize(
    ("path", "method", "body", "status", "detail"),
    [
        ("Condition/$validate", "GET", None, 405, "wrong-method"),
        ("Condition/$validate", "POST", "", 400, "malformed-body"),
        ("Condition/$validate", "POST", "[]", 400, "malformed-body"),
        ("Condition/$validate?color=red", "POST", "{}", 400, "unsupported-parameter"),
        ("Condition/$validate?mode=x", "POST", "{}", 400, "bad-parameter"),
        ("Nothing/$validate", "POST", "{}", 404, "unknown-path"),
        ("Resource/$validate", "POST", "{}", 404, "unknown-path"),
        ("Condition/1/$validate", "POST", "{}", 404, "unknown-path"),
        ("$validate", "POST", "{}", 404, "unknown-path"),
    ],
)
def test_what_cannot_be_read_is_refused(both: Client, path: str, method: str, body: str | None, status: int, detail: str) -> None:
    reply = both.ask(f"{both.base}/{path}", method, body, content_type="application/fhir+json", status=status)
    assert reply.details() == [detail]


def test_a_type_of_the_other_version_is_unknown(both: Client) -> None:
    status = 404 if both.version == "4.0" else 200
    both.ask(f"{both.base}/ActorDefinition/$validate", "POST", {"resourceType": "ActorDefinition"}, status=status)
