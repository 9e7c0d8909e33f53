"""The services of the discovery document: one for each hook.

Source: CDS Hooks 2.0; `version` and `hookVersion` are additions of 3.0 that older clients pass over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

_PATIENT: Final = {"patient": "Patient/{{context.patientId}}"}
_CONDITIONS: Final = {"conditions": "Condition?patient={{context.patientId}}&category=problem-list-item&clinical-status=active"}
_ENCOUNTER: Final = {"encounter": "Encounter/{{context.encounterId}}"}


@dataclass(frozen=True, slots=True)
class CdsService:
    """One service: the hook that calls it, what it needs (`needs` are prefetch keys, `context` fields), what it says.

    `hook_version` is the version of the hook's own definition. `kind` (reference, red-flags, leaflet) and `checks` say
    which cards it answers with.
    """

    id: str
    hook: str
    hook_version: str
    title: str
    description: str
    prefetch: tuple[tuple[str, str], ...]
    needs: tuple[str, ...] = ()
    context: tuple[str, ...] = ("patientId",)
    kind: str = "reference"
    checks: bool = False


SERVICES: Final = (
    CdsService(
        "condition-reference",
        "patient-view",
        "1.0",
        "Condition reference",
        "Red flags, what never to do and key points for the active problems that have a condition summary.",
        tuple(_CONDITIONS.items()),
        needs=("conditions",),
    ),
    CdsService(
        "problem-code-check",
        "problem-list-item-create",
        "1.0",
        "Diagnosis code check",
        "Deleted and header codes, unspecified sides and sites, Excludes1 pairs; and the summary of the condition.",
        tuple(_CONDITIONS.items()),
        context=("patientId", "conditions"),
        checks=True,
    ),
    CdsService(
        "encounter-start-reference",
        "encounter-start",
        "1.0",
        "Red flags at the start of an encounter",
        "Red flags and what never to do for the active problems that have a condition summary.",
        tuple((_CONDITIONS | _ENCOUNTER).items()),
        needs=("conditions",),
        context=("patientId", "encounterId"),
        kind="red-flags",
    ),
    CdsService(
        "discharge-leaflet",
        "encounter-discharge",
        "1.0",
        "Leaflets at discharge",
        "Links to the text for patients, in the patient's language where there is one.",
        tuple((_PATIENT | _CONDITIONS | _ENCOUNTER).items()),
        needs=("conditions",),
        context=("patientId", "encounterId"),
        kind="leaflet",
    ),
    CdsService(
        "order-reason-check",
        "order-select",
        "1.0",
        "Reason codes of selected orders",
        "Checks the reason codes of draft orders and shows the summary of the condition that they name.",
        tuple(_CONDITIONS.items()),
        context=("patientId", "draftOrders"),
        checks=True,
    ),
    CdsService(
        "order-reason-check",
        "order-sign",
        "1.0",
        "Reason codes of orders to be signed",
        "Checks the reason codes of draft orders and shows the summary of the condition that they name.",
        tuple(_CONDITIONS.items()),
        context=("patientId", "draftOrders"),
        checks=True,
    ),
)
"""The check of orders has one id for two hooks, which the specification allows: guidance given at one is updated at the other."""

_USAGE: Final = (
    "Works on prefetched data alone: the FHIR server of the client is never called. Reference, not advice for a patient."
)


def services_of(identifier: str) -> tuple[CdsService, ...]:
    """Return the services with an id, one for each hook; () where there is none."""
    return tuple(service for service in SERVICES if service.id == identifier)


def discovery(version: str) -> dict[str, Any]:
    """Return the discovery document; `version` is that of the content that answers."""
    return {
        "services": [
            {
                "hook": service.hook,
                "id": service.id,
                "title": service.title,
                "description": service.description,
                "prefetch": dict(service.prefetch),
                "usageRequirements": _USAGE,
                "version": version,
                "hookVersion": service.hook_version,
            }
            for service in SERVICES
        ]
    }
