"""A ConceptMap resource, of R4 or R5, read into the words of terminology. Raises IcdRefError for what no map may look like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from icdref import issues_maps
from icdref.definitions import Coding, ConceptMap, Header, MappingGroup, MappingTarget, PropertyContent, PropertyValue
from icdref.issues import IcdRefError
from icdref.translations import EQUIVALENCES, R4_OF_R5, R5_OF_R4, UNMATCHED

_UNMAPPED: Final = {"provided": "provided", "use-source-code": "provided", "fixed": "fixed", "other-map": "other-map"}
_SCOPES: Final = ("Uri", "Canonical", "ScopeUri", "ScopeCanonical")

Element = Mapping[str, Any]


def read_concept_map(resource: Element) -> ConceptMap:
    """Return what a ConceptMap says. Raises IcdRefError (unusable-map) naming the element that is wrong."""
    header = Header(
        _text(resource, "url", "ConceptMap"),
        _text(resource, "version", "ConceptMap"),
        _text(resource, "name", "ConceptMap"),
        _text(resource, "title", "ConceptMap"),
        _text(resource, "status", "ConceptMap"),
        id=_text(resource, "id", "ConceptMap"),
        publisher=_text(resource, "publisher", "ConceptMap"),
    )
    source, target = (
        next((value for scope in _SCOPES if (value := _text(resource, end + scope, "ConceptMap"))), "")
        for end in ("source", "target")
    )
    groups = tuple(
        _group(group, f"ConceptMap.group[{number}]") for number, group in enumerate(_elements(resource, "group", "ConceptMap"))
    )
    return ConceptMap(header, source, target, groups)


def concept_maps_among(resources: Iterable[Element]) -> Iterator[ConceptMap]:
    """Yield the ConceptMaps among resources of any type."""
    return (read_concept_map(each) for each in resources if each.get("resourceType") == "ConceptMap")


def _group(group: Element, where: str) -> MappingGroup:
    (source, source_version), (target, target_version) = (_system(group, end, where) for end in ("source", "target"))
    unmapped = group.get("unmapped") or {}
    if not isinstance(unmapped, dict):
        raise IcdRefError(issues_maps.unusable_map(f"{where}.unmapped is no object"))
    return MappingGroup(
        source,
        source_version,
        target,
        target_version,
        tuple(_element(each, where) for each in _elements(group, "element", where)),
        unmapped_mode=_UNMAPPED.get(_text(unmapped, "mode", where), ""),
        unmapped_code=_text(unmapped, "code", where),
        unmapped_display=_text(unmapped, "display", where),
        unmapped_map=_text(unmapped, "otherMap", where) or _text(unmapped, "url", where),
    )


def _element(element: Element, where: str) -> tuple[str, tuple[MappingTarget, ...]]:
    code = _text(element, "code", f"{where}.element")
    if not code:
        raise IcdRefError(issues_maps.unusable_map(f"{where}.element has no code; value sets as source are not supported"))
    return code, tuple(_targets(element, f"{where}.element"))


def _targets(element: Element, where: str) -> Iterator[MappingTarget]:
    if element.get("noMap") is True:
        yield MappingTarget("", relationship=R5_OF_R4[UNMATCHED], equivalence=UNMATCHED, comment=_text(element, "comment", where))
    for each in _elements(element, "target", where):
        said = _text(each, "equivalence", where) or R4_OF_R5.get(_text(each, "relationship", where), "")
        if said not in EQUIVALENCES:
            wrong = each.get("equivalence") or each.get("relationship")
            raise IcdRefError(issues_maps.unusable_map(f"{where}.target has no known relationship: {str(wrong)[:40]!r}"))
        yield MappingTarget(
            _text(each, "code", where),
            _text(each, "display", where),
            _text(each, "relationship", where) or R5_OF_R4[said],
            said,
            _text(each, "comment", where),
            tuple(_part(part, where) for part in _elements(each, "dependsOn", where)),
            tuple(_part(part, where) for part in _elements(each, "product", where)),
        )


def _part(part: Element, where: str) -> PropertyValue:
    """Return a product or dependency: R4 has `property`, `system` and `value`, R5 `attribute` and a typed value."""
    attribute = _text(part, "property", where) or _text(part, "attribute", where)
    type_, value = _value(part, where)
    return PropertyValue(attribute, type_, value)


def _value(part: Element, where: str) -> tuple[str, PropertyContent]:
    coding = part.get("valueCoding")
    if isinstance(coding, dict):
        return "Coding", Coding(*(_text(coding, key, where) for key in ("system", "code", "version", "display")))
    keys = ("value", "valueCode", "valueString", "valueBoolean")
    found = next((part[key] for key in keys if key in part), "")
    text = str(found).lower() if isinstance(found, bool) else found if isinstance(found, str) else ""
    system = _text(part, "system", where)
    return ("Coding", Coding(system, text, "", _text(part, "display", where))) if system else ("string", text)


def _system(group: Element, name: str, where: str) -> tuple[str, str]:
    url, _, version = _text(group, name, where).partition("|")
    return url, version or _text(group, f"{name}Version", where)


def _elements(parent: Element, name: str, where: str) -> list[Element]:
    found = parent.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise IcdRefError(issues_maps.unusable_map(f"{where}.{name} is not a list of objects"))
    return found


def _text(parent: Element, name: str, where: str) -> str:
    found = parent.get(name, "")
    if not isinstance(found, str):
        raise IcdRefError(issues_maps.unusable_map(f"{where}.{name} is not text"))
    return found
