"""The operations on CodeSystem."""

from __future__ import annotations

from typing import Final

from icdref.fhir.operations import evaluation as shared
from icdref.fhir.operations.table import DATE, LANGUAGE, RELEASE, SYSTEM, Operation, Parameter, out

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
        Parameter("system", "uri", SYSTEM),
        Parameter("version", "string", RELEASE),
        Parameter("coding", "Coding", "The code, its system and release in one."),
        Parameter("date", "dateTime", DATE),
        Parameter("displayLanguage", "code", LANGUAGE),
        Parameter("property", "code", "Return only these properties; unknown names are ignored. Default: all.", max="*"),
        shared.SUPPLEMENT,
        *shared.own(shared.VERSIONS),
        *shared.BROUGHT,
        *shared.COURTESIES,
        out("name", "string", "Title of the release that answered.", at_least=1),
        out("version", "string", "Release that answered, by its effective date.", at_least=1),
        out("display", "string", "Title of the code; absent where the release that holds the title is not installed."),
        out("definition", "string", "Same as the title: the tabular list has no other definition.", since="5.0"),
        out("code", "code", "The code in its canonical spelling.", at_least=1),
        out("system", "uri", "The code system.", at_least=1),
        out("abstract", "boolean", "True for chapters and blocks, which are never used as codes.", at_least=1),
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
        out("message", "string", "What the caller should know about the answer; one for each remark.", at_most="*"),
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
        Parameter("system", "uri", SYSTEM, own=True),
        Parameter("version", "string", RELEASE),
        Parameter("display", "string", "A title to check against the publisher's."),
        Parameter("coding", "Coding", "The code, its system, release and display in one."),
        Parameter("codeableConcept", "CodeableConcept", "Valid when one of its codings is."),
        Parameter("date", "dateTime", DATE),
        Parameter("abstract", "boolean", "Accept chapters and blocks. Default false; true for other code systems."),
        Parameter("displayLanguage", "code", LANGUAGE),
        Parameter("activeOnly", "boolean", "Refuse codes that are not active on the day. Default false.", own=True),
        Parameter(
            "lenient-display-validation",
            "boolean",
            "Report a wrong display as a warning, with a true result. Default false.",
            own=True,
        ),
        Parameter("codeSystem", "CodeSystem", "A code system sent with the request, to be used instead of `url`."),
        *shared.own(shared.but(shared.VALIDATION_FLAGS, "abstract", "lenient-display-validation")),
        *shared.own(shared.but(shared.EXPANSION_FLAGS, "activeOnly")),
        *shared.own(shared.VERSIONS),
        shared.PROPERTY,
        shared.SUPPLEMENT,
        *shared.BROUGHT,
        *shared.COURTESIES,
        out("result", "boolean", "True when the code is valid.", at_least=1),
        out("message", "string", "The errors, else the warnings, joined with '; '."),
        out("display", "string", "The publisher's title."),
        out("code", "code", "The code as it was understood."),
        out("system", "uri", "The code system."),
        out("version", "string", "Release that answered, by its effective date."),
        out("normalized-code", "code", "The canonical spelling, where it differs from the one sent."),
        out("inactive", "boolean", "True where the code is not active on the day."),
        out("status", "code", "`retired` where the code has ended by the day."),
        out("codeableConcept", "CodeableConcept", "The concept that was sent, for code systems other than ICD-10-CM."),
        out("x-unknown-system", "canonical", "A code system that is not held.", at_most="*"),
        out("x-caused-by-unknown-system", "canonical", "The code system that this server does not hold.", at_most="*"),
        out("issues", "OperationOutcome", "Every remark as data."),
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
        Parameter("system", "uri", SYSTEM),
        Parameter("version", "string", RELEASE),
        Parameter("codingA", "Coding", "The first code with its system."),
        Parameter("codingB", "Coding", "The second code with its system."),
        Parameter("date", "dateTime", DATE, own=True),
        *shared.own(shared.VERSIONS),
        *shared.BROUGHT,
        *shared.COURTESIES,
        out("outcome", "code", "equivalent, subsumes, subsumed-by or not-subsumed.", at_least=1),
    ),
    base="http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes",
)

_WANTED: Final = "The value: a code, string, boolean or dateTime, by the property."
_MATCHED_VALUE: Final = Parameter("value", "string", _WANTED, "out", 0)

FIND_MATCHES: Final = Operation(
    "find-matches",
    "CodeSystem",
    "Find codes by properties or words",
    "Codes with given properties, codes that words find, or both; the best first. Words are understood as in the search of the"
    " pages: abbreviations, lay names, sides, typos. Every match says why it was found, or which of the properties it lacks.",
    (
        Parameter("system", "uri", SYSTEM),
        Parameter("version", "string", RELEASE),
        Parameter(
            "property",
            "",
            "A property that the code should have: one of those that `$lookup` returns (POST only).",
            max="*",
            parts=(
                Parameter("code", "code", "Name of the property.", min=1),
                Parameter("value", "string", _WANTED, min=1),
            ),
        ),
        Parameter("exact", "boolean", "Only codes that have every property. Default false: those with some come after them."),
        Parameter("compositional", "boolean", "Only false: the code system has no post-coordination.", allowed=("false",)),
        Parameter("text", "string", "Words, an abbreviation, a code or its beginning.", own=True),
        Parameter("date", "dateTime", DATE, own=True),
        Parameter("count", "positiveInt", "Matches on a page, at most 1000. Default 20.", own=True),
        Parameter("offset", "integer", "Matches to pass over. Default 0.", own=True),
        Parameter(
            "match",
            "",
            "A code that was found.",
            "out",
            0,
            "*",
            parts=(
                Parameter("code", "Coding", "The code.", "out", 1),
                Parameter(
                    "unmatched",
                    "",
                    "A property asked for that the code does not have with that value.",
                    "out",
                    0,
                    "*",
                    parts=(Parameter("code", "code", "Name of the property.", "out", 1), _MATCHED_VALUE),
                ),
                Parameter(
                    "why",
                    "",
                    "Why words found it.",
                    "out",
                    0,
                    "*",
                    parts=(
                        Parameter("field", "code", "Where it stands: title, term, above, code, lay, abbreviation …", "out", 1),
                        Parameter("term", "string", "What stands there.", "out", 0),
                        Parameter("corrected", "string", "What was typed where that was read as something else.", "out", 0),
                    ),
                ),
                Parameter("comment", "string", "The same in a sentence.", "out", 0),
            ),
        ),
        out("total", "integer", "How many matches there are in all.", at_least=1),
        out("message", "string", "What the caller should know; one for each remark.", at_most="*"),
    ),
    instance_level=True,
    base="http://hl7.org/fhir/OperationDefinition/CodeSystem-find-matches",
)
