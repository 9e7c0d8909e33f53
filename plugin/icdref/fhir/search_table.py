"""The table of search parameters: one row for each parameter of each resource type. Data only.

Paths are element names joined by dots, as in FHIRPath; `name[key=value]` keeps the members of a list whose `key` has that
value; lists are walked without being named. `home` is the first half of the id under which HL7 publishes the definition,
which is not always the type: R4 shares one definition among the conformance resources, R5 one among all canonical ones.
Source: HL7 FHIR R4 4.0.1 and R5 5.0.0, search-parameters.json.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from icdref.fhir.canonical import element_of_5

_PUBLICATION_STATUS: Final = "http://hl7.org/fhir/publication-status"
_COMPOSITION_STATUS: Final = "http://hl7.org/fhir/composition-status"
_CONTENT_MODE: Final = "http://hl7.org/fhir/codesystem-content-mode"
_MIME_TYPES: Final = "urn:ietf:bcp:13"

_STRING: Final = ("missing", "exact", "contains")
_URI: Final = ("missing", "above", "below")
_CODE: Final = ("missing", "not")
_CONCEPT: Final = ("missing", "text", "not", "in", "above", "below")
_IDENTIFIER: Final = ("missing", "text", "not")
_REFERENCE: Final = ("missing", "type")
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
EVERY_TYPE: Final = (
    Row("_id", "token", "id", "The id of the resource.", _RESOURCE, modifiers=("not",)),
    Row("_lastUpdated", "date", "meta.lastUpdated", "When this version came into the edition.", _RESOURCE),
)


def _canonical_rows(home: str) -> tuple[Row, ...]:
    """Return the parameters that Library, ValueSet and CodeSystem share; `home` is where R4 defines them."""
    both = (home, "CanonicalResource")
    return (
        Row("url", "uri", "url", "The canonical URL; `url|version` names one version.", both),
        Row("version", "token", "version", "The business version.", both),
        Row("name", "string", "name", "The computer-friendly name.", both),
        Row("title", "string", "title", "The title for people.", both),
        Row("status", "token", "status", "draft, active, retired or unknown.", both, implied_system=_PUBLICATION_STATUS),
        Row("date", "date", "date", "The publication date.", both),
        Row("identifier", "token", "identifier", "A business identifier.", both, modifiers=_IDENTIFIER),
        Row("publisher", "string", "publisher", "The name of the publisher.", both),
    )


def _context_rows(home: str) -> tuple[Row, ...]:
    """Return the parameters over `useContext` and the describing elements that Library and ValueSet share."""
    both = (home, "CanonicalResource")
    value = "useContext.valueCodeableConcept"
    parts = ("code", "valueCodeableConcept")
    return (
        Row("description", "string", "description", "The description.", both),
        Row("jurisdiction", "token", "jurisdiction", "The intended jurisdiction.", both, modifiers=_CONCEPT),
        Row("context", "token", value, "A code that the content is about or meant for.", both, modifiers=_CONCEPT),
        Row("context-type", "token", "useContext.code", "The kind of use context, such as focus.", both, modifiers=_CONCEPT),
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


_HELD: Final = ("Library", "Composition", "ValueSet", "CodeSystem", "Provenance")

_LIBRARY: Final = (
    *_canonical_rows("Library"),
    *_context_rows("Library"),
    Row("topic", "token", "topic", "A code or name of the topic.", ("Library", "MetadataResource"), modifiers=_CONCEPT),
    Row(
        "composed-of",
        "reference",
        "relatedArtifact[type=composed-of].resource",
        "The text that the card belongs to.",
        ("Library", "MetadataResource"),
        targets=("Composition",),
    ),
    Row(
        "depends-on",
        "reference",
        "relatedArtifact[type=depends-on].resource",
        "What the content depends on.",
        ("Library", "MetadataResource"),
        targets=("Library", "ValueSet", "CodeSystem"),
    ),
    Row("type", "token", "type", "The kind of library.", ("Library", "Library"), modifiers=_CONCEPT),
    Row(
        "content-type",
        "token",
        "content.contentType",
        "The media type of a representation of the text.",
        ("Library", "Library"),
        implied_system=_MIME_TYPES,
    ),
)

_BOTH: Final = ("Composition", "Composition")
_CLINICAL: Final = ("clinical", "clinical")
URL_OF_4: Final = element_of_5("Composition", "url")
VERSION_OF_4: Final = element_of_5("Composition", "version")
URL_PATH_OF_4: Final = f"extension[url={URL_OF_4}].valueUri"
VERSION_PATH_OF_4: Final = f"extension[url={VERSION_OF_4}].valueString"

_COMPOSITION: Final = (
    Row("title", "string", "title", "The title of the summary.", _BOTH),
    Row("status", "token", "status", "preliminary, final, amended …", _BOTH, implied_system=_COMPOSITION_STATUS),
    Row("date", "date", "date", "When the text was last changed.", _CLINICAL),
    Row("type", "token", "type", "The kind of document.", _CLINICAL, modifiers=_CONCEPT),
    Row("category", "token", "category", "For whom: clinician or patient.", _BOTH, modifiers=_CONCEPT),
    Row("section", "token", "section.code", "A section that the summary has, by code or MeSH id.", _BOTH, modifiers=_CONCEPT),
    Row("subject", "reference", "subject", "The value set of the codes that it is about.", _BOTH, targets=("ValueSet",)),
    Row("entry", "reference", "section.entry", "A resource that a section refers to.", _BOTH, targets=_HELD),
    Row("author", "reference", "author", "Who wrote it.", _BOTH),
    Row("identifier", "token", "identifier", "The business identifier.", _CLINICAL, modifiers=_IDENTIFIER),
    Row("context", "token", "event.code", "The code that it is bound to, exactly.", ("Composition", ""), modifiers=_CONCEPT),
    Row(
        "event-code",
        "token",
        "event.detail.concept",
        "The code that it is bound to, exactly.",
        ("", "Composition"),
        modifiers=_CONCEPT,
    ),
    Row("related-ref", "reference", "relatesTo.targetReference", "A document it relates to.", ("Composition", "")),
    Row(
        "related-id",
        "token",
        "relatesTo.targetIdentifier",
        "The identifier of a document it relates to.",
        ("Composition", ""),
        modifiers=_IDENTIFIER,
    ),
    Row("related", "reference", "relatesTo.resourceReference", "A document it relates to.", ("", "Composition")),
    Row(
        "url",
        "uri",
        URL_PATH_OF_4,
        "The canonical URL; `url|version` names one version.",
        (OWN, "Composition"),
        path_5="url",
    ),
    Row(
        "version",
        "token",
        VERSION_PATH_OF_4,
        "The business version.",
        (OWN, "Composition"),
        path_5="version",
    ),
    Row(
        "section-text",
        "special",
        "section.text.div",
        "Words in the text of a section, in this order.",
        ("", "Composition"),
        rule="narrative",
    ),
    Row(
        "code",
        "token",
        "subject",
        "Summaries about a code: true when the code is in the value set of the summary, so M61.051 finds a summary about"
        " M61.0 and everything below it. Several values are OR.",
        (OWN, OWN),
        modifiers=("not",),
        rule="subject-members",
    ),
)

_VALUE_SET: Final = (
    *_canonical_rows("conformance"),
    *_context_rows("conformance"),
    Row(
        "code",
        "token",
        "compose",
        "A member of the value set, evaluated; a code without system is one of ICD-10-CM.",
        ("ValueSet", "ValueSet"),
        modifiers=("not",),
        rule="members",
    ),
    Row("reference", "uri", "compose.include.system", "A code system that it draws from.", ("ValueSet", "ValueSet")),
)

_CODE_SYSTEM: Final = (
    *_canonical_rows("conformance"),
    Row("system", "uri", "url", "The URI by which codings name the system.", ("CodeSystem", "CodeSystem")),
    Row(
        "content-mode",
        "token",
        "content",
        "How much of the system the resource holds.",
        ("CodeSystem", "CodeSystem"),
        implied_system=_CONTENT_MODE,
    ),
)

_OF_PROVENANCE: Final = ("Provenance", "Provenance")
_PROVENANCE: Final = (
    Row("target", "reference", "target", "The version that it speaks about.", _OF_PROVENANCE, targets=_HELD),
    Row("recorded", "date", "recorded", "When it was recorded.", _OF_PROVENANCE),
    Row("agent", "reference", "agent.who", "Who took part.", _OF_PROVENANCE),
    Row("agent-type", "token", "agent.type", "How they took part: author, verifier.", _OF_PROVENANCE, modifiers=_CONCEPT),
    Row("entity", "reference", "entity.what", "A source that was used.", _OF_PROVENANCE, targets=_HELD),
)

ROWS: Final = {
    "Library": _LIBRARY,
    "Composition": _COMPOSITION,
    "ValueSet": _VALUE_SET,
    "CodeSystem": _CODE_SYSTEM,
    "Provenance": _PROVENANCE,
}
