"""ConceptMap resources of R4 and R5 as definitions. Raises IcdRefError naming the element that is not as FHIR has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from icdref import issues_maps
from icdref.definitions import Coding, ConceptMap, MappingGroup, MappingTarget, PropertyContent, PropertyValue
from icdref.fhir.reading import fields
from icdref.fhir.reading.fields import Element, child, objects, text
from icdref.issues import IcdRefError
from icdref.translations import EQUIVALENCES, R4_OF_R5, R5_OF_R4, UNMATCHED

_UNMAPPED: Final = {"provided": "provided", "use-source-code": "provided", "fixed": "fixed", "other-map": "other-map"}
_SCOPES: Final = ("Uri", "Canonical", "ScopeUri", "ScopeCanonical")


def read_concept_map(resource: Element, path: str = "ConceptMap") -> ConceptMap:
    """Return what a ConceptMap says. Raises IcdRefError for what cannot be read, and for what no map of ours can mean."""
    fields.refuse_modifiers(resource, path)
    source, target = (
        next((value for scope in _SCOPES if (value := text(resource, end + scope, path))), "") for end in ("source", "target")
    )
    groups = tuple(_group(group, place) for place, group in objects(resource, "group", path))
    return ConceptMap(fields.header(resource, path), source, target, groups)


def concept_maps_among(resources: Iterable[Element]) -> Iterator[ConceptMap]:
    """Yield the ConceptMaps among resources of any type."""
    return (read_concept_map(each) for each in resources if each.get("resourceType") == "ConceptMap")


def _group(group: Element, path: str) -> MappingGroup:
    (source, source_version), (target, target_version) = (_system(group, end, path) for end in ("source", "target"))
    unmapped, place = child(group, "unmapped", path) or {}, f"{path}.unmapped"
    return MappingGroup(
        source,
        source_version,
        target,
        target_version,
        tuple(_element(each, at) for at, each in objects(group, "element", path)),
        unmapped_mode=_UNMAPPED.get(text(unmapped, "mode", place), ""),
        unmapped_code=text(unmapped, "code", place),
        unmapped_display=text(unmapped, "display", place),
        unmapped_map=text(unmapped, "otherMap", place) or text(unmapped, "url", place),
    )


def _element(element: Element, path: str) -> tuple[str, tuple[MappingTarget, ...]]:
    code = text(element, "code", path)
    if not code:
        raise IcdRefError(issues_maps.unusable_map(f"{path} has no code; value sets as source are not supported"))
    return code, tuple(_targets(element, path))


def _targets(element: Element, path: str) -> Iterator[MappingTarget]:
    if fields.flag(element, "noMap", path):
        yield MappingTarget("", relationship=R5_OF_R4[UNMATCHED], equivalence=UNMATCHED, comment=text(element, "comment", path))
    for place, each in objects(element, "target", path):
        said = text(each, "equivalence", place) or R4_OF_R5.get(text(each, "relationship", place), "")
        if said not in EQUIVALENCES:
            wrong = each.get("equivalence") or each.get("relationship")
            raise IcdRefError(issues_maps.unusable_map(f"{place} has no known relationship: {str(wrong)[:40]!r}"))
        yield MappingTarget(
            text(each, "code", place),
            text(each, "display", place),
            text(each, "relationship", place) or R5_OF_R4[said],
            said,
            text(each, "comment", place),
            tuple(_part(part, at) for at, part in objects(each, "dependsOn", place)),
            tuple(_part(part, at) for at, part in objects(each, "product", place)),
        )


def _part(part: Element, path: str) -> PropertyValue:
    """Return a product or dependency: R4 has `property`, `system` and `value`, R5 `attribute` and a typed value."""
    attribute = text(part, "property", path) or text(part, "attribute", path)
    type_, value = _value(part, path)
    return PropertyValue(attribute, type_, value)


def _value(part: Element, path: str) -> tuple[str, PropertyContent]:
    if (coding := child(part, "valueCoding", path)) is not None:
        return "Coding", fields.coding(coding, f"{path}.valueCoding")
    keys = ("value", "valueCode", "valueString", "valueBoolean")
    found = next((part[key] for key in keys if key in part), "")
    content = str(found).lower() if isinstance(found, bool) else found if isinstance(found, str) else ""
    system = text(part, "system", path)
    return ("Coding", Coding(system, content, "", text(part, "display", path))) if system else ("string", content)


def _system(group: Element, name: str, path: str) -> tuple[str, str]:
    url, _, version = text(group, name, path).partition("|")
    return url, version or text(group, f"{name}Version", path)
