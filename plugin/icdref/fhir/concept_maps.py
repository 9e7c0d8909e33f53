"""Concept maps as ConceptMap resources, and translations as the answer of `$translate`: pure shaping, R4 and R5.

A map with many thousand codes is served with its first elements only and tagged SUBSETTED; `$translate` answers for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from icdref.fhir.canonical import edition_uri
from icdref.fhir.narrative import element, narrative
from icdref.translations import R5_OF_R4, UNMATCHED, MapCard, MapElement, MapGroup, Mapped, Match, Product, Target, Translation

MOST_ELEMENTS: Final = 5000
"""Source codes up to which a map is served whole: all but the general equivalence mappings."""

SHOWN: Final = 50
"""Source codes that are shown of a longer map."""

_SUBSETTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "subsetted",
}


def concept_map(card: MapCard, groups: Sequence[MapGroup], edition: str, fhir_version: str = "4.0") -> dict[str, Any]:
    """Return a map as a resource. `groups` may hold a part of the elements: then it says so."""
    whole = all(len(group.elements) == group.size for group in groups)
    shown = [group for group in groups if group.elements]
    meta: dict[str, Any] = {"source": edition_uri(edition)}
    if not whole:
        meta["tag"] = [_SUBSETTED]
    shaped: dict[str, Any] = {
        "resourceType": "ConceptMap",
        "id": card.id,
        "meta": meta,
        "text": narrative("generated", *(element("p", sentence) for sentence in _sentences(card, groups, whole=whole))),
        "url": card.url,
        "version": card.version,
        "name": card.name,
        "title": card.title,
        "status": "active",
        "experimental": False,
        "date": card.date,
        "publisher": card.publisher,
        "description": card.description,
        "copyright": card.copyright,
    }
    for (name_4, name_5), scope in zip(
        (("sourceUri", "sourceScopeUri"), ("targetUri", "targetScopeUri")), card.scopes, strict=True
    ):
        shaped[name_5 if fhir_version >= "5.0" else name_4] = scope
    if fhir_version >= "5.0":
        shaped["additionalAttribute"] = _attributes(shown)
    shaped["group"] = [_group(group, fhir_version) for group in shown]
    return {key: value for key, value in shaped.items() if value not in ("", [])}


def _sentences(card: MapCard, groups: Sequence[MapGroup], *, whole: bool) -> Iterable[str]:
    yield f"{card.title}."
    yield card.description or card.title
    total = sum(group.size for group in groups)
    if not whole:
        shown = sum(len(group.elements) for group in groups)
        yield f"This resource shows {shown:,} of {total:,} source codes; the operation $translate answers for every one of them."
    else:
        yield f"{total:,} source codes."


def _group(group: MapGroup, fhir_version: str) -> dict[str, Any]:
    shaped: dict[str, Any] = {}
    for name, system, version in (
        ("source", group.source, group.source_version),
        ("target", group.target, group.target_version),
    ):
        if fhir_version >= "5.0":
            shaped[name] = f"{system}|{version}" if version else system
            continue
        shaped[name] = system
        if version:
            shaped[f"{name}Version"] = version
    shaped["element"] = [_element(each, fhir_version) for each in group.elements]
    return shaped


def _element(each: MapElement, fhir_version: str) -> dict[str, Any]:
    shaped: dict[str, Any] = {"code": each.source.code}
    if each.source.display:
        shaped["display"] = each.source.display
    targets = list(each.targets)
    if fhir_version >= "5.0" and all(target.relationship == UNMATCHED for target in targets):
        return shaped | {"noMap": True}
    shaped["target"] = [_target(target, fhir_version) for target in targets if fhir_version < "5.0" or target.concept]
    return shaped


_COMMENTED: Final = frozenset({"narrower", "inexact"})
"""What cmd-1 wants a comment for, in R4 and in R5."""

_NO_COMMENT: Final = "The source of the map says no more than this."


def _target(target: Target, fhir_version: str) -> dict[str, Any]:
    shaped: dict[str, Any] = {}
    if target.concept:
        shaped["code"] = target.concept.code
        if target.concept.display:
            shaped["display"] = target.concept.display
    shaped |= _relationship(target, fhir_version)
    if target.comment or target.relationship in _COMMENTED:
        shaped["comment"] = target.comment or _NO_COMMENT
    for name, rows in (
        ("dependsOn", [_part(Product(attribute, value=value), fhir_version) for attribute, value in target.depends]),
        ("product", [_part(product, fhir_version) for product in target.products]),
    ):
        if rows:
            shaped[name] = rows
    return shaped


def _relationship(target: Target, fhir_version: str) -> dict[str, str]:
    if fhir_version >= "5.0":
        return {"relationship": R5_OF_R4[target.relationship]}
    return {"equivalence": target.relationship}


def _part(product: Product, fhir_version: str) -> dict[str, Any]:
    if fhir_version >= "5.0":
        value = {"valueCoding": _coding(product.concept)} if product.concept else {"valueString": product.value}
        return {"attribute": attribute_code(product.attribute), **value}
    if not product.concept:
        return {"property": product.attribute, "value": product.value}
    shaped = {"property": product.attribute, "system": product.concept.system, "value": product.concept.code}
    return shaped | ({"display": product.concept.display} if product.concept.display else {})


def _attributes(groups: Iterable[MapGroup]) -> list[dict[str, str]]:
    """Return the additional attributes that R5 wants declared, by the code that products and dependencies use."""
    used: dict[str, str] = {}
    for group in groups:
        for each in group.elements:
            for target in each.targets:
                used |= {product.attribute: "Coding" if product.concept else "string" for product in target.products}
                used |= {attribute: "string" for attribute, _ in target.depends}
    return [{"code": attribute_code(uri), "uri": uri, "type": type_} for uri, type_ in sorted(used.items())]


def attribute_code(uri: str) -> str:
    """Return the code of an attribute: the end of its URI.

    >>> attribute_code("https://icdref.example.org/fhir/ConceptMap/gem-scenario-1-choice-list-2")
    'gem-scenario-1-choice-list-2'
    """
    return uri.rstrip("/").rpartition("/")[2].replace("#", "-") or "attribute"


# --- $translate ------------------------------------------------------------------------------------------------------


def translation_parameters(translation: Translation, fhir_version: str = "4.0") -> dict[str, Any]:
    """Return the answer of `$translate`."""
    parameters: list[dict[str, Any]] = [{"name": "result", "valueBoolean": translation.result}]
    if translation.message:
        parameters.append({"name": "message", "valueString": translation.message})
    parameters += [{"name": "match", "part": _match(each, fhir_version)} for each in translation.matches]
    meta = {"source": edition_uri(translation.choice.edition)}
    return {"resourceType": "Parameters", "meta": meta, "parameter": parameters}


def _match(match: Match, fhir_version: str) -> list[dict[str, Any]]:
    target = match.target
    is_5 = fhir_version >= "5.0"
    ((name, said),) = _relationship(target, fhir_version).items()
    parts: list[dict[str, Any]] = [{"name": name, "valueCode": said}]
    if target.concept:
        parts.append({"name": "concept", "valueCoding": _coding(target.concept)})
    parts += [{"name": "product", "part": _product(product, is_5=is_5)} for product in target.products]
    if is_5:
        parts += [
            {
                "name": "dependsOn",
                "part": [{"name": "attribute", "valueUri": attribute}, {"name": "value", "valueString": value}],
            }
            for attribute, value in target.depends
        ]
    card = match.source
    if card.url:
        # A uri, as the standard types it, so without `|version`: a bar is not allowed in one.
        parts.append({"name": "originMap" if is_5 else "source", "valueUri": card.url})
    return parts


def _product(product: Product, *, is_5: bool) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [{"name": "attribute" if is_5 else "element", "valueUri": product.attribute}]
    if product.concept:
        parts.append({"name": "value" if is_5 else "concept", "valueCoding": _coding(product.concept)})
    elif is_5:
        parts.append({"name": "value", "valueString": product.value})
    return parts


def _coding(concept: Mapped) -> dict[str, str]:
    shaped = {"system": concept.system, "version": concept.version, "code": concept.code, "display": concept.display}
    return {key: value for key, value in shaped.items() if value}


# --- imported maps ---------------------------------------------------------------------------------------------------


def imported_map(resource: Mapping[str, Any], elements: Iterable[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Return an imported resource with the elements of its groups, which are kept apart, put back."""
    groups = [dict(group) | {"element": list(own)} for group, own in zip(resource.get("group", ()), elements, strict=True)]
    return {**resource, "group": groups}


def is_of_5(resource: Mapping[str, Any]) -> bool:
    """Tell whether a ConceptMap is one of R5 by the elements that it has."""
    if any(key.startswith(("sourceScope", "targetScope")) or key in ("additionalAttribute", "property") for key in resource):
        return True
    elements = (each for group in resource.get("group", ()) for each in group.get("element", ()))
    return any("noMap" in each or any("relationship" in target for target in each.get("target", ())) for each in elements)
