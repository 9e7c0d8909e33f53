"""The operations on Composition: condition summaries as documents."""

from __future__ import annotations

from typing import Final

from icdref.codes import ICD10CM
from icdref.fhir.operations.table import DATE, RELEASE, SYSTEM, Operation, Parameter, out, unsupported
from icdref.model import SECTIONS

_SECTION_CODES: Final = ", ".join(code for code, _ in SECTIONS)

_SUMMARY_PARAMETERS: Final = (
    Parameter(
        "section",
        "string",
        f"Section code or MeSH id: only these sections, with red-flags and never-do always included. Codes: {_SECTION_CODES}.",
        max="*",
        own=True,
    ),
    Parameter("audience", "code", "Default clinician.", allowed=("clinician", "patient"), own=True),
    Parameter(
        "displayLanguage",
        "code",
        "BCP 47 tag. Falls back to its base language, then to English; the fallback is declared in the answer.",
        own=True,
    ),
    Parameter(
        "grade",
        "code",
        "Keep only statements of these grades, safety sections excepted. Default: all four.",
        max="*",
        allowed=("A", "B", "C", "D"),
        own=True,
    ),
)

DOCUMENT: Final = Operation(
    "document",
    "Composition",
    "Condition summary as a document",
    "The summary with everything it refers to, as one Bundle of type document.",
    (
        *_SUMMARY_PARAMETERS,
        Parameter(
            "persist",
            "boolean",
            "Only false: this server stores nothing that it is sent or asked for.",
            allowed=("false",),
        ),
        unsupported("id", "uri", "The composition to use.", "call the operation on the composition itself"),
        unsupported("graph", "uri", "What to include.", "the document always includes everything it refers to"),
        out("return", "Bundle", "The document, sent bare.", at_least=1),
    ),
    type_level=False,
    base="http://hl7.org/fhir/OperationDefinition/Composition-document",
)

FOR_CODE: Final = Operation(
    "for-code",
    "Composition",
    "Condition summary for a code",
    "Finds the condition summary that answers a diagnosis code and returns it as a document in one call, with the trace of"
    " the match.",
    (
        Parameter(
            "code",
            "code",
            "Code as the caller has it: dotted, undotted, any case. Repeat for several codes of one system.",
            max="*",
            own=True,
        ),
        Parameter("system", "uri", f"System of `code`. Default {ICD10CM}. urn:oid: forms are accepted.", own=True),
        Parameter("coding", "Coding", "Codes of mixed systems (POST only).", max="*", own=True),
        Parameter(
            "codeableConcept",
            "CodeableConcept",
            "A whole Condition.code; its codings are tried in order, then its text (POST only).",
            max="*",
            own=True,
        ),
        Parameter("version", "string", RELEASE, own=True),
        Parameter("date", "dateTime", DATE, own=True),
        Parameter("match", "code", "How far the search may go. Default any.", allowed=("exact", "hierarchy", "any"), own=True),
        *_SUMMARY_PARAMETERS,
        Parameter(
            "max",
            "positiveInt",
            "How many summaries at most. 1 (default): one document Bundle, for a known code without a summary the code card."
            " More: a searchset Bundle.",
            own=True,
        ),
        Parameter(
            "patientAge",
            "Quantity",
            "Context for ranking; POST only, never stored or logged.",
            post_only=True,
            own=True,
        ),
        Parameter(
            "patientSex",
            "code",
            "Context for ranking; POST only, never stored or logged.",
            allowed=("male", "female", "other", "unknown"),
            post_only=True,
            own=True,
        ),
        out(
            "return",
            "Bundle",
            "max=1: a document, the same entries as Composition/{id}/$document. More: a searchset."
            " Bundle.meta.extension[match-trace] says for each requested code how it was matched.",
            at_least=1,
        ),
    ),
    instance_level=False,
)

COMPARE: Final = Operation(
    "compare",
    "Composition",
    "Conditions side by side",
    "Sets two to six codes or condition summaries side by side, section by section, with the features that tell them apart.",
    (
        Parameter(
            "code",
            "string",
            "Code in any spelling, or id of a condition summary. Repeat it: two to six, in the order wanted.",
            min=2,
            max="*",
            own=True,
        ),
        Parameter("system", "uri", SYSTEM, own=True),
        Parameter("version", "string", RELEASE, own=True),
        Parameter("date", "dateTime", DATE, own=True),
        *_SUMMARY_PARAMETERS,
        out(
            "return",
            "Bundle",
            "A document: a Composition with a section for each section of the summaries, the conditions one after the other"
            " inside it, and the catalogue cards. Bundle.meta.extension[match-trace] says how each code was matched.",
            at_least=1,
        ),
    ),
    instance_level=False,
)
