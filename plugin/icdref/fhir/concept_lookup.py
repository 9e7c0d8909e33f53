"""What a code system in general says about a code, as the Parameters of `$lookup`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from icdref.definitions import PropertyValue
from icdref.expansions import ConceptLookup
from icdref.fhir.expansion import shaped_coding, shaped_value


def concept_lookup_parameters(found: ConceptLookup, asked: Collection[str], fhir_version: str) -> dict[str, Any]:
    """Return a lookup as Parameters; `asked` names the properties wanted, none or `*` for all."""
    header = found.header
    parameters: list[dict[str, Any]] = [{"name": "name", "valueString": header.name or header.title or header.url}]
    if header.version:
        parameters.append({"name": "version", "valueString": header.version})
    parameters.append({"name": "display", "valueString": found.display or found.code})
    if found.definition and fhir_version >= "5.0" and _is_wanted("definition", asked):
        parameters.append({"name": "definition", "valueString": found.definition})
    parameters.append({"name": "code", "valueCode": found.code})
    parameters.append({"name": "system", "valueUri": header.url})
    if _is_wanted("abstract", asked):
        parameters.append({"name": "abstract", "valueBoolean": found.abstract})
    if _is_wanted("designation", asked):
        parameters += _designations(found)
    if found.definition and fhir_version < "5.0" and _is_wanted("definition", asked):
        parameters.append(_property("definition", {"valueString": found.definition}))
    if _is_wanted("inactive", asked):
        parameters.append(_property("inactive", {"valueBoolean": found.inactive}))
    parameters += (_of(each) for each in found.properties if each.code != "inactive" and _is_wanted(each.code, asked))
    for name, relatives in (("parent", found.parents), ("child", found.children)):
        if _is_wanted(name, asked):
            parameters += (_property(name, {"valueCode": code}, display) for code, display in relatives)
    return {"resourceType": "Parameters", "parameter": parameters}


def _is_wanted(name: str, asked: Collection[str]) -> bool:
    return not asked or name in asked or "*" in asked


def _designations(found: ConceptLookup) -> list[dict[str, Any]]:
    rows = []
    for each in found.designations:
        parts: list[dict[str, Any]] = []
        if each.language:
            parts.append({"name": "language", "valueCode": each.language})
        if each.use is not None and (use := shaped_coding(each.use)):
            parts.append({"name": "use", "valueCoding": use})
        rows.append({"name": "designation", "part": [*parts, {"name": "value", "valueString": each.value}]})
    return rows


def _of(each: PropertyValue) -> dict[str, Any]:
    return _property(each.code, shaped_value(each))


def _property(code: str, value: dict[str, Any], description: str = "") -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"name": "code", "valueCode": code}, {"name": "value", **value}]
    if description:
        parts.append({"name": "description", "valueString": description})
    return {"name": "property", "part": parts}
