"""An expansion as a ValueSet resource of R4 or R5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from icdref.definitions import Coding, Designation, PropertyDefinition, PropertyValue, ValueSet
from icdref.expansions import Expansion, ExpansionParameter, Member
from icdref.fhir.canonical import element_of_5

_SD: Final = "http://hl7.org/fhir/StructureDefinition"
_LEFT_OUT: Final = frozenset(
    {"id", "purpose", "compose", "description", "copyright", "publisher", "extension", "text", "contained", "expansion"}
)
"""Elements of a value set that its expansion repeats only with includeDefinition."""

_VALUE_KEYS: Final = {
    "uri": "valueUri",
    "string": "valueString",
    "code": "valueCode",
    "boolean": "valueBoolean",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "dateTime": "valueDateTime",
    "Coding": "valueCoding",
}
_ON_DESIGNATIONS: Final = frozenset(
    f"{_SD}/{name}"
    for name in (
        *("coding-sctdescid", "rendering-style", "rendering-xhtml", "structuredefinition-standards-status"),
        "codesystem-alternate",
    )
)


def expanded_value_set(expansion: Expansion, fhir_version: str, *, with_definition: bool) -> dict[str, Any]:
    """Return the value set with its expansion; `with_definition` repeats what defines it."""
    shaped = _definition(expansion.value_set, whole=with_definition)
    found: dict[str, Any] = {}
    if expansion.unclosed:
        found["extension"] = [{"url": f"{_SD}/valueset-unclosed", "valueBoolean": True}]
        found["extension"] += ({"url": f"{_SD}/valueset-unclosed-reason", "valueString": each} for each in expansion.unclosed)
    found |= {"identifier": expansion.identifier, "timestamp": expansion.timestamp}
    if expansion.total is not None:
        found["total"] = expansion.total
    if expansion.offset is not None:
        found["offset"] = expansion.offset
    if expansion.parameters:
        found["parameter"] = [_parameter(each) for each in expansion.parameters]
    if expansion.properties:
        if fhir_version >= "5.0":
            found["property"] = [_declared(each) for each in expansion.properties]
        else:
            found.setdefault("extension", []).extend(_declared_in_4(each) for each in expansion.properties)
    if expansion.members:
        found["contains"] = _members(expansion.members, fhir_version)
    return shaped | {"expansion": found}


def _definition(value_set: ValueSet, *, whole: bool) -> dict[str, Any]:
    if value_set.content is not None:
        # An expansion is no stored resource, so it has no id, whatever else is repeated.
        left_out = {"id", "expansion"} if whole else _LEFT_OUT
        return {key: value for key, value in value_set.content.items() if key.lstrip("_") not in left_out}
    header = value_set.header
    said = {"url": header.url, "version": header.version, "name": header.name, "title": header.title}
    shaped: dict[str, Any] = {"resourceType": "ValueSet", **{key: text for key, text in said.items() if text}}
    shaped["status"] = header.status or "unknown"
    if header.experimental:
        shaped["experimental"] = True
    return shaped


def _parameter(each: ExpansionParameter) -> dict[str, Any]:
    return {"name": each.name, _VALUE_KEYS[each.type]: each.value}


def _members(members: Sequence[Member], fhir_version: str) -> list[dict[str, Any]]:
    """Return the rows; those below one come after it is made, so that no depth of tree is too deep."""
    if not any(member.contains for member in members):
        return [_plain_member(member) or _member(member, fhir_version) for member in members]
    top: list[dict[str, Any]] = []
    waiting = [(member, top) for member in members][::-1]
    while waiting:
        member, into = waiting.pop()
        shaped = _member(member, fhir_version)
        into.append(shaped)
        if member.contains:
            shaped["contains"] = []
            waiting += [(each, shaped["contains"]) for each in member.contains][::-1]
    return top


def _plain_member(member: Member) -> dict[str, Any] | None:
    """Return a row that has nothing but code and display, as nearly all have; None for any other one."""
    more = member.designations or member.properties or member.extensions or member.version
    if more or member.abstract or member.inactive or not member.display:
        return None
    return {"system": member.system, "code": member.code, "display": member.display}


def _member(member: Member, fhir_version: str) -> dict[str, Any]:
    shaped: dict[str, Any] = {}
    extensions: list[Any] = [dict(each.content) for each in member.extensions]
    if member.properties and fhir_version < "5.0":
        extensions += (_property_in_4(each) for each in member.properties)
    if extensions:
        shaped["extension"] = extensions
    shaped["system"] = member.system
    if member.abstract:
        shaped["abstract"] = True
    if member.inactive:
        shaped["inactive"] = True
    if member.version:
        shaped["version"] = member.version
    shaped["code"] = member.code
    if member.display:
        shaped["display"] = member.display
    if member.designations:
        shaped["designation"] = [_designation(each) for each in member.designations]
    if member.properties and fhir_version >= "5.0":
        shaped["property"] = [{"code": each.code, **shaped_value(each)} for each in member.properties]
    return shaped


def _designation(each: Designation) -> dict[str, Any]:
    shaped: dict[str, Any] = {}
    if kept := [dict(found.content) for found in each.extensions if found.url in _ON_DESIGNATIONS]:
        shaped["extension"] = kept
    if each.language:
        shaped["language"] = each.language
    if each.use is not None and (use := shaped_coding(each.use)):
        shaped["use"] = use
    return shaped | {"value": each.value}


def shaped_coding(coding: Coding) -> dict[str, str]:
    """Return a Coding as JSON, without what is not said."""
    pairs = (
        ("system", coding.system),
        ("version", coding.version),
        ("code", coding.code),
        ("display", coding.display),
    )
    return {key: value for key, value in pairs if value}


def shaped_value(each: PropertyValue) -> dict[str, Any]:
    """Return the value of a property as `value[x]`."""
    value = shaped_coding(each.value) if isinstance(each.value, Coding) else each.value
    return {_VALUE_KEYS.get(each.type, "valueString"): value}


def _declared(each: PropertyDefinition) -> dict[str, str]:
    return {"code": each.code} | ({"uri": each.uri} if each.uri else {})


def _declared_in_4(each: PropertyDefinition) -> dict[str, Any]:
    parts: list[dict[str, str]] = [{"url": "code", "valueCode": each.code}]
    if each.uri:
        parts.append({"url": "uri", "valueUri": each.uri})
    return {"url": element_of_5("ValueSet", "expansion.property"), "extension": parts}


def _property_in_4(each: PropertyValue) -> dict[str, Any]:
    return {
        "url": element_of_5("ValueSet", "expansion.contains.property"),
        "extension": [{"url": "code", "valueCode": each.code}, {"url": "value", **shaped_value(each)}],
    }
