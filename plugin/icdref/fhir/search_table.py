"""The table of search parameters: one row for each parameter of each resource type. Data only; see `search_rows.py`."""

from __future__ import annotations

from typing import Final

from icdref.fhir.canonical import element_of_5
from icdref.fhir.search_rows import CONCEPT, IDENTIFIER, OWN, Row, canonical_rows, context_rows
from icdref.fhir.search_table_conformance import CONFORMANCE_ROWS

_COMPOSITION_STATUS: Final = "http://hl7.org/fhir/composition-status"
_MIME_TYPES: Final = "urn:ietf:bcp:13"

_HELD: Final = ("Library", "Composition", "ValueSet", "CodeSystem", "Provenance")

_LIBRARY: Final = (
    *canonical_rows("Library"),
    *context_rows("Library"),
    Row("topic", "token", "topic", "A code or name of the topic.", ("Library", "MetadataResource"), modifiers=CONCEPT),
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
    Row("type", "token", "type", "The kind of library.", ("Library", "Library"), modifiers=CONCEPT),
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
    Row("type", "token", "type", "The kind of document.", _CLINICAL, modifiers=CONCEPT),
    Row("category", "token", "category", "For whom: clinician or patient.", _BOTH, modifiers=CONCEPT),
    Row("section", "token", "section.code", "A section that the summary has, by code or MeSH id.", _BOTH, modifiers=CONCEPT),
    Row("subject", "reference", "subject", "The value set of the codes that it is about.", _BOTH, targets=("ValueSet",)),
    Row("entry", "reference", "section.entry", "A resource that a section refers to.", _BOTH, targets=_HELD),
    Row("author", "reference", "author", "Who wrote it.", _BOTH),
    Row("identifier", "token", "identifier", "The business identifier.", _CLINICAL, modifiers=IDENTIFIER),
    Row("context", "token", "event.code", "The code that it is bound to, exactly.", ("Composition", ""), modifiers=CONCEPT),
    Row(
        "event-code",
        "token",
        "event.detail.concept",
        "The code that it is bound to, exactly.",
        ("", "Composition"),
        modifiers=CONCEPT,
    ),
    Row("related-ref", "reference", "relatesTo.targetReference", "A document it relates to.", ("Composition", "")),
    Row(
        "related-id",
        "token",
        "relatesTo.targetIdentifier",
        "The identifier of a document it relates to.",
        ("Composition", ""),
        modifiers=IDENTIFIER,
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

_OF_PROVENANCE: Final = ("Provenance", "Provenance")
_PROVENANCE: Final = (
    Row("target", "reference", "target", "The version that it speaks about.", _OF_PROVENANCE, targets=_HELD),
    Row("recorded", "date", "recorded", "When it was recorded.", _OF_PROVENANCE),
    Row("agent", "reference", "agent.who", "Who took part.", _OF_PROVENANCE),
    Row("agent-type", "token", "agent.type", "How they took part: author, verifier.", _OF_PROVENANCE, modifiers=CONCEPT),
    Row("entity", "reference", "entity.what", "A source that was used.", _OF_PROVENANCE, targets=_HELD),
)

ROWS: Final = {
    "Library": _LIBRARY,
    "Composition": _COMPOSITION,
    "Provenance": _PROVENANCE,
    **CONFORMANCE_ROWS,
}
