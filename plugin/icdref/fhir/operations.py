"""The FHIR operations as data: one table from which requests are parsed and definitions are written.

A parameter exists here and nowhere else. `supported=False` marks a standard parameter that this server knows but does not
honour: a request that sends it is refused with the reason, never answered as if it had not been sent.
Source: HL7 FHIR R4 and R5, OperationDefinition of each standard operation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from icdref.codes import ICD10CM
from icdref.fhir.canonical import canonical
from icdref.model import SECTIONS

COMPLEX_TYPES: Final = frozenset({"Coding", "CodeableConcept", "Quantity", "CodeSystem", "Bundle", "OperationOutcome"})
"""Types that no URL can carry, so parameters of these types are read from a POSTed Parameters resource only."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation.

    `type` is a FHIR type, '' for a parameter made of `parts`. `allowed` lists the accepted values ('' allowed: any of the
    type). `since` is the first FHIR version that has the parameter; `own` marks those that HL7 does not define.
    """

    name: str
    type: str
    documentation: str
    use: str = "in"
    min: int = 0
    max: str = "1"
    allowed: tuple[str, ...] = ()
    post_only: bool = False
    supported: bool = True
    reason: str = ""
    since: str = "4.0"
    own: bool = False
    parts: tuple[Parameter, ...] = ()

    @property
    def repeats(self) -> bool:
        """Tell whether the parameter may be given more than once."""
        return self.max == "*"

    @property
    def must_be_posted(self) -> bool:
        """Tell whether a GET may not carry the parameter: its type has no URL form, or it describes a patient."""
        return self.post_only or self.type in COMPLEX_TYPES


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: where it can be called and what goes in and out. Every operation of ours leaves the state as it is.

    `base` is the canonical URL of the standard operation that this one narrows or extends, '' for our own.
    """

    name: str
    resource: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    type_level: bool = True
    instance_level: bool = True
    system_level: bool = False
    affects_state: bool = False
    methods: tuple[str, ...] = ("GET", "POST")
    base: str = ""

    @property
    def id(self) -> str:
        """Return the id of the OperationDefinition, such as CodeSystem-lookup."""
        return f"{self.resource}-{self.name}"

    @property
    def definition(self) -> str:
        """Return the canonical URL of our OperationDefinition.

        Ours even for standard operations: a server that supports less, or more, than the standard parameters has to
        publish its own definition with the standard one as `base` (FHIR, CapabilityStatement.rest.operation.definition).
        """
        return canonical("OperationDefinition", self.id)

    def inputs(self, fhir_version: str = "4.0") -> tuple[Parameter, ...]:
        """Return the input parameters known to a FHIR version, supported or not."""
        return tuple(p for p in self.parameters if p.use == "in" and p.since <= fhir_version)

    def parameter(self, name: str, fhir_version: str = "4.0") -> Parameter | None:
        """Return the input parameter of this name, or None."""
        return _inputs_by_name(self.resource, self.name, fhir_version).get(name)


def _out(name: str, type_: str, documentation: str, *, at_least: int = 0, at_most: str = "1", since: str = "4.0") -> Parameter:
    return Parameter(name, type_, documentation, "out", at_least, at_most, since=since)


def _unsupported(name: str, type_: str, documentation: str, reason: str, *, since: str = "4.0", at_most: str = "1") -> Parameter:
    return Parameter(name, type_, documentation, max=at_most, supported=False, reason=reason, since=since)


_RELEASE: Final = "Release of the code system: an effective date such as 2026-04-01, or 2026 for the newest of a fiscal year."
_SYSTEM: Final = f"Code system of the code. Default {ICD10CM}; urn:oid: forms are accepted."
_DATE: Final = "Date of service: picks the release in force on that day. Ignored when the release is named."
_LANGUAGE: Final = "BCP 47 tag of the titles wanted. The publisher's titles exist in English only."

_VALUE = Parameter("value", "string", "The value: a code, string, boolean or dateTime, by the property.", "out", 0)
_DESCRIPTION = Parameter("description", "string", "The title of the code that the value names.", "out", 0)
_SUBPROPERTY = Parameter(
    "subproperty",
    "",
    "`code`: a code that the line cites, as written; `inheritedFrom`: the code, block or chapter that the line stands on.",
    "out",
    0,
    "*",
    parts=(Parameter("code", "code", "Name of the subproperty.", "out", 1), _VALUE, _DESCRIPTION),
)

LOOKUP: Final = Operation(
    "lookup",
    "CodeSystem",
    "Look up a code",
    "Everything a release says about one code, chapter or block: title, place in the tabular list, every note that applies"
    " to it with the place where the note stands, validity and successors.",
    (
        Parameter("code", "code", "The code in any spelling; required unless `coding` is sent."),
        Parameter("system", "uri", _SYSTEM),
        Parameter("version", "string", _RELEASE),
        Parameter("coding", "Coding", "The code, its system and release in one."),
        Parameter("date", "dateTime", _DATE),
        Parameter("displayLanguage", "code", _LANGUAGE),
        Parameter("property", "code", "Return only these properties; unknown names are ignored. Default: all.", max="*"),
        _unsupported(
            "useSupplement", "canonical", "A code system supplement to use.", "supplements are not held", since="5.0", at_most="*"
        ),
        _out("name", "string", "Title of the release that answered.", at_least=1),
        _out("version", "string", "Release that answered, by its effective date.", at_least=1),
        _out("display", "string", "Title of the code; absent where the release that holds the title is not installed."),
        _out("definition", "string", "Same as the title: the tabular list has no other definition.", since="5.0"),
        _out("code", "code", "The code in its canonical spelling.", at_least=1),
        _out("system", "uri", "The code system.", at_least=1),
        _out("abstract", "boolean", "True for chapters and blocks, which are never used as codes.", at_least=1),
        Parameter(
            "designation",
            "",
            "Other forms of the title.",
            "out",
            0,
            "*",
            parts=(
                Parameter("language", "code", "Language of the designation.", "out", 0),
                Parameter("use", "Coding", "published-title or ascii-title.", "out", 0),
                Parameter("value", "string", "The text.", "out", 1),
            ),
        ),
        Parameter(
            "property",
            "",
            "One property of the code.",
            "out",
            0,
            "*",
            parts=(Parameter("code", "code", "Name of the property.", "out", 1), _VALUE, _DESCRIPTION, _SUBPROPERTY),
        ),
        _out("message", "string", "What the caller should know about the answer; one for each remark.", at_most="*"),
    ),
    base="http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup",
)

