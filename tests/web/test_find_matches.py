"""`CodeSystem/$find-matches` over HTTP: by words, by properties, by both."""

from __future__ import annotations

import pytest

from tests.web.client import Client

OPERATION = "CodeSystem/$find-matches"


def post(client: Client, *properties: tuple[str, str, object], status: int = 200, **plain: object):
    rows = [
        {"name": "property", "part": [{"name": "code", "valueCode": name}, {"name": "value", key: value}]}
        for name, key, value in properties
    ]
    keys = {bool: "valueBoolean", int: "valueInteger", str: "valueString"}
    rows += [{"name": name, keys[type(value)]: value} for name, value in plain.items()]
    return client.ask(f"{client.base}/{OPERATION}", "POST", {"resourceType": "Parameters", "parameter": rows}, status=status)


def found(reply):
    matches = []
    for part in reply.values("match"):
        lacking = [each["part"][0]["valueCode"] for each in part if each["name"] == "unmatched"]
        matches.append((part[0]["valueCoding"]["code"], lacking))
    return matches


def test_words_find_ranked_codes_with_the_reasons(both: Client):
    reply = both.operation(OPERATION, text="heart attack", count=5)
    assert next(code for code, _ in found(reply)).startswith("I21")
    assert reply.value("total") > 5
    first = reply.values("match")[0]
    reasons = [part["part"] for part in first if part["name"] == "why"]
    assert reasons
    assert reasons[0][0]["name"] == "field"
    assert [part["valueString"] for part in first if part["name"] == "comment"]
    assert reply.body == both.operation(OPERATION, method="POST", text="heart attack", count=5).body


def test_pages_follow_each_other(client: Client):
    whole = found(client.operation(OPERATION, text="fracture", count=30))
    halves = [found(client.operation(OPERATION, text="fracture", count=15, offset=at)) for at in (0, 15)]
    assert halves[0] + halves[1] == whole


def test_exact_matches_have_every_property(client: Client):
    reply = post(
        client,
        ("parent", "valueCode", "M61.05"),
        ("laterality", "valueCode", "right"),
        ("billable", "valueBoolean", True),
        exact=True,
    )
    assert found(reply) == [("M61.051", [])]
    assert reply.value("total") == 1


def test_codes_with_more_of_the_properties_come_first_and_say_what_they_lack(client: Client):
    wanted = (("parent", "valueCode", "M61.05"), ("laterality", "valueCode", "right"))
    matches = found(post(client, *wanted, count=3))
    assert matches[0] == ("M61.051", [])
    assert [lacking for _, lacking in matches[1:]] == [["laterality"]] * 2 or all(len(each) == 1 for _, each in matches[1:])


def test_words_within_properties_find_only_codes_that_have_them(client: Client):
    reply = post(client, ("chapter", "valueCode", "13"), ("billable", "valueBoolean", True), text="thigh right", count=50)
    codes = [code for code, _ in found(reply)]
    assert codes
    assert all(code.startswith("M") for code in codes)


@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ("", 400, "missing-parameter"),
        ("text=x&compositional=true", 400, "bad-parameter"),
        ("text=x&count=0", 400, "bad-parameter"),
        ("text=x&count=1001", 400, "bad-parameter"),
        ("text=x&system=http://loinc.org", 404, "unknown-system"),
        ("text=x&property=billable", 400, "bad-parameter"),
        ("text=" + "x" * 401, 400, "query-too-long"),
    ],
)
def test_bad_questions_are_refused_with_what_is_wrong(client: Client, query, status, detail):
    assert client.ask(f"/fhir/r4/{OPERATION}?{query}", status=status).details() == [detail]


def test_an_unknown_property_is_refused_by_name(client: Client):
    reply = post(client, ("colour", "valueCode", "red"), status=422)
    assert reply.details() == ["unknown-property"]
    assert post(client, ("billable", "valueString", ""), status=400).details() == ["missing-parameter"]


def test_a_call_on_a_release_asks_that_release(client: Client):
    reply = client.operation(OPERATION, at="icd-10-cm-2026-04-01", text="m61.051")
    assert found(reply) == [("M61.051", [])]
    assert "immutable" in reply.headers["cache-control"]
