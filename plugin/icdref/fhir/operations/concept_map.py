"""The operation on ConceptMap: what a code is called in another code system."""

from __future__ import annotations

from typing import Final

from icdref.fhir.operations.evaluation import COURTESIES, TX_RESOURCE
from icdref.fhir.operations.table import DATE, RELEASE, Operation, Parameter, out

_CONCEPT_R4: Final = Parameter("concept", "Coding", "The code that the map leads to.", "out", 0)
_DEPENDENCY: Final = "An element that rows of a map may depend on: a row that needs another value is left out."


def _given(r4: str, r5: str, type_: str, documentation: str) -> tuple[Parameter, ...]:
    """Return a parameter under the name that each version has for it."""
    if r4 == r5:
        return (Parameter(r4, type_, documentation),)
    return Parameter(r4, type_, documentation, until="4.3"), Parameter(r5, type_, documentation, since="5.0")


TRANSLATE: Final = Operation(
    "translate",
    "ConceptMap",
    "Translate a code",
    "What a code is called in another code system, by every map that knows it: the general equivalence mappings between"
    " ICD-9-CM and ICD-10-CM, the codes that replaced an ended code, the identifiers that condition summaries name as"
    " equivalents, MeSH sub-topics and sections, maps that the operator imported, and a map sent with the request. Every match"
    " names its map. Where a map misleads, the message says so.",
    (
        Parameter("url", "uri", "Only this concept map, by canonical URL; `url|version` names one version."),
        Parameter("conceptMap", "ConceptMap", "A concept map to use, sent with the request (POST only)."),
        Parameter("conceptMapVersion", "string", "The version of the concept map that `url` names."),
        *_given("code", "sourceCode", "code", "The code, in any spelling; one of code, Coding or CodeableConcept is required."),
        Parameter("system", "uri", "Code system of the code. Default ICD-10-CM; urn:oid: forms are accepted."),
        Parameter("version", "string", RELEASE),
        *_given("source", "sourceScope", "uri", "The value set that the code was chosen from: maps from it answer."),
        *_given("coding", "sourceCoding", "Coding", "The code with its system."),
        *_given("codeableConcept", "sourceCodeableConcept", "CodeableConcept", "Codes that say the same; each is translated."),
        *_given("target", "targetScope", "uri", "The value set that the translation should be in: maps to it answer."),
        *_given("targetsystem", "targetSystem", "uri", "The code system of the translation."),
        Parameter("targetCode", "code", "The code to be translated backwards, to what leads to it.", since="5.0"),
        Parameter("targetCoding", "Coding", "The same, with its system.", since="5.0"),
        Parameter("targetCodeableConcept", "CodeableConcept", "The same, in several codes.", since="5.0"),
        Parameter("reverse", "boolean", "Which codes lead to this one. Default false.", until="4.3"),
        Parameter(
            "dependency",
            "",
            _DEPENDENCY,
            max="*",
            until="4.3",
            parts=(
                Parameter("element", "uri", "The element."),
                Parameter("concept", "CodeableConcept", "Its value."),
            ),
        ),
        Parameter(
            "dependency",
            "",
            _DEPENDENCY,
            max="*",
            since="5.0",
            parts=(
                Parameter("attribute", "uri", "The element."),
                Parameter("value", "string", "Its value."),
            ),
        ),
        Parameter("date", "dateTime", DATE, own=True),
        TX_RESOURCE,
        *COURTESIES,
        out("result", "boolean", "True when there is a match that is one.", at_least=1),
        out("message", "string", "What the caller must know: no match, a map that misleads, codes that ended."),
        Parameter(
            "match",
            "",
            "One translation.",
            "out",
            0,
            "*",
            until="4.3",
            parts=(
                Parameter("equivalence", "code", "How the target stands to the source: ConceptMapEquivalence.", "out", 0),
                _CONCEPT_R4,
                Parameter(
                    "product",
                    "",
                    "A code that belongs to the translation too; those of one element are alternatives.",
                    "out",
                    0,
                    "*",
                    parts=(
                        Parameter("element", "uri", "What the code is for.", "out", 0),
                        Parameter("concept", "Coding", "The code.", "out", 0),
                    ),
                ),
                Parameter("source", "uri", "The map that says so.", "out", 0),
            ),
        ),
        Parameter(
            "match",
            "",
            "One translation.",
            "out",
            0,
            "*",
            since="5.0",
            parts=(
                Parameter("relationship", "code", "How the source stands to the target: ConceptMapRelationship.", "out", 0),
                _CONCEPT_R4,
                Parameter(
                    "product",
                    "",
                    "A code that belongs to the translation too; those of one attribute are alternatives.",
                    "out",
                    0,
                    "*",
                    parts=(
                        Parameter("attribute", "uri", "What the code is for.", "out", 0),
                        Parameter("value", "Coding", "The code, or text where the map has text.", "out", 0),
                    ),
                ),
                Parameter(
                    "dependsOn",
                    "",
                    "What must hold for the match to apply.",
                    "out",
                    0,
                    "*",
                    parts=(
                        Parameter("attribute", "uri", "The element.", "out", 0),
                        Parameter("value", "string", "Its value.", "out", 0),
                    ),
                ),
                Parameter("originMap", "uri", "The map that says so.", "out", 0),
            ),
        ),
    ),
    base="http://hl7.org/fhir/OperationDefinition/ConceptMap-translate",
)
