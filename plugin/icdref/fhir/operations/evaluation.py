"""The parameters that operations on value sets and on code systems in general share: versions, languages, resources sent along.

HL7 defines some for R4, some for R5 only; the rest are those of the terminology ecosystem, which public clients send.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from icdref.fhir.operations.table import Parameter

_CANONICAL_VERSION: Final = "canonical|version"


def _versions(name: str, what: str) -> Parameter:
    return Parameter(name, "canonical", f"{what}, as {_CANONICAL_VERSION}.", max="*")


def _taken(name: str, type_: str, why: str, *, repeats: bool = False) -> Parameter:
    said = f"Accepted, and without effect: {why}"
    return Parameter(name, type_, said, max="*" if repeats else "1", own=True, effect=False)


TX_RESOURCE: Final = Parameter(
    "tx-resource",
    "Resource",
    "A CodeSystem, supplement, ValueSet or ConceptMap to use for this request, before those of the edition.",
    max="*",
    own=True,
)

BROUGHT: Final = (
    TX_RESOURCE,
    Parameter(
        "profile",
        "Parameters",
        "Parameters of this operation in a resource of their own; those of the request itself win.",
        own=True,
    ),
)
"""Resources that a request brings along."""

VERSIONS: Final = (
    _versions("system-version", "The version to use of a code system where the value set names none"),
    _versions("check-system-version", "The version that a code system must have; another one is an error"),
    _versions("force-system-version", "The version to use of a code system, whatever the value set says"),
    _versions("default-valueset-version", "The version to use of an included value set where none is named"),
    _versions("check-valueset-version", "The version that an included value set must have where none is named"),
    _versions("force-valueset-version", "The version to use of an included value set"),
)
"""Which versions to use."""

LANGUAGE: Final = Parameter(
    "displayLanguage",
    "code",
    "Languages of the displays wanted, best first, as in Accept-Language; without it that header decides.",
)
SUPPLEMENT: Final = Parameter(
    "useSupplement", "canonical", "A code system supplement to use; one that is not found is an error.", max="*", own=True
)
PROPERTY: Final = Parameter("property", "string", "A property to return of each concept, `*` for all.", max="*", own=True)

_NO_CACHE: Final = "nothing of a request is kept here."
_NO_TRACE: Final = "answers carry no account of how they came about."

COURTESIES: Final = (
    _taken("cache-id", "id", _NO_CACHE),
    _taken("x-system-cache-id", "string", _NO_CACHE),
    _taken("no-cache", "boolean", _NO_CACHE),
    _taken("profile-url", "uri", "it says only where the question came up."),
    _taken("diagnostics", "boolean", _NO_TRACE),
    _taken("logExtraOutput", "boolean", _NO_TRACE),
    Parameter(
        "mode", "string", "lenient-display-validation: as the parameter of that name. Other modes have no effect.", own=True
    ),
    Parameter(
        "valueSetMode",
        "string",
        "CHECK_MEMBERSHIP_ONLY: as valueset-membership-only. ALL_CHECKS: without effect. NO_MEMBERSHIP_CHECK is refused: for that"
        " there is CodeSystem/$validate-code.",
        own=True,
    ),
    _taken("default-to-latest-version", "boolean", "the newest version is used where none is named."),
    _taken("incomplete-ok", "boolean", "an incomplete expansion says so itself."),
    _taken("limitedExpansion", "boolean", "use count."),
    _taken("limit", "integer", "use count."),
    _taken("sort", "string", "members come in the order of their code system, or as a text search ranks them."),
)
"""What public clients send as a matter of course, and what changes hardly an answer of ours."""

EXPANSION_FLAGS: Final = (
    Parameter("includeDesignations", "boolean", "Return the other texts of each concept. Default false."),
    Parameter(
        "designation",
        "string",
        "Return only designations of this use or language: system|code, or urn:ietf:bcp:47|language.",
        max="*",
    ),
    Parameter("includeDefinition", "boolean", "Return what defines the value set beside its expansion. Default false."),
    Parameter("activeOnly", "boolean", "Leave out inactive codes. Default false."),
    Parameter(
        "excludeNested",
        "boolean",
        "true: a flat list. false: a tree. Default: a tree for code systems sent along, else flat.",
    ),
    Parameter("excludeNotForUI", "boolean", "Leave out groupers that are not selectable. Default false."),
    Parameter("excludePostCoordinated", "boolean", "Leave out post-coordinated codes; there are none in an expansion of ours."),
    Parameter("versionsMatch", "boolean", "Take codes of different versions of a code system as the same.", own=True),
)
"""What an expansion is to contain."""

VALIDATION_FLAGS: Final = (
    Parameter("abstract", "boolean", "false: refuse groupers that are not selectable. Default true for code systems sent along."),
    Parameter("inferSystem", "boolean", "Find the system of `code` in the value set. Default false.", own=True),
    Parameter(
        "lenient-display-validation",
        "boolean",
        "Report a wrong display as a warning, with a true result. Default false.",
        own=True,
    ),
    Parameter(
        "valueset-membership-only",
        "boolean",
        "Say only whether the code is in the value set, not whether it is one at all. Default false.",
        own=True,
    ),
)
"""How strict a validation is."""


def own(parameters: tuple[Parameter, ...], *standard: str) -> tuple[Parameter, ...]:
    """Return parameters as those of an operation for which HL7 defines only some of them."""
    return tuple(replace(each, own=each.name not in standard) for each in parameters)


def but(parameters: tuple[Parameter, ...], *names: str) -> tuple[Parameter, ...]:
    """Return parameters without some."""
    return tuple(each for each in parameters if each.name not in names)