VALIDATE_CODE: Final = Operation(
    "validate-code",
    "CodeSystem",
    "Validate a code",
    "Whether a code is in a release and, where a display is sent, whether that is its title; with every reason.",
    (
        Parameter("url", "uri", "The code system; the same as `system`."),
        Parameter("code", "code", "The code in any spelling; required unless `coding` or `codeableConcept` is sent."),
        Parameter("system", "uri", _SYSTEM, own=True),
        Parameter("version", "string", _RELEASE),
        Parameter("display", "string", "A title to check against the publisher's."),
        Parameter("coding", "Coding", "The code, its system, release and display in one."),
        Parameter("codeableConcept", "CodeableConcept", "Valid when one of its codings is."),
        Parameter("date", "dateTime", _DATE),
        Parameter("abstract", "boolean", "Accept chapters and blocks. Default false."),
        Parameter("displayLanguage", "code", _LANGUAGE),
        Parameter("activeOnly", "boolean", "Refuse codes that are not active on the day. Default false.", own=True),
        Parameter(
            "lenient-display-validation",
            "boolean",
            "Report a wrong display as a warning, with a true result. Default false.",
            own=True,
        ),
        _unsupported(
            "codeSystem", "CodeSystem", "A code system sent with the request.", "only the code systems of the edition are used"
        ),
        _out("result", "boolean", "True when the code is valid.", at_least=1),
        _out("message", "string", "The errors, else the warnings, joined with '; '."),
        _out("display", "string", "The publisher's title."),
        _out("code", "code", "The code as it was understood."),
        _out("system", "uri", "The code system."),
        _out("version", "string", "Release that answered, by its effective date."),
        _out("normalized-code", "code", "The canonical spelling, where it differs from the one sent."),
        _out("inactive", "boolean", "True where the code is not active on the day."),
        _out("status", "code", "`retired` where the code has ended by the day."),
        _out("x-caused-by-unknown-system", "canonical", "The code system that this server does not hold."),
        _out("issues", "OperationOutcome", "Every remark as data."),
    ),
    base="http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code",
)

SUBSUMES: Final = Operation(
    "subsumes",
    "CodeSystem",
    "Subsumption test",
    "How two codes of one release relate in its tree; blocks and chapters count.",
    (
        Parameter("codeA", "code", "The first code; required unless `codingA` is sent."),
        Parameter("codeB", "code", "The second code; required unless `codingB` is sent."),
        Parameter("system", "uri", _SYSTEM),
        Parameter("version", "string", _RELEASE),
        Parameter("codingA", "Coding", "The first code with its system."),
        Parameter("codingB", "Coding", "The second code with its system."),
        Parameter("date", "dateTime", _DATE, own=True),
        _out("outcome", "code", "equivalent, subsumes, subsumed-by or not-subsumed.", at_least=1),
    ),
    base="http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes",
)

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
        _unsupported("id", "uri", "The composition to use.", "call the operation on the composition itself"),
        _unsupported("graph", "uri", "What to include.", "the document always includes everything it refers to"),
        _out("return", "Bundle", "The document, sent bare.", at_least=1),
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
        Parameter("version", "string", _RELEASE, own=True),
        Parameter("date", "dateTime", _DATE, own=True),
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
        _out(
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
        Parameter("system", "uri", _SYSTEM, own=True),
        Parameter("version", "string", _RELEASE, own=True),
        Parameter("date", "dateTime", _DATE, own=True),
        *_SUMMARY_PARAMETERS,
        _out(
            "return",
            "Bundle",
            "A document: a Composition with a section for each section of the summaries, the conditions one after the other"
            " inside it, and the catalogue cards. Bundle.meta.extension[match-trace] says how each code was matched.",
            at_least=1,
        ),
    ),
    instance_level=False,
)

OPERATIONS: Final = (LOOKUP, VALIDATE_CODE, SUBSUMES, DOCUMENT, FOR_CODE, COMPARE)
"""Every operation of this server, in the order of the documentation."""


@cache
def _inputs_by_name(resource: str, name: str, fhir_version: str) -> dict[str, Parameter]:
    """Return the input parameters of an operation by name; looked up for every parameter of every request."""
    found = operation(resource, name)
    return {each.name: each for each in found.inputs(fhir_version)} if found else {}


@cache
def operation(resource: str, name: str) -> Operation | None:
    """Return the operation of this name on a resource type, or None.

    >>> operation("CodeSystem", "lookup").title
    'Look up a code'
    """
    return next((op for op in OPERATIONS if op.resource == resource and op.name == name), None)
