"""Composition/$compare over HTTP."""

from __future__ import annotations

from tests.web.client import Client

PATH = "/fhir/r4/Composition/$compare"


def test_codes_are_compared_in_one_call(client: Client) -> None:
    reply = client.raw(f"{PATH}?code=M61.05&code=M61.25&code=M61.58")
    assert reply.status == 200
    composition = reply.json["entry"][0]["resource"]
    assert composition["type"]["coding"][0]["code"] == "comparison"
    assert [trace["normalized"]["code"] for trace in reply.traces()] == ["M61.05", "M61.25", "M61.58"]
    cards = [entry["resource"]["id"] for entry in reply.json["entry"] if entry["resource"]["resourceType"] == "Library"]
    assert cards == ["myositis-ossificans-traumatica", "neurogenic-heterotopic-ossification", "other-ossification-of-muscle"]


def test_too_few_too_many_and_unknown_codes_are_refused(client: Client) -> None:
    for query, status in (("", 400), ("code=M61.05", 400), ("code=M61.05&code=M61.99", 404)):
        reply = client.raw(f"{PATH}?{query}")
        assert reply.status == status, query
        assert reply.json["resourceType"] == "OperationOutcome"
    many = "&".join(f"code=M61.{number}0" for number in range(7))
    assert client.raw(f"{PATH}?{many}").status == 400


def test_the_operation_is_in_the_capability_statement(client: Client) -> None:
    rest = client.raw("/fhir/r4/metadata").json["rest"][0]
    (composition,) = [each for each in rest["resource"] if each["type"] == "Composition"]
    assert "compare" in [each["name"] for each in composition["operation"]]
    assert client.raw("/fhir/r4/OperationDefinition/Composition-compare").status == 200
