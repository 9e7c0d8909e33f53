"""CodeSystem operations: `$lookup`, `$validate-code`, `$subsumes`."""

from __future__ import annotations

from icdref import issues
from icdref.codes import ICD10CM
from icdref.fhir import operations
from icdref.fhir.concept_lookup import concept_lookup_parameters
from icdref.fhir.parameters import lookup_parameters, outcome_parameters, subsumption_parameters, validation_parameters
from icdref.issues import IcdRefError
from icdref.results import NoSuchCode, ReleaseChoice
from icdref.web.code_validation import EXAMPLE, day_of, is_general, validation_of, version_of
from icdref.web.context import Context
from icdref.web.errors import error_answer
from icdref.web.evaluation_input import options, supplied, with_profile
from icdref.web.http import Answer
from icdref.web.negotiation import CACHE_DEFAULT_RELEASE, CACHE_PINNED
from icdref.web.operation_input import OperationInput, coding_texts, read_input
from icdref.web.value_sets import in_code_system

_LOOKUP = "CodeSystem/$lookup"


def lookup(context: Context, version: str = "") -> Answer:
    """Answer CodeSystem/$lookup; `version` is the release of an instance-level call."""
    given = _input(context, operations.LOOKUP)
    code, system, coded_version = _code(given, "code", "coding", "system")
    if is_general(given) and context.service.engine.holds(system, brought := supplied(given)):
        wanted = options(given, context, is_validation=False)
        release = version_of(given, coded_version, version)
        answer = context.service.engine.lookup(system, release, code, brought, wanted)
        shaped = concept_lookup_parameters(answer, given.texts("property"), context.fhir_version)
        return context.answer(shaped, cache=CACHE_DEFAULT_RELEASE, route=_LOOKUP)
    found = context.service.terminology.lookup(code, system, version_of(given, coded_version, version), day_of(given))
    if isinstance(found, NoSuchCode):
        return error_answer(
            (found.issue,),
            context.request.header("x-request-id"),
            _LOOKUP,
            edition=context.edition,
            release=found.choice.release.version,
        )
    asked = given.texts("property") or None
    release = found.choice.release.version
    if asked:
        resource = lookup_parameters(found, frozenset(asked), context.fhir_version)
        return context.answer(resource, cache=_cache(found.choice), route=_LOOKUP, release=release)
    body = context.lookups.render(found, context.fhir_version)
    return context.answer_bytes(body, cache=_cache(found.choice), route=_LOOKUP, release=release)


def validate_code(context: Context, version: str = "") -> Answer:
    """Answer CodeSystem/$validate-code; a wrong code is an answer, not an error."""
    given = _input(context, operations.VALIDATE_CODE)
    if is_general(given):
        given = with_profile(given, operations.VALIDATE_CODE, context.fhir_version)
        shaped = in_code_system(context, given, supplied(given), options(given, context, is_validation=True), version=version)
        return context.answer(shaped, cache=CACHE_DEFAULT_RELEASE, route="CodeSystem/$validate-code")
    validation = validation_of(context.service, given, version)
    pinned = bool(given.text("version") or version)
    return context.answer(
        validation_parameters(validation),
        cache=CACHE_PINNED if pinned and validation.result else CACHE_DEFAULT_RELEASE,
        route="CodeSystem/$validate-code",
        # A version that nobody knows may be any text, so it never goes into a header.
        release=validation.version if context.service.releases.holds(validation.version) else "",
    )


def subsumes(context: Context, version: str = "") -> Answer:
    """Answer CodeSystem/$subsumes."""
    given = _input(context, operations.SUBSUMES)
    code_a, system, version_a = _code(given, "codeA", "codingA", "system")
    code_b, system_b, version_b = _code(given, "codeB", "codingB", "system")
    if system != system_b:
        raise IcdRefError(issues.conflicting_parameters(("codingA", "codingB"), "both codes must be of one code system"))
    if version_a and version_b and version_a != version_b:
        raise IcdRefError(
            issues.conflicting_parameters(("codingA.version", "codingB.version"), "both codes must be of one release")
        )
    if is_general(given) and context.service.engine.holds(system, brought := supplied(given)):
        wanted = options(given, context, is_validation=False)
        release = version_of(given, version_a or version_b, version)
        outcome = context.service.engine.subsumes(system, release, (code_a, code_b), brought, wanted)
        return context.answer(outcome_parameters(outcome), cache=CACHE_DEFAULT_RELEASE, route="CodeSystem/$subsumes")
    found = context.service.terminology.subsumes(
        code_a, code_b, system, version_of(given, version_a or version_b, version), day_of(given)
    )
    return context.answer(
        subsumption_parameters(found),
        cache=_cache(found.choice),
        route="CodeSystem/$subsumes",
        release=found.choice.release.version,
    )


def _input(context: Context, operation: operations.Operation) -> OperationInput:
    depth = context.service.settings.json_depth
    return read_input(operation, context.request, context.pairs, depth, context.fhir_version)


def _code(given: OperationInput, code: str, coding: str, system: str) -> tuple[str, str, str]:
    """Return (code, system, version) from a code or a Coding, whichever was sent."""
    if codings := given.elements(coding):
        if given.text(code):
            raise IcdRefError(issues.conflicting_parameters((code, coding), "send one of them"))
        coded_system, version, text, _ = coding_texts(codings[0], coding)
        if not text:
            raise IcdRefError(issues.missing_parameter(f"{coding}.code", "M61.569"))
        return text, coded_system or given.text(system) or ICD10CM, version
    if not given.text(code):
        raise IcdRefError(issues.missing_parameter(code, EXAMPLE.replace("code=", f"{code}=")))
    return given.text(code), given.text(system) or ICD10CM, ""


def _cache(choice: ReleaseChoice) -> str:
    return CACHE_PINNED if choice.method == "version" else CACHE_DEFAULT_RELEASE
