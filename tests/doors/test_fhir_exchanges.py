"""Every FHIR request that a client was seen to send, replayed: the recorded status, and no refusal that is none of ours."""

from __future__ import annotations

import json

import pytest

from tests.checkout import ROOT

EXCHANGES = json.loads((ROOT / "fixtures" / "exchanges" / "ehr-requests.json").read_text("utf-8"))
FHIR = {each["id"]: each for each in EXCHANGES if each["kind"].startswith("fhir")}

pytestmark = pytest.mark.slow  # on the vendored data


@pytest.mark.parametrize("name", sorted(FHIR))
def test_every_recorded_request_has_the_recorded_status(full_door, name):
    given = FHIR[name]
    body = given["body"] if isinstance(given["body"], str) else json.dumps(given["body"]) if given["body"] else ""
    reply = full_door.ask(given["path"], given["method"], body, given["headers"])
    assert reply.status in given["status"], reply.body[:600]
    assert reply.json["resourceType"]


def replay(door, name):
    given = FHIR[name]
    return door.ask(given["path"], given["method"], given["body"] or "", given["headers"])


def test_searches_by_url_and_by_form_are_bundles(full_door):
    for name in ("fhirpy-search", "fkc-post-search", "medplum-next-page"):
        bundle = replay(full_door, name).json
        assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset"), name
    assert replay(full_door, "fkc-post-search").json["total"] >= 1


def test_a_validation_says_what_is_wrong_in_an_outcome(full_door):
    outcome = replay(full_door, "fhirpy-validate").json
    assert (outcome["resourceType"], bool(outcome["issue"])) == ("OperationOutcome", True)


def test_an_empty_batch_with_a_slash_behind_the_base_is_answered_and_not_redirected(full_door):
    bundle = replay(full_door, "fkc-batch-slash").json
    assert (bundle["type"], bundle.get("entry", [])) == ("batch-response", [])


def test_a_bare_value_set_is_expanded_flat_and_whole(full_door):
    expansion = replay(full_door, "google-expand-post").json["expansion"]
    assert expansion["total"] == 203
    assert not any("contains" in each for each in expansion["contains"])


def test_a_validated_code_can_be_cached_and_asked_again(full_door):
    reply = replay(full_door, "pathling-validate")
    found = {each["name"]: each for each in reply.json["parameter"]}
    assert (found["result"]["valueBoolean"], found["version"]["valueString"]) == (True, "2026-04-01")
    assert "max-age" in reply.headers["cache-control"]
    given = FHIR["pathling-validate"]
    again = full_door.ask(given["path"], headers=given["headers"] | {"If-None-Match": reply.headers["etag"]})
    assert again.status in (200, 304)  # the front answers 304; the handler may leave it to the front
    assert again.headers["etag"] == reply.headers["etag"]
