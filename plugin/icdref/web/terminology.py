"""CodeSystem operations: `$lookup`, `$validate-code`, `$subsumes`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from icdref import issues
from icdref.codes import ICD10CM, to_system
from icdref.fhir import operations
from icdref.fhir.concept_lookup import concept_lookup_parameters
from icdref.fhir.parameters import lookup_parameters, outcome_parameters, subsumption_parameters, validation_parameters
from icdref.issues import IcdRefError
from icdref.results import NoSuchCode, ReleaseChoice, Validation
from icdref.service.releases import to_day
from icdref.service.valuesets.options import VERSION_PARAMETERS
from icdref.web.context import Context
from icdref.web.errors import error_answer
from icdref.web.evaluation_input import options, supplied, with_profile
from icdref.web.http import Answer
from icdref.web.negotiation import CACHE_DEFAULT_RELEASE, CACHE_PINNED
from icdref.web.operation_input import OperationInput, coding_texts, concept_codings, read_input
from icdref.web.value_sets import in_code_system

_LOOKUP = "CodeSystem/$lookup"
_EXAMPLE = "code=M61.569&system=http://hl7.org/fhir/sid/icd-10-cm"


def lookup(context: Context, version: str = "") -> Answer:
    """Answer CodeSystem/$lookup; `version` is the release of an instance-level call."""
    given = _input(context, operations.LOOKUP)
    code, system, coded_version = _code(given, "code", "coding", "system")
    if _is_general(given) and context.service.engine.holds(system, brought := supplied(given)):
        wanted = options(given, context, is_validation=False)
        release = _version(given, coded_version, version)
        answer = context.service.engine.lookup(system, release, code, brought, wanted)
        shaped = concept_lookup_parameters(answer, given.texts("property"), context.fhir_version)
        return context.answer(shaped, cache=CACHE_DEFAULT_RELEASE, route=_LOOKUP)
    found = context.service.terminology.lookup(code, system, _version(given, coded_version, version), _day(given))
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
    if _is_general(given):
        given = with_profile(given, operations.VALIDATE_CODE, context.fhir_version)
        shaped = in_code_system(context, given, supplied(given), options(given, context, is_validation=True), version=version)
        return context.answer(shaped, cache=CACHE_DEFAULT_RELEASE, route="CodeSystem/$validate-code")
    sent = [name for name in ("code", "coding", "codeableConcept") if given.values.get(name)]
    if len(sent) > 1:
        raise IcdRefError(issues.conflicting_parameters(sent, "send one of them"))
    if concepts := given.elements("codeableConcept"):
        codings, _ = concept_codings(concepts[0], "codeableConcept")
        if not codings:
            raise IcdRefError(issues.missing_parameter("codeableConcept.coding", "one Coding with system and code"))
        answers = [_validated(context, given, *coding_texts(coding, "codeableConcept.coding"), version) for coding in codings]
        place = next((index for index, each in enumerate(answers) if each.result), 0)
        validation = _placed(answers[place], f"CodeableConcept.coding[{place}]")
    elif codings := list(given.elements("coding")):
        validation = _placed(_validated(context, given, *coding_texts(codings[0], "coding"), version), "Coding")
    else:
        if not given.text("code"):
            raise IcdRefError(issues.missing_parameter("code", _EXAMPLE.replace("system", "url")))
        validation = _validated(context, given, "", "", given.text("code"), "", version)
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
    if _is_general(given) and context.service.engine.holds(system, brought := supplied(given)):
        wanted = options(given, context, is_validation=False)
        release = _version(given, version_a or version_b, version)
        outcome = context.service.engine.subsumes(system, release, (code_a, code_b), brought, wanted)
        return context.answer(outcome_parameters(outcome), cache=CACHE_DEFAULT_RELEASE, route="CodeSystem/$subsumes")
    found = context.service.terminology.subsumes(
        code_a, code_b, system, _version(given, version_a or version_b, version), _day(given)
    )
    return context.answer(
        subsumption_parameters(found),
        cache=_cache(found.choice),
        route="CodeSystem/$subsumes",
        release=found.choice.release.version,
    )


_GENERAL: Final = frozenset(
    ("tx-resource", "codeSystem", "profile", "useSupplement", "inferSystem", "valueset-membership-only", *VERSION_PARAMETERS)
)
_CODED: Final = ("coding", "codingA", "codingB", "codeableConcept")


def _is_general(given: OperationInput) -> bool:
    """Tell whether a request is for the terminology engine: it brings resources, or is about other code systems only."""
    if not _GENERAL.isdisjoint(given.values):
        return True
    named = [system for system in (given.text("url"), given.text("system")) if system]
    if not given.values.keys().isdisjoint(_CODED):
        named += _coded_systems(given)
    return bool(named) and all(to_system(system) != ICD10CM for system in named)


def _coded_systems(given: OperationInput) -> list[str]:
    """Return the code systems that the Codings of a request name."""
    sent = [each for name in _CODED[:-1] for each in given.elements(name)]
    for concept in given.elements(_CODED[-1]):
        codings = concept.get("coding")
        sent += (each for each in codings if isinstance(each, dict)) if isinstance(codings, list) else ()
    return [system for each in sent if (system := str(each.get("system", "")))]


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
        raise IcdRefError(issues.missing_parameter(code, _EXAMPLE.replace("code=", f"{code}=")))
    return given.text(code), given.text(system) or ICD10CM, ""


def _version(given: OperationInput, coded: str, instance: str) -> str:
    """Return the release asked for; more than one, and different ones, is refused."""
    asked = [version for version in (instance, given.text("version"), coded) if version]
    if len(set(asked)) > 1:
        raise IcdRefError(issues.conflicting_parameters(asked, "name one release"))
    return asked[0] if asked else ""


def _day(given: OperationInput) -> date | None:
    return to_day(given.text("date")) if given.text("date") else None


def _validated(
    context: Context, given: OperationInput, system: str, coded_version: str, code: str, display: str, instance: str
) -> Validation:
    systems = [each for each in (system, given.text("url"), given.text("system")) if each]
    if len({to_system(each) for each in systems}) > 1:
        raise IcdRefError(issues.conflicting_parameters(systems, "name one code system"))
    return context.service.terminology.validate_code(
        code,
        systems[0] if systems else ICD10CM,
        version=_version(given, coded_version, instance),
        day=_day(given),
        display=display or given.text("display"),
        abstract=given.flag("abstract"),
        active_only=given.flag("activeOnly"),
        lenient_display=given.flag("lenient-display-validation"),
    )


def _placed(validation: Validation, where: str) -> Validation:
    """Return a validation whose issues say in which Coding of the request they are."""
    placed = tuple(
        replace(issue, expression=f"{where}.{issue.expression}") if issue.expression else issue for issue in validation.issues
    )
    return replace(validation, issues=placed)


def _cache(choice: ReleaseChoice) -> str:
    return CACHE_PINNED if choice.method == "version" else CACHE_DEFAULT_RELEASE
