"""Requests as EHRs and the public CDS Hooks sandbox send them."""

from __future__ import annotations

from typing import Any

INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
CM = "http://hl7.org/fhir/sid/icd-10-cm"


def condition(code: str = "", text: str = "", system: str = CM, **more: Any) -> dict[str, Any]:
    concept: dict[str, Any] = {"coding": [{"system": system, "code": code}]} if code else {}
    if text:
        concept["text"] = text
    return {
        "resourceType": "Condition",
        "id": "c1",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": concept,
        "subject": {"reference": "Patient/p1"},
    } | more


def bundle(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in resources]} | more


def call(hook: str, prefetch: dict[str, Any] | None = None, **context: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "hook": hook,
        "hookInstance": INSTANCE,
        "fhirServer": "https://ehr.example.org/fhir",
        "context": {"userId": "Practitioner/x", "patientId": "p1", **context},
    }
    if prefetch is not None:
        body["prefetch"] = prefetch
    return body


def view(*conditions: dict[str, Any]) -> dict[str, Any]:
    return call("patient-view", {"conditions": bundle(*conditions)})


def create(*new: dict[str, Any], known: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return call("problem-list-item-create", {"conditions": bundle(*known)}, conditions=bundle(*new))


def order(code: str, hook: str = "order-select") -> dict[str, Any]:
    reason = {"resourceType": "ServiceRequest", "id": "o1", "reasonCode": [{"coding": [{"system": CM, "code": code}]}]}
    return call(hook, draftOrders=bundle(reason), selections=["ServiceRequest/o1"])


def at(hook: str, *conditions: dict[str, Any], encounter: dict[str, Any] | None = None, patient: Any = None) -> dict[str, Any]:
    prefetch: dict[str, Any] = {"conditions": bundle(*conditions)}
    if encounter:
        prefetch["encounter"] = encounter
    if patient:
        prefetch["patient"] = patient
    return call(hook, prefetch, encounterId="e1")
