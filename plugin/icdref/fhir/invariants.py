"""FHIR's invariants for the resources that we write, and what must hold across a whole document.

Each function returns faults that begin with the place and name the rule. Source: HL7 FHIR R4, constraints of Bundle,
Composition, ValueSet, Extension and Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from icdref.fhir.canonical import extension_url
from icdref.fhir.narrative_check import NarrativeReading
from icdref.fhir.walk import walk

Resource = dict[str, Any]


def extension_faults(shown: str, extension: Mapping[str, Any]) -> Iterator[str]:
    """Yield what breaks ext-1: an extension has a URL and either a value or extensions."""
    values = [key for key in extension if key.startswith("value")]
    if not isinstance(extension.get("url"), str):
        yield f"{shown}: has no url"
    if len(values) + ("extension" in extension) != 1:
        yield f"{shown}: must have either one value[x] or extensions (ext-1)"


def section_faults(shown: str, section: Mapping[str, Any]) -> Iterator[str]:
    """Yield what breaks cmp-1 and cmp-2."""
    if not any(key in section for key in ("text", "entry", "section")):
        yield f"{shown}: must have text, entries or sections (cmp-1)"
    if "emptyReason" in section and "entry" in section:
        yield f"{shown}: gives a reason for being empty and has entries (cmp-2)"


def include_faults(shown: str, include: Mapping[str, Any]) -> Iterator[str]:
    """Yield what breaks vsd-1, vsd-2 and vsd-3."""
    if "system" not in include and "valueSet" not in include:
        yield f"{shown}: must have a system or value sets (vsd-1)"
    if ("concept" in include or "filter" in include) and "system" not in include:
        yield f"{shown}: has concepts or filters without a system (vsd-2)"
    if "concept" in include and "filter" in include:
        yield f"{shown}: has both concepts and filters (vsd-3)"


def reference_faults(shown: str, reference: str, resource: Resource) -> Iterator[str]:
    """Yield what breaks ref-1: `#id` names a contained resource."""
    contained = {each.get("id") for each in resource.get("contained", []) if isinstance(each, dict)}
    if reference.startswith("#") and reference[1:] not in contained:
        yield f"{shown}: {reference!r} is not contained in the resource (ref-1)"


def bundle_faults(bundle: Resource) -> Iterator[str]:
    """Yield what breaks bdl-1, -2, -5 and -7 to -11."""
    kind = bundle.get("type")
    entries = [each for each in bundle.get("entry", []) if isinstance(each, dict)]
    if "total" in bundle and kind not in ("searchset", "history"):
        yield "Bundle.total: only a search or a history has a total (bdl-1)"
    seen: set[tuple[Any, Any]] = set()
    for position, entry in enumerate(entries):
        shown = f"Bundle.entry[{position}]"
        resource = entry.get("resource") or {}
        if "search" in entry and kind != "searchset":
            yield f"{shown}.search: only a search has it (bdl-2)"
        if not {"resource", "request", "response"} & entry.keys():
            yield f"{shown}: must have a resource (bdl-5)"
        url = entry.get("fullUrl")
        key = (url, resource.get("meta", {}).get("versionId"))
        if url and key in seen:
            yield f"{shown}.fullUrl: {url} is there twice (bdl-7)"
        seen.add(key)
        if url and "/_history/" in url:
            yield f"{shown}.fullUrl: {url} names a version (bdl-8)"
        yield from _full_url_faults(shown, url, resource)
    if kind == "document":
        yield from _document_faults(bundle, entries)


def _full_url_faults(shown: str, url: Any, resource: Resource) -> Iterator[str]:
    """Yield a fullUrl that does not end with the type and id of its resource."""
    own = f"/{resource.get('resourceType')}/{resource.get('id')}"
    if isinstance(url, str) and url.startswith(("http:", "https:")) and not url.endswith(own):
        yield f"{shown}.fullUrl: {url} is not the address of {own[1:]}"


def _document_faults(bundle: Resource, entries: list[Any]) -> Iterator[str]:
    identifier = bundle.get("identifier") or {}
    if not identifier.get("system") or not identifier.get("value"):
        yield "Bundle.identifier: a document has an identifier with a system and a value (bdl-9)"
    if not bundle.get("timestamp"):
        yield "Bundle.timestamp: a document has a timestamp (bdl-10)"
    first = entries[0].get("resource", {}) if entries else {}
    if first.get("resourceType") != "Composition":
        yield "Bundle.entry[0]: the first resource of a document is a Composition (bdl-11)"
    yield from _unresolved(entries)
    yield from _unknown_sources(entries)


def _unresolved(entries: list[Any]) -> Iterator[str]:
    """Yield the references that lead out of the document."""
    inside: set[str] = set()
    for entry in entries:
        resource, url = entry.get("resource", {}), str(entry.get("fullUrl", ""))
        version = resource.get("meta", {}).get("versionId")
        inside |= {url, f"{url}/_history/{version}"}
    for position, entry in enumerate(entries):
        resource, url = entry.get("resource", {}), str(entry.get("fullUrl", ""))
        own = f"/{resource.get('resourceType')}/{resource.get('id')}"
        base = url.removesuffix(own)
        for each in walk(resource):
            if each.path.endswith(".reference") and isinstance(each.value, str) and not each.value.startswith("#"):
                target = each.value if ":" in each.value else f"{base}/{each.value}"
                if target not in inside:
                    yield f"Bundle.entry[{position}].resource: {each.shown} {each.value!r} is not in the document"


def _unknown_sources(entries: list[Any]) -> Iterator[str]:
    """Yield the `source` labels of statements that no Library of the document explains."""
    resources = [entry.get("resource", {}) for entry in entries]
    labels = {
        artifact.get("label")
        for resource in resources
        if resource.get("resourceType") == "Library"
        for artifact in resource.get("relatedArtifact", [])
    }
    for resource in resources:
        for section in resource.get("section", []) if resource.get("resourceType") == "Composition" else []:
            for statement, label in _statement_values(section, "source"):
                if label not in labels:
                    yield f"statement {statement!r}: source {label!r} is not in Library.relatedArtifact"


def composition_faults(composition: Resource) -> Iterator[str]:
    """Yield statements whose text is not in the narrative of their section."""
    for position, section in enumerate(composition.get("section", [])):
        text = section.get("text", {}).get("div", "") if isinstance(section, dict) else ""
        ids = set(NarrativeReading(text).ids) if text else set()
        for statement, _ in _statement_values(section, "id"):
            if statement not in ids:
                yield f"Composition.section[{position}]: no paragraph has the id of the statement {statement!r}"


def identity_faults(resource: Resource) -> Iterator[str]:
    """Yield ids that stand twice among the elements and narratives of a resource, and links to ids that it does not have."""
    ids: set[str] = set()
    places: list[tuple[str, str]] = []
    elements = tuple(walk(resource))
    nested = tuple(each.shown + "." for each in elements if _is_nested_resource(each.shown, each.value))
    for each in elements:
        if not isinstance(each.value, dict) or f"{each.shown}.".startswith(nested):
            continue
        here = [each.value["id"]] if "id" in each.value and "resourceType" not in each.value else []
        if isinstance(each.value.get("div"), str):
            reading = NarrativeReading(each.value["div"])
            here += reading.ids
            places += [(each.shown, place) for place in reading.places]
        for element_id in here:
            if element_id in ids:
                yield f"{each.shown}: the id {element_id!r} is there twice"
            ids.add(element_id)
    for shown, place in places:
        if place not in ids:
            yield f"{shown}.div: links to '#{place}', which is not in the resource"


def _is_nested_resource(shown: str, value: Any) -> bool:
    return isinstance(value, dict) and "resourceType" in value and "." in shown


def _statement_values(section: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield (statement id, value) for each part of this name of the statements of a section."""
    for extension in section.get("extension", []) if isinstance(section, dict) else []:
        if extension.get("url") != extension_url("statement"):
            continue
        parts = [part for part in extension.get("extension", []) if isinstance(part, dict)]
        statement = next((str(part.get("valueString")) for part in parts if part.get("url") == "id"), "")
        for part in parts:
            if part.get("url") == name:
                yield statement, str(part.get("valueString"))
