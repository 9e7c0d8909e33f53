"""The properties of an ICD-10-CM concept in the words of the terminology engine; the same that `$lookup` gives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from icdref.concept_properties import EDIT_PROPERTIES, PROPERTIES, property_uri
from icdref.definitions import PropertyContent, PropertyDefinition, PropertyValue
from icdref.model import Kind
from icdref.results import Lookup

DECLARED: Final = tuple(PropertyDefinition(each.name, each.type, property_uri(each), each.description) for each in PROPERTIES)
"""Every property, as an expansion declares those that it shows."""

_TYPES: Final = {each.name: each.type for each in PROPERTIES}


def properties_of(found: Lookup) -> tuple[PropertyValue, ...]:
    """Return the properties of a concept, notes from further up included, in the order of `$lookup`."""
    return tuple(PropertyValue(name, _TYPES[name], value) for name, value in _values(found))


def _values(found: Lookup) -> Iterator[tuple[str, PropertyContent]]:
    concept = found.concept
    yield "kind", concept.kind.value
    yield "billable", concept.billable
    yield "notSelectable", concept.kind in (Kind.CHAPTER, Kind.BLOCK)
    if concept.parent:
        yield "parent", concept.parent
    yield from (("child", child) for child in found.children)
    places = (("chapter", found.chapter), ("block", found.block), ("laterality", concept.laterality), ("site", concept.site))
    yield from ((name, value) for name, value in places if value)
    yield from _validity(found)
    yield from (("replacedBy", code) for code in found.replaced_by)
    yield from (("replaces", code) for code in found.replaces)
    yield from (EDIT_PROPERTIES[flag] for flag in found.edits if flag in EDIT_PROPERTIES)
    yield from ((each.note.kind.value, each.note.text) for each in found.notes)
    holders = (concept,) if concept.billable else (concept, *found.ancestors)
    holder = next((each for each in holders if each.seventh_characters), None)
    if holder:
        yield from (("seventhCharacter", f"{each.character} = {each.meaning}") for each in holder.seventh_characters)


def _validity(found: Lookup) -> Iterator[tuple[str, PropertyContent]]:
    validity = found.validity
    if found.active is not None:
        yield "inactive", not found.active
        ended = validity is not None and validity.valid_to is not None and validity.valid_to < found.choice.day
        if found.active or ended:
            yield "status", "active" if found.active else "retired"
    if validity is not None:
        yield "effectiveDate", validity.valid_from.isoformat()
        if validity.valid_to is not None:
            yield "retirementDate", (validity.valid_to + timedelta(days=1)).isoformat()
