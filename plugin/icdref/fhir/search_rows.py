"""What a row of the table of search parameters is, and the rows that several resource types share. Data only.

Paths are element names joined by dots, as in FHIRPath; `name[key=value]` keeps the members of a list whose `key` has that
value; lists are walked without being named; ` | ` joins alternatives. `home` is the first half of the id under which HL7
publishes the definition, which is not always the type: R4 shares one definition among the conformance resources, R5 one
among all canonical ones.
Source: HL7 FHIR R4 4.0.1 and R5 5.0.0, search-parameters.json.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_PUBLICATION_STATUS: Final = "http://hl7.org/fhir/publication-status"

_STRING: Final = ("missing", "exact", "contains")
_URI: Final = ("missing", "above", "below")
_CODE: Final = ("missing", "not")
CONCEPT: Final = ("missing", "text", "not", "in", "not-in", "above", "below")
IDENTIFIER: Final = ("missing", "text", "not")
_REFERENCE: Final = ("missing", "type", "identifier")
MODIFIERS: Final = {"string": _STRING, "uri": _URI, "token": _CODE, "reference": _REFERENCE, "date": ("missing",)}
"""The modifiers of a type, for rows that do not list their own; `type` stands for the name of any resource type."""

OWN: Final = "own"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table; `SearchParameter` explains its fields.

    `home` is the first half of the definition's id in R4 and in R5: '' where the version has no such parameter, `own`
    where we define it. `path_5` is the path in R5 where it differs.
    """

    name: str
    type: str
    path: str
    documentation: str
    home: tuple[str, str]
    path_5: str = ""
    modifiers: tuple[str, ...] | None = None
    rule: str = ""
    components: tuple[str, ...] = ()
    implied_system: str = ""
    targets: tuple[str, ...] = ()


_RESOURCE: Final = ("Resource", "Resource")
_PROFILE: Final = "StructureDefinition"
EVERY_TYPE: Final = (
    Row("_id", "token", "id", "The id of the resource.", _RESOURCE, modifiers=("not",)),
    Row("_lastUpdated", "date", "meta.lastUpdated", "When this version came into the edition.", _RESOURCE),
    Row("_profile", "uri", "meta.profile", "A profile that the resource claims.", ("Resource", "")),
    Row("_profile", "reference", "meta.profile", "A profile that the resource claims.", ("", "Resource"), targets=(_PROFILE,)),
    Row("_security", "token", "meta.security", "A security label, such as REDACTED.", _RESOURCE, modifiers=CONCEPT),
    Row("_source", "uri", "meta.source", "The edition that it comes from.", _RESOURCE),
    Row("_tag", "token", "meta.tag", "A tag.", _RESOURCE, modifiers=CONCEPT),
    Row(
        "_text",
        "string",
        "text.div | section.text.div",
        "Words in the narrative, in this order.",
        ("DomainResource", "DomainResource"),
        modifiers=(),
        rule="narrative",
    ),
    Row("_content", "string", "", "Words anywhere in the resource, in this order.", _RESOURCE, modifiers=(), rule="content"),
)


def canonical_rows(home: str, absent_in_4: tuple[str, ...] = ()) -> tuple[Row, ...]:
    """Return the parameters that canonical resources share; `home` is where R4 defines them, but for those it lacks."""

    def both(name: str) -> tuple[str, str]:
        return ("" if name in absent_in_4 else home, "CanonicalResource")

    return (
        Row("url", "uri", "url", "The canonical URL; `url|version` names one version.", both("url")),
        Row("version", "token", "version", "The business version.", both("version")),
        Row("name", "string", "name", "The computer-friendly name.", both("name")),
        Row("title", "string", "title", "The title for people.", both("title")),
        Row(
            "status", "token", "status", "draft, active, retired or unknown.", both("status"), implied_system=_PUBLICATION_STATUS
        ),
        Row("date", "date", "date", "The publication date.", both("date")),
        Row("identifier", "token", "identifier", "A business identifier.", both("identifier"), modifiers=IDENTIFIER),
        Row("publisher", "string", "publisher", "The name of the publisher.", both("publisher")),
    )


def context_rows(home: str) -> tuple[Row, ...]:
    """Return the parameters over `useContext` and the describing elements of canonical resources."""
    both = (home, "CanonicalResource")
    value = "useContext.valueCodeableConcept"
    parts = ("code", "valueCodeableConcept")
    return (
        Row("description", "string", "description", "The description.", both),
        Row("jurisdiction", "token", "jurisdiction", "The intended jurisdiction.", both, modifiers=CONCEPT),
        Row("context", "token", value, "A code that the content is about or meant for.", both, modifiers=CONCEPT),
        Row("context-type", "token", "useContext.code", "The kind of use context, such as focus.", both, modifiers=CONCEPT),
        Row(
            "context-type-value",
            "composite",
            "useContext",
            "A kind of use context with its code: `focus$system|code`.",
            both,
            modifiers=(),
            components=parts,
        ),
    )
