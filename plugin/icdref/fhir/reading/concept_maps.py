"""ConceptMap resources of R4 and R5 as definitions."""

from __future__ import annotations

from typing import Final

from icdref.definitions import ConceptMap, MappingGroup, MappingTarget, PropertyValue
from icdref.fhir.reading import fields
from icdref.fhir.reading.fields import Element, child, objects, text

RELATIONSHIPS: Final = {
    "relatedto": "related-to",
    "equivalent": "equivalent",
    "equal": "equivalent",
    "wider": "source-is-narrower-than-target",
    "subsumes": "source-is-narrower-than-target",
    "narrower": "source-is-broader-than-target",
    "specializes": "source-is-broader-than-target",
    "inexact": "related-to",
    "unmatched": "not-related-to",
    "disjoint": "not-related-to",
}
"""R4's equivalence -> R5's relationship. Source: HL7 FHIR R5, ConceptMap, mappings from R4."""


def concept_map(resource: Element, path: str = "ConceptMap") -> ConceptMap:
    """Return a ConceptMap resource as a definition. Raises IcdRefError naming the element that is not as FHIR has it."""
    fields.refuse_modifiers(resource, path)
    return ConceptMap(
        header=fields.header(resource, path),
        source_scope=_scope(resource, "source", path),
        target_scope=_scope(resource, "target", path),
        groups=tuple(_group(each, place) for place, each in objects(resource, "group", path)),
    )


def _scope(resource: Element, name: str, path: str) -> str:
    keys = (f"{name}ScopeCanonical", f"{name}ScopeUri", f"{name}Canonical", f"{name}Uri")
    return next((found for key in keys if (found := text(resource, key, path))), "")


def _group(element: Element, path: str) -> MappingGroup:
    source, source_version = _system(element, "source", path)
    target, target_version = _system(element, "target", path)
    unmapped = child(element, "unmapped", path) or {}
    place = f"{path}.unmapped"
    return MappingGroup(
        source=source,
        source_version=source_version,
        target=target,
        target_version=target_version,
        elements=tuple(_element(each, at) for at, each in objects(element, "element", path)),
        unmapped_mode=text(unmapped, "mode", place),
        unmapped_code=text(unmapped, "code", place),
        unmapped_display=text(unmapped, "display", place),
        unmapped_map=text(unmapped, "otherMap", place) or text(unmapped, "url", place),
    )


def _system(element: Element, name: str, path: str) -> tuple[str, str]:
    url, _, version = text(element, name, path).partition("|")
    return url, text(element, f"{name}Version", path) or version


def _element(element: Element, path: str) -> tuple[str, tuple[MappingTarget, ...]]:
    return text(element, "code", path), tuple(_target(each, place) for place, each in objects(element, "target", path))


def _target(element: Element, path: str) -> MappingTarget:
    equivalence = text(element, "equivalence", path)
    return MappingTarget(
        code=text(element, "code", path),
        display=text(element, "display", path),
        relationship=text(element, "relationship", path) or RELATIONSHIPS.get(equivalence, ""),
        equivalence=equivalence,
        comment=text(element, "comment", path),
        depends_on=_attributes(element, "dependsOn", path),
        product=_attributes(element, "product", path),
    )


def _attributes(element: Element, name: str, path: str) -> tuple[PropertyValue, ...]:
    found = []
    for place, each in objects(element, name, path):
        code = text(each, "attribute", place) or text(each, "property", place)
        value = text(each, "value", place) or text(each, "valueCode", place) or text(each, "valueString", place)
        found.append(PropertyValue(code, "string", value))
    return tuple(found)
