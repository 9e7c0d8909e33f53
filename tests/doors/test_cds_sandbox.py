"""What the public CDS Hooks sandbox sends, in its order: discovery with a token nobody asked for, then hooks with what it fetched.

It fetches each template of the discovery document on its own, sends the keys that worked and leaves the others out, does not
know `{{context.encounterId}}`, and names problems by SNOMED CT and words.
"""

from __future__ import annotations

import re

import pytest

from tests.doors.conftest import caller
from tests.doors.invariants import cards_of
from tests.doors.records import bundle, condition

SITE = "https://sandbox.cds-hooks.example"
# An ES384 token has this shape; without the option of tokens nobody reads it.
TOKEN = "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCIsImtpZCI6ImUifQ.eyJpc3MiOiJzYW5kYm94IiwiZXhwIjoxfQ.c2lnbmF0dXJl"
SENT = {"Accept": "application/json", "Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}", "Origin": SITE}
SNOMED = "http://snomed.info/sct"

FHIR_SERVER = {
    "Patient/smart-1288992": {
        "resourceType": "Patient",
        "id": "smart-1288992",
        "name": [{"family": "Adams", "given": ["Daniel", "X."]}],
    },
    "Condition?patient=smart-1288992&category=problem-list-item&clinical-status=active": bundle(
        condition("111000", "Bone after a blow", SNOMED), condition("38341003", "Hypertensive disorder", SNOMED)
    ),
}


@pytest.fixture
def sandbox(small):
    door = caller(small.data, cds_origins=(SITE,))
    services = door.ask(
        "/cds-services", headers={"Accept": "application/json", "Authorization": f"Bearer {TOKEN}", "Origin": SITE}
    )
    assert services.status == 200
    # The sandbox keeps services by their address: of two with one id, the last is left.
    configured = {each["id"]: each for each in services.json["services"]}

    def post(identifier, hook="", **context):
        definition = configured[identifier]
        fetched = {key: _fetch(template) for key, template in definition["prefetch"].items()}
        body = {
            "hookInstance": "5a4c1f0e-3f6b-4c0a-9a53-0a6bd5a0d1f7",
            "hook": hook or definition["hook"],
            "fhirServer": "https://launch.smarthealthit.example/v/r4/fhir",
            "context": {"patientId": "smart-1288992", "userId": "Practitioner/COREPRACTITIONER1", **context},
        }
        if found := {key: resource for key, resource in fetched.items() if resource}:
            body["prefetch"] = found
        return door.hook(identifier, body, SENT)

    return post


def _fetch(template):
    return FHIR_SERVER.get(re.sub(r"{{\s*context\.patientId\s*}}", "smart-1288992", template))


def _orders(**more):
    order = {
        "resourceType": "MedicationRequest",
        "id": "order-123",
        "status": "draft",
        "subject": {"reference": "Patient/smart-1288992"},
        "medicationCodeableConcept": {"text": "a medicine", "coding": [{"display": "a medicine", "code": "1"}]},
        **more,
    }
    return {"resourceType": "Bundle", "entry": [{"resource": order}]}


def test_a_patient_that_is_opened_gets_the_cards_of_the_problem_list(sandbox):
    reply = sandbox("condition-reference")
    assert [card["summary"] for card in cards_of(reply)] == ["Bone after a blow: red flags and key points"]
    assert reply.headers["access-control-allow-origin"] == SITE


def test_an_order_with_the_problem_that_was_chosen_for_it_is_answered(sandbox):
    reasons = [{"text": "Bone after a blow", "coding": [{"system": SNOMED, "code": "111000", "display": "Bone after a blow"}]}]
    draft = _orders(reasonCode=reasons)
    for hook, more in (("order-select", {"selections": ["MedicationRequest/order-123"]}), ("order-sign", {})):
        cards = cards_of(sandbox("order-reason-check", hook, draftOrders=draft, **more))
        assert [card["summary"] for card in cards] == ["Bone after a blow: red flags and key points"]


def test_an_order_without_a_reason_is_no_error(sandbox):
    assert cards_of(sandbox("order-reason-check", draftOrders=_orders())) == []


def test_what_the_sandbox_cannot_fetch_is_not_missed(sandbox):
    """Its template language has no encounter, so that key never comes."""
    assert cards_of(sandbox("encounter-start-reference", encounterId="89284"))
    assert cards_of(sandbox("discharge-leaflet", encounterId="89284"))


def test_a_problem_list_that_could_not_be_fetched_is_a_412_for_the_browser_to_read(sandbox, monkeypatch):
    monkeypatch.setitem(FHIR_SERVER, next(key for key in FHIR_SERVER if key.startswith("Condition")), None)
    reply = sandbox("condition-reference")
    assert (reply.status, reply.json["resourceType"]) == (412, "OperationOutcome")
    assert reply.headers["access-control-allow-origin"] == SITE
