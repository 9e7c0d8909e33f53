"""Every refusal is one and the same shape, and says what is wrong, with the value, and what would be right."""

from __future__ import annotations

import pytest

from tests.contract.odd import Odd
from tests.contract.odd_bodies import CIRCULAR
from tests.contract.odd_requests import ODD_REQUESTS
from tests.contract.outcome import assert_outcome
from tests.web.client import Client


@pytest.mark.parametrize("odd", ODD_REQUESTS, ids=lambda odd: ascii(str(odd))[1:150])
def test_an_odd_request_gets_a_precise_refusal(client: Client, odd: Odd) -> None:
    reply = client.raw(odd.url, odd.method, odd.body, odd.headers)
    client.check(reply)
    assert_outcome(reply, odd.status, odd.detail, *odd.says)


def test_the_table_is_long_and_covers_every_refusal_that_a_request_can_cause() -> None:
    assert len(ODD_REQUESTS) >= 150
    assert len({(odd.method, odd.url, odd.body, str(odd.headers)) for odd in ODD_REQUESTS}) == len(ODD_REQUESTS)
    assert {odd.status for odd in ODD_REQUESTS} == {400, 404, 405, 406, 413, 415, 422}


def test_circular_value_sets_are_refused_with_the_way_they_go(client: Client) -> None:
    odd = CIRCULAR
    reply = client.raw(odd.url, odd.method, odd.body, odd.headers)
    assert reply.status == 400
    (issue,) = reply.json["issue"]
    assert (issue["severity"], issue["code"]) == ("error", "processing")
    assert issue["details"]["coding"][0]["code"] == "vs-invalid"
    assert "http://example.org/a, http://example.org/b" in issue["details"]["text"]


@pytest.mark.parametrize("body", [
    '{"resourceType":"Parameters","parameter":[{"name":"code","valueString":"M61.051"},{"name":"display","valueString":"\\"a\\": \\"b\\""}]}',
    '{"resourceType" : "Parameters", "parameter" : [ { "name" : "code", "valueCode" : "M61.051" } ] }',
])  # fmt: skip
def test_a_text_that_looks_like_json_is_no_duplicate(client: Client, body: str) -> None:
    client.ask("/fhir/r4/CodeSystem/$validate-code", "POST", body, content_type="application/fhir+json")


@pytest.mark.slow
def test_every_refusal_says_the_same_in_xml(client: Client) -> None:
    asked = 0
    for odd in ODD_REQUESTS:
        if "Accept" in odd.headers or "_format" in odd.url or not odd.url.startswith("/fhir/r"):
            continue
        reply = client.raw(odd.url, odd.method, odd.body, odd.headers | {"Accept": "application/fhir+xml"})
        assert reply.headers["content-type"].startswith("application/fhir+xml"), odd
        assert_outcome(reply, odd.status, odd.detail, *odd.says)
        asked += 1
    assert asked > 200
