"""The operations on ValueSet."""

from __future__ import annotations

from typing import Final

from icdref.fhir.operations import evaluation as shared
from icdref.fhir.operations.table import DATE, Operation, Parameter, out, unsupported

_URL: Final = (
    "Canonical of the value set, `|version` allowed; implicit ones such as http://hl7.org/fhir/sid/icd-10-cm?fhir_vs=isa/M61."
)
_VALUE_SET: Final = (
    Parameter("url", "uri", _URL),
    Parameter("valueSet", "ValueSet", "The value set itself; a ValueSet as body stands for it.", bare=True),
    Parameter("valueSetVersion", "string", "Version of the value set that `url` names."),
    unsupported("context", "uri", "An element that the value set is bound to.", "name the value set itself"),
)

EXPAND: Final = Operation(
    "expand",
    "ValueSet",
    "Expand a value set",
    "The codes of a value set, all or a page of them, with a total that is always that of the whole; `filter` finds codes by"
    " words and ranks them.",
    (
        *_VALUE_SET,
        unsupported("contextDirection", "code", "Whether the context is read or written.", "name the value set itself"),
        Parameter("filter", "string", "Words that a code is to be found by: titles, synonyms, the code itself."),
        Parameter("term", "string", "The same as `filter`, as some user interfaces send it.", own=True),
        Parameter("date", "dateTime", DATE),
        Parameter("offset", "integer", "Where the page starts, from 0. Without `count` a page has 1,000 codes."),
        Parameter("count", "integer", "Most codes of a page, 10,000 at most; 0 for the total alone."),
        *shared.own(shared.EXPANSION_FLAGS, *(each.name for each in shared.EXPANSION_FLAGS if each.name != "versionsMatch")),
        shared.LANGUAGE,
        Parameter("exclude-system", "canonical", "A code system to leave out, `|version` allowed.", max="*"),
        *shared.own(shared.VERSIONS, "system-version", "check-system-version", "force-system-version"),
        shared.PROPERTY,
        shared.SUPPLEMENT,
        *shared.BROUGHT,
        *shared.own(shared.VALIDATION_FLAGS),
        *shared.COURTESIES,
        out("return", "ValueSet", "The value set with its expansion.", at_least=1),
    ),
    base="http://hl7.org/fhir/OperationDefinition/ValueSet-expand",
)

_ANSWER: Final = (
    out("result", "boolean", "True when the code is in the value set and nothing is wrong with it.", at_least=1),
    out("message", "string", "What is wrong, joined with '; '."),
    out("display", "string", "The display of the code, in the language asked for."),
    out("code", "code", "The code that was found, or tried."),
    out("system", "uri", "Its code system."),
    out("version", "string", "The version of the code system that answered."),
    out("normalized-code", "code", "The spelling of the code system, where it differs."),
    out("inactive", "boolean", "True where the code is not in use."),
    out("status", "code", "The status of the code, such as retired or deprecated."),
    out("codeableConcept", "CodeableConcept", "The concept that was sent."),
    out("x-unknown-system", "canonical", "A code system that is not held.", at_most="*"),
    out("x-caused-by-unknown-system", "canonical", "A code system whose absence decided the result.", at_most="*"),
    out("issues", "OperationOutcome", "Every remark as data."),
)

VALUE_SET_VALIDATE_CODE: Final = Operation(
    "validate-code",
    "ValueSet",
    "Validate a code against a value set",
    "Whether a code is in a value set, and what is wrong with it where it is not: unknown, inactive, of another version, or"
    " wrongly named.",
    (
        *_VALUE_SET,
        Parameter("code", "code", "The code; required unless `coding` or `codeableConcept` is sent."),
        Parameter("system", "uri", "Code system of `code`; required unless inferSystem is true."),
        Parameter("systemVersion", "string", "Version of the code system of `code`."),
        Parameter("display", "string", "A display of `code` to check."),
        Parameter("coding", "Coding", "The code, its system, version and display in one."),
        Parameter("codeableConcept", "CodeableConcept", "Valid when one of its codings is."),
        Parameter("date", "dateTime", DATE),
        *shared.own(shared.VALIDATION_FLAGS, "abstract"),
        shared.LANGUAGE,
        *shared.own(shared.EXPANSION_FLAGS),
        *shared.own(shared.VERSIONS),
        shared.PROPERTY,
        shared.SUPPLEMENT,
        *shared.BROUGHT,
        *shared.COURTESIES,
        *_ANSWER,
    ),
    base="http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code",
)


def _batch(resource: str, of: str) -> Operation:
    return Operation(
        "batch-validate-code",
        resource,
        f"Validate many codes against {of}",
        "Answers many validations in one call, each with its own outcome: up to 2,000, in the order of the request.",
        (
            Parameter(
                "validation",
                "Parameters",
                f"The parameters of one {resource}/$validate-code; those beside it hold for all that do not say otherwise.",
                min=1,
                max="*",
                own=True,
            ),
            *(each for each in _shared_of(resource)),
            out("validation", "Resource", "Parameters, or an OperationOutcome where there is no answer.", at_most="*"),
        ),
        instance_level=False,
        methods=("POST",),
    )


def _shared_of(resource: str) -> tuple[Parameter, ...]:
    """Return the parameters that may stand once for all validations of a batch."""
    value_set = _VALUE_SET[:3] if resource == "ValueSet" else (Parameter("url", "uri", "The code system."),)
    return shared.own(
        (
            *value_set,
            Parameter("date", "dateTime", DATE),
            *shared.VALIDATION_FLAGS,
            shared.LANGUAGE,
            *shared.EXPANSION_FLAGS,
            *shared.VERSIONS,
            shared.SUPPLEMENT,
            *shared.BROUGHT,
            *shared.COURTESIES,
        )
    )


BATCH_VALIDATE_VALUE_SET: Final = _batch("ValueSet", "value sets")
BATCH_VALIDATE_CODE_SYSTEM: Final = _batch("CodeSystem", "code systems")
