"""Who made a version of a condition summary, and from what: Provenance, and the Organization that answers for it."""

from __future__ import annotations

from typing import Any

from icdref.fhir.datatypes import coding, concept, instant
from icdref.fhir.narrative import element, narrative
from icdref.fhir.summary_parts import AUTHORS, cited_sources, is_published, meta, revised, source_url, standing
from icdref.model import Source
from icdref.results import SummaryView


def provenance(view: SummaryView) -> dict[str, Any]:
    """Return the Provenance of this version of the text: its target is versioned, its entities are the sources."""
    summary = view.summary
    created = summary.attributes.release_date == summary.attributes.revision_date
    activity = ("CREATE", "create") if created else ("UPDATE", "revise")
    agents = [_agent("author", "Author", person.name) for person in summary.review.authors]
    if is_published(view):
        agents += [_agent("verifier", "Verifier", f"{each.name}, {each.role}") for each in summary.review.reviewers]
    shaped: dict[str, Any] = {
        "resourceType": "Provenance",
        "id": f"{summary.id}-{view.version}",
        "meta": meta(view),
        "text": narrative("generated", *_introduction(view)),
        "target": [{"reference": f"Composition/{summary.id}/_history/{view.version}"}],
        "recorded": view.changed or instant(revised(view)),
        "activity": concept(coding("http://terminology.hl7.org/CodeSystem/v3-DataOperation", *activity)),
        "agent": agents,
    }
    if sources := cited_sources(view):
        shaped["entity"] = [{"role": "source", "what": _what(source)} for source in sources]
    return shaped


def organization() -> dict[str, Any]:
    """Return the Organization that every Composition names as author and custodian."""
    return {
        "resourceType": "Organization",
        "id": "authors",
        "text": narrative("generated", element("p", AUTHORS)),
        "name": AUTHORS,
    }


def _introduction(view: SummaryView) -> list[str]:
    first = f"Version {view.summary.version} of {view.title}."
    return [element("p", sentence) for sentence in (first, *standing(view))]


def _agent(role: str, display: str, name: str) -> dict[str, Any]:
    system = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
    return {"type": concept(coding(system, role, display)), "who": {"display": name}}


def _what(source: Source) -> dict[str, Any]:
    if source.doi:
        identifier = {"system": "https://doi.org", "value": source.doi}
    elif url := source_url(source):
        identifier = {"system": "urn:ietf:rfc:3986", "value": url}
    else:
        return {"display": source.id}
    return {"identifier": identifier, "display": source.id}
