"""A condition summary as a Library: its catalogue card with citations, review and decision-support source attributes."""

from __future__ import annotations

from typing import Any

from icdref.fhir.canonical import FHIR_VERSIONS, canonical, extension_url
from icdref.fhir.composition import machine_name
from icdref.fhir.datatypes import coding, concept, extension
from icdref.fhir.narrative import element, narrative
from icdref.fhir.summary_parts import (
    PUBLISHER,
    USES,
    binding_coding,
    bindings,
    cited_sources,
    is_published,
    meta,
    publication_status,
    revised,
    source_url,
    standing,
    use_contexts,
)
from icdref.model import Relation, Source
from icdref.results import SummaryView


def library(view: SummaryView, base_url: str, fhir_version: str = "4.0") -> dict[str, Any]:
    """Return the Library of a summary; `base_url` is the FHIR base that `content` points to."""
    summary = view.summary
    shaped: dict[str, Any] = {
        "resourceType": "Library",
        "id": summary.id,
        "meta": meta(view),
        "text": narrative("generated", *_introduction(view)),
        "extension": [_source_attributes(view), *(_relation(view, each) for each in summary.relations)],
        "url": canonical("Library", summary.id),
        "version": summary.version,
        "name": machine_name(summary.id),
        "title": view.title,
    }
    if names := _synonyms(view):
        shaped["subtitle"] = f"Also called: {'; '.join(names)}"
    shaped |= publication_status(view)
    shaped |= {
        "type": concept(coding("http://terminology.hl7.org/CodeSystem/library-type", "asset-collection", "Asset Collection")),
        "date": revised(view).isoformat(),
        "publisher": PUBLISHER,
        "description": "Which codes the summary covers, where its text is, who wrote and reviewed it, and its"
        " decision-support source attributes.",
        "useContext": use_contexts(view),
        "jurisdiction": [concept(coding("urn:iso:std:iso:3166", "US"))],
        "purpose": "Point-of-care reference",
        "usage": view.intended_use,
        "copyright": f"Text: {summary.licence}. {summary.code_licence}.",
    }
    return shaped | _review(view) | _topics(view) | _people(view) | _artifacts(view) | _content(view, base_url, fhir_version)


def _introduction(view: SummaryView) -> list[str]:
    return [element("p", sentence) for sentence in (f"Catalogue card: {view.title}.", *standing(view))]


def _source_attributes(view: SummaryView) -> dict[str, Any]:
    attributes = view.summary.attributes
    return extension(
        extension_url("dsi-source-attributes"),
        extension("citation", valueString=attributes.citation),
        extension("developer", valueString=attributes.developer),
        extension("funding", valueString=attributes.funding),
        extension("release-date", valueDate=attributes.release_date.isoformat()),
        extension("revision-date", valueDate=attributes.revision_date.isoformat()),
        *(extension(use, valueBoolean=use in attributes.uses) for use in USES),
    )


def _relation(view: SummaryView, relation: Relation) -> dict[str, Any]:
    """Return a typed link to another condition; R4 has no element for it."""
    parts = [extension("kind", valueCode=relation.kind), extension("target", valueString=relation.target)]
    parts += [extension("code", valueCoding=coding(view.release.system, code)) for code in relation.codes]
    if relation.why:
        parts.append(extension("why", valueString=relation.why))
    return extension(extension_url("condition-relation"), *parts)


def _synonyms(view: SummaryView) -> list[str]:
    """Return the other names in the language served, and the Latin ones; related names are not names of this condition."""
    languages = (view.language, "la")
    names = (each.text for each in view.summary.synonyms if each.kind != "related" and each.language in languages)
    return [name for name in dict.fromkeys(names) if name.casefold() != view.title.casefold()]


def _review(view: SummaryView) -> dict[str, Any]:
    review = view.summary.review
    if not is_published(view) or review.last_reviewed is None:
        return {}
    last = review.last_reviewed.isoformat()
    period = {"start": last}
    if review.next_review_due:
        period["end"] = review.next_review_due.isoformat()
    return {"approvalDate": last, "lastReviewDate": last, "effectivePeriod": period}


def _topics(view: SummaryView) -> dict[str, Any]:
    topics = [concept(binding_coding(view, binding)) for binding in bindings(view)]
    topics += [concept(coding(each.system, each.code)) for each in view.summary.codes if each.role == "equivalent"]
    topics += [concept(text=name) for name in _synonyms(view)]
    return {"topic": topics}


def _people(view: SummaryView) -> dict[str, Any]:
    review = view.summary.review
    people: dict[str, Any] = {"author": [{"name": f"{each.name}, {each.role}"} for each in review.authors]}
    if is_published(view) and review.reviewers:
        people["reviewer"] = [{"name": f"{each.name}, {each.role}"} for each in review.reviewers]
    return people


def _artifacts(view: SummaryView) -> dict[str, Any]:
    text = {"type": "composed-of", "display": "The text", "resource": canonical("Composition", view.summary.id)}
    return {"relatedArtifact": [text, *(_citation(source) for source in cited_sources(view))]}


def _citation(source: Source) -> dict[str, Any]:
    read = [extension("type", valueCode=source.type), extension("read", valueCode=source.read)]
    read += [extension("doi", valueString=source.doi)] if source.doi else []
    read += [extension("pmid", valueString=source.pmid)] if source.pmid else []
    read += [extension("pmcid", valueString=source.pmcid)] if source.pmcid else []
    if source.retrieved:
        read.append(extension("retrieved", valueDate=source.retrieved.isoformat()))
    shaped: dict[str, Any] = {
        "extension": [extension(extension_url("source-read"), *read)],
        "type": "citation",
        "label": source.id,
        "display": source.id,
        "citation": source.citation,
    }
    if url := source_url(source):
        shaped["document"] = {"url": url}
    return shaped


def _content(view: SummaryView, base_url: str, fhir_version: str) -> dict[str, Any]:
    release = "R" + FHIR_VERSIONS[fhir_version].partition(".")[0]
    return {
        "content": [
            {
                "contentType": f"application/fhir+json; fhirVersion={fhir_version}",
                "language": view.language,
                "url": f"{base_url}/Composition/{view.summary.id}/$document",
                "title": f"FHIR {release} document",
            }
        ]
    }
