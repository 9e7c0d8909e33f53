"""ValueSet resources as definitions: compose, a ready-made expansion, and value sets contained in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from icdref.definitions import Compose, ConceptReference, ConceptSet, Filter, PropertyContent, StoredMember, ValueSet
from icdref.fhir.reading import fields
from icdref.fhir.reading.fields import Element, child, flag, objects, text, texts_of

_SUPPLEMENT: Final = "http://hl7.org/fhir/StructureDefinition/valueset-supplement"
_PARAMETER: Final = frozenset(
    {
        "http://hl7.org/fhir/StructureDefinition/valueset-expansion-parameter",
        "http://hl7.org/fhir/tools/StructureDefinition/valueset-expansion-parameter",
    }
)


def value_set(resource: Element, path: str = "ValueSet") -> ValueSet:
    """Return a ValueSet resource as a definition. Raises IcdRefError naming the element that is not as FHIR has it."""
    compose = child(resource, "compose", path)
    expansion = child(resource, "expansion", path)
    return ValueSet(
        header=fields.header(resource, path),
        compose=_compose(compose, f"{path}.compose") if compose is not None else None,
        expansion=_members(expansion, f"{path}.expansion") if expansion is not None else None,
        supplements=_supplements(resource, path),
        parameters=_parameters(compose, f"{path}.compose") if compose is not None else (),
        contained=tuple(
            value_set(each, place)
            for place, each in objects(resource, "contained", path)
            if each.get("resourceType") == "ValueSet" and not each.get("contained")
        ),
        modified=tuple(_modified(resource, path)),
        implicit_rules=text(resource, "implicitRules", path),
        content=resource,
    )


def contained_code_systems(resource: Element, path: str = "ValueSet") -> list[tuple[str, Element]]:
    """Return the CodeSystem resources that a value set contains, each with its path."""
    return [(place, each) for place, each in objects(resource, "contained", path) if each.get("resourceType") == "CodeSystem"]


def _modified(resource: Element, path: str) -> Iterator[tuple[str, str]]:
    """Yield the parts that a modifier extension changes, from the outside in: (name, urls)."""
    for name, element, place in _parts(resource, path):
        if urls := fields.modifiers(element, place):
            yield name, urls


def _parts(resource: Element, path: str) -> Iterator[tuple[str, Element, str]]:
    """Yield (name, element, path) of the value set, its compose, and all below that."""
    yield "ValueSet", resource, path
    compose = child(resource, "compose", path)
    if compose is None:
        return
    yield "ValueSet.compose", compose, f"{path}.compose"
    for role in ("include", "exclude"):
        for index, (place, part) in enumerate(objects(compose, role, f"{path}.compose")):
            yield f"{role}[{index}]", part, place
            for below in ("concept", "filter"):
                for inner, each in objects(part, below, place):
                    yield f"{role}[{index}].{below}", each, inner


def _compose(element: Element, path: str) -> Compose:
    return Compose(
        include=tuple(_concept_set(each, place) for place, each in objects(element, "include", path)),
        exclude=tuple(_concept_set(each, place) for place, each in objects(element, "exclude", path)),
        inactive=flag(element, "inactive", path),
        locked_date=text(element, "lockedDate", path),
        properties=texts_of(element, "property", path),
    )


def _concept_set(element: Element, path: str) -> ConceptSet:
    return ConceptSet(
        system=text(element, "system", path),
        version=text(element, "version", path),
        concepts=tuple(_reference(each, place) for place, each in objects(element, "concept", path)),
        filters=tuple(_filter(each, place) for place, each in objects(element, "filter", path)),
        value_sets=texts_of(element, "valueSet", path),
        supplements=_supplements(element, path),
    )


def _reference(element: Element, path: str) -> ConceptReference:
    extensions = fields.extensions(element, path)
    code = text(element, "code", path)
    if not code:
        raise fields.wrong(f"{path}.code", element.get("code"), "the code of a concept")
    return ConceptReference(
        code=code,
        display=text(element, "display", path).strip(),
        designations=tuple(fields.designation(each, place) for place, each in objects(element, "designation", path)),
        status=fields.extension_text(extensions, fields.STANDARDS_STATUS),
        extensions=extensions,
    )


def _filter(element: Element, path: str) -> Filter:
    return Filter(text(element, "property", path), text(element, "op", path), text(element, "value", path))


def _supplements(element: Element, path: str) -> tuple[str, ...]:
    return tuple(str(each.value) for each in fields.extensions(element, path) if each.url == _SUPPLEMENT and each.value)


def _parameters(element: Element, path: str) -> tuple[tuple[str, PropertyContent], ...]:
    """Return the (name, value) of the parameters that a value set carries for its own expansion."""
    found: list[tuple[str, PropertyContent]] = []
    for place, each in objects(element, "extension", path):
        if each.get("url") not in _PARAMETER:
            continue
        parts = {part.url: part.value for part in fields.extensions(each, place)}
        name, value = parts.get("name"), parts.get("value")
        if isinstance(name, str) and value is not None:
            found.append((name, value))
    return tuple(found)


def _members(element: Element, path: str) -> tuple[StoredMember, ...]:
    """Return the members of a ready-made expansion, parents before children. Does not recurse."""
    found: list[StoredMember] = []
    waiting = [(place, each, 0) for place, each in objects(element, "contains", path)][::-1]
    while waiting:
        place, each, depth = waiting.pop()
        if text(each, "code", place):
            found.append(
                StoredMember(
                    text(each, "system", place),
                    text(each, "version", place),
                    text(each, "code", place),
                    text(each, "display", place),
                    bool(flag(each, "abstract", place)),
                    bool(flag(each, "inactive", place)),
                    depth,
                    tuple(fields.designation(d, at) for at, d in objects(each, "designation", place)),
                )
            )
        waiting += [(below, inner, depth + 1) for below, inner in objects(each, "contains", place)][::-1]
    return tuple(found)
