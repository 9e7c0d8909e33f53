"""The properties that the concepts of ICD-10-CM have, and the filters of value sets over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from icdref.canonicals import PROPERTY_SYSTEM

_STANDARD: Final = "http://hl7.org/fhir/concept-properties"


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a concept: its name, FHIR type and meaning; `standard` where HL7 defines it."""

    name: str
    type: str
    description: str
    standard: bool = False


PROPERTIES: Final = (
    Property("parent", "code", "The next concept up in the tabular list", standard=True),
    Property("child", "code", "A concept directly below", standard=True),
    Property("kind", "code", "chapter, block, category or subcategory"),
    Property("billable", "boolean", "True only for codes that are valid on a claim"),
    Property("notSelectable", "boolean", "True for chapters and blocks, which are never used as codes", standard=True),
    Property("inactive", "boolean", "True where the code is not valid on the day asked", standard=True),
    Property("status", "code", "active or retired, on the day asked", standard=True),
    Property("effectiveDate", "dateTime", "First valid day", standard=True),
    Property("retirementDate", "dateTime", "First day on which the code is no longer valid", standard=True),
    Property("replacedBy", "code", "A code that the publisher's conversion table names in place of this one"),
    Property("replaces", "code", "A code in whose place the conversion table names this one"),
    Property("inclusionTerm", "string", "A condition that the code is for, as printed below it"),
    Property("includes", "string", "What the category includes"),
    Property("excludes1", "string", "Not coded here: never used at the same time"),
    Property("excludes2", "string", "Not included here: may be used as well"),
    Property("codeFirst", "string", "The underlying condition to be coded first"),
    Property("useAdditionalCode", "string", "What to code in addition"),
    Property("codeAlso", "string", "What may be coded as well, in either order"),
    Property("note", "string", "Any other note of the tabular list"),
    Property("seventhCharacter", "string", "A seventh character that the codes below take, such as 'A = initial encounter'"),
    Property("laterality", "code", "left, right, bilateral or unspecified, read from the title"),
    Property("site", "code", "The body site that the title gives"),
    Property("chapter", "code", "The chapter that the code stands in"),
    Property("block", "code", "The block that the code stands in"),
    Property("mceAge", "code", "Medicare Code Editor: newborn, pediatric, maternity or adult"),
    Property("mceSex", "code", "Medicare Code Editor: female or male; none after 2024-09-30"),
    Property("mceManifestation", "boolean", "Medicare Code Editor: a manifestation, never a principal diagnosis"),
    Property("mceUnacceptablePrincipal", "boolean", "Medicare Code Editor: unacceptable as a principal diagnosis"),
    Property("mceUnspecified", "boolean", "Medicare Code Editor: an unspecified code where a specific one is expected"),
)
"""Every property that `$lookup` returns, in the order of the documentation."""

EDIT_PROPERTIES: Final[dict[str, tuple[str, str | bool]]] = {
    "newborn": ("mceAge", "newborn"),
    "pediatric": ("mceAge", "pediatric"),
    "maternity": ("mceAge", "maternity"),
    "adult": ("mceAge", "adult"),
    "female": ("mceSex", "female"),
    "male": ("mceSex", "male"),
    "manifestation": ("mceManifestation", True),
    "unacceptable": ("mceUnacceptablePrincipal", True),
    "unspecified": ("mceUnspecified", True),
}
"""Flags of the Medicare Code Editor table and the property that shows each; other flags of the table are not shown."""

_PLACE: Final = ("is-a", "descendent-of", "child-of", "descendent-leaf", "is-not-a", "generalizes")
_VALUE: Final = ("=", "in", "not-in", "exists", "regex")
ONLY_R5: Final = frozenset({"child-of", "descendent-leaf"})
"""Operators that R4 has no code for; they are understood in both versions."""


@dataclass(frozen=True, slots=True)
class FilterRule:
    """A filter that value sets may use: a property, its operators and what its value is."""

    property: str
    operators: tuple[str, ...]
    description: str
    value: str


FILTERS: Final = (
    FilterRule(
        "concept", (*_PLACE, *_VALUE), "A place in the tabular list; chapters and blocks count", "A code, or codes by comma"
    ),
    FilterRule("code", (*_PLACE, *_VALUE), "The same as concept", "A code, or codes by comma"),
    FilterRule("display", _VALUE, "The title as published", "A title, or a regular expression for the whole title"),
    *(FilterRule(each.name, _VALUE, each.description, f"A value ({each.type}), or values by comma") for each in PROPERTIES),
)
"""Every filter, in the order of the documentation. What a filter finds are codes; only those on place, kind and
notSelectable find chapters and blocks too. Filters on notes read those that stand on the code itself."""


def property_uri(each: Property) -> str:
    """Return the URI that gives a property its meaning.

    >>> property_uri(PROPERTIES[0])
    'http://hl7.org/fhir/concept-properties#parent'
    """
    return f"{_STANDARD if each.standard else PROPERTY_SYSTEM}#{each.name}"
