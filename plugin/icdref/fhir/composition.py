"""A condition summary as a Composition: the text, section by section, with what it is about and how far to trust it."""

from __future__ import annotations

from typing import Any, Final

from icdref.fhir.canonical import DOCUMENT_TYPE_SYSTEM, canonical, element_of_5, extension_url
from icdref.fhir.datatypes import coding, concept, extension
from icdref.fhir.narrative import element, narrative
from icdref.fhir.sections import sections
from icdref.fhir.summary_parts import (
    AUTHORS,
    audience_coding,
    binding_coding,
    bindings,
    flags,
    is_published,
    meta,
    revised,
    standing,
    use_contexts,
)
from icdref.results import SummaryView

AUTHOR: Final = {"reference": "Organization/authors", "display": AUTHORS}
_MODE_SYSTEM: Final = "http://hl7.org/fhir/composition-attestation-mode"


def composition(view: SummaryView, fhir_version: str = "4.0") -> dict[str, Any]:
    """Return the Composition of a summary as one caller sees it."""
    return {
        "resourceType": "Composition",
        "id": view.summary.id,
        "meta": meta(view) | {"profile": [extension_url("condition-summary")]} | flags(view),
        "language": view.language,
        "text": narrative("generated", *_introduction(view)),
        **_identity(view, fhir_version),
        "status": "final" if is_published(view) else "preliminary",
        "type": concept(coding(DOCUMENT_TYPE_SYSTEM, "condition-summary", "Condition summary"), text="Condition summary"),
        "category": [concept(audience_coding(view))],
        **_subject(view, fhir_version),
        "date": revised(view).isoformat(),
        **({"useContext": use_contexts(view)} if fhir_version >= "5.0" else {}),
        "author": [dict(AUTHOR)],
        **({"name": machine_name(view.summary.id)} if fhir_version >= "5.0" else {}),
        "title": view.title,
        **_notes(view, fhir_version),
        **_attesters(view, fhir_version),
        "custodian": {"reference": AUTHOR["reference"]},
        "event": [_event(view, fhir_version)],
        "section": sections(view),
    }


def machine_name(resource_id: str) -> str:
    """Return the computer-friendly name of a resource.

    >>> machine_name("myositis-ossificans-traumatica")
    'MyositisOssificansTraumatica'
    """
    return "".join(word[:1].upper() + word[1:] for word in resource_id.split("-"))


def identity(resource_id: str, fhir_version: str) -> dict[str, Any]:
    """Return `identifier` of a Composition: its canonical URL, which R4 has no element for."""
    identifier = {"system": "urn:ietf:rfc:3986", "value": canonical("Composition", resource_id)}
    return {"identifier": [identifier] if fhir_version >= "5.0" else identifier}


def event(codings: list[dict[str, Any]], fhir_version: str) -> dict[str, Any]:
    """Return an `event` that holds the codes a Composition is about."""
    if fhir_version >= "5.0":
        return {"detail": [{"concept": concept(each)} for each in codings]}
    return {"code": [concept(each) for each in codings]}


def _introduction(view: SummaryView) -> list[str]:
    reader = "patients" if view.audience == "patient" else "clinicians"
    first = f"{view.title}: condition summary for {reader}."
    return [element("p", sentence) for sentence in (first, *standing(view))]


def _identity(view: SummaryView, fhir_version: str) -> dict[str, Any]:
    url, version = canonical("Composition", view.summary.id), view.summary.version
    identifier = identity(view.summary.id, fhir_version)
    if fhir_version >= "5.0":
        return {"url": url, **identifier, "version": version}
    extensions = [
        extension(element_of_5("Composition", "url"), valueUri=url),
        extension(element_of_5("Composition", "version"), valueString=version),
    ]
    extensions += [
        extension(element_of_5("Composition", "useContext"), valueUsageContext=context) for context in use_contexts(view)
    ]
    return {"extension": extensions, **identifier}


def _subject(view: SummaryView, fhir_version: str) -> dict[str, Any]:
    subject = {"reference": f"ValueSet/{view.summary.id}-codes", "type": "ValueSet"}
    return {"subject": [subject] if fhir_version >= "5.0" else subject}


def _notes(view: SummaryView, fhir_version: str) -> dict[str, Any]:
    topics = dict.fromkeys(
        statement.conflict.topic for section in view.sections for statement in section.statements if statement.conflict
    )
    if fhir_version < "5.0" or not topics:
        return {}
    return {"note": [{"text": f"Sources disagree on {topic}; the positions stand side by side in the text."} for topic in topics]}


def _attesters(view: SummaryView, fhir_version: str) -> dict[str, Any]:
    if not is_published(view):
        return {}
    mode: Any = "professional"
    if fhir_version >= "5.0":
        mode = concept(coding(_MODE_SYSTEM, "professional", "Professional"))
    attesters = []
    for person in view.summary.review.reviewers:
        attester: dict[str, Any] = {"mode": mode}
        if person.date:
            attester["time"] = person.date.isoformat()
        attesters.append(attester | {"party": {"display": f"{person.name}, {person.role}"}})
    return {"attester": attesters} if attesters else {}


def _event(view: SummaryView, fhir_version: str) -> dict[str, Any]:
    return event([binding_coding(view, binding) for binding in bindings(view)], fhir_version)
