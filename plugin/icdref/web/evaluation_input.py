"""What a request says to the terminology engine: the resources that it brings, its options, the value to validate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from icdref import issues_terminology as texts
from icdref.codes import ICD10CM, to_system
from icdref.definitions import Coding
from icdref.fhir.operations import Operation
from icdref.fhir.reading.brought import brought
from icdref.issues import IcdRefError
from icdref.issues_value_sets import unsupported_mode
from icdref.service.releases import to_day
from icdref.service.valuesets.languages import Languages, languages
from icdref.service.valuesets.options import VERSION_PARAMETERS, Options, version_rule
from icdref.service.valuesets.scope import Supplied
from icdref.service.valuesets.validation import CODE, CODING, CONCEPT, CodedValue
from icdref.web.code_validation import is_lenient
from icdref.web.context import Context
from icdref.web.operation_input import OperationInput, add_parameters, coding_texts, concept_codings, read_input

ABOUT_THE_VALUE: Final = frozenset(
    {"url", "valueSetVersion", "code", "system", "systemVersion", "version", "display", "coding", "codeableConcept"}
)
"""Parameters that say what is validated, and nothing of how."""

_AS_USUAL: Final = Options(is_validation=True)

_MEMBERSHIP_ONLY = ("CHECK_MEMBERSHIP_ONLY", "CHECK_MEMERSHIP_ONLY")
"""The second is how HL7's Java client spells it."""


def evaluation_input(context: Context, operation: Operation) -> OperationInput:
    """Return the input of an operation, with the parameters of its `profile` where the request has none of that name."""
    settings = context.service.settings
    given = read_input(operation, context.request, context.pairs, settings.json_depth, context.fhir_version)
    return with_profile(given, operation, context.fhir_version)


def with_profile(given: OperationInput, operation: Operation, fhir_version: str) -> OperationInput:
    """Return input with what a `profile` parameter says beside it."""
    profiles = given.elements("profile")
    if not profiles:
        return given
    said: dict[str, list[Any]] = {}
    add_parameters(said, operation, profiles[0], fhir_version)
    return OperationInput({**said, **given.values})


def supplied(given: OperationInput) -> Supplied:
    """Return the resources that came with a request. Raises IcdRefError for one that is malformed or of no use here."""
    resources = [
        (f"{name}[{index}]" if name == "tx-resource" else name, resource)
        for name in ("tx-resource", "valueSet", "codeSystem")
        for index, resource in enumerate(given.elements(name))
    ]
    return Supplied(*brought(resources))


def options(given: OperationInput, context: Context, *, is_validation: bool) -> Options:
    """Return the options of a request. Raises IcdRefError naming the parameter that cannot be honoured."""
    if is_validation and given.values.keys() <= ABOUT_THE_VALUE and not context.request.header("accept-language"):
        return _AS_USUAL  # nearly every validation: reading 25 parameters that are not there took a tenth of its time
    mode = given.text("valueSetMode")
    if mode == "NO_MEMBERSHIP_CHECK":
        raise IcdRefError(unsupported_mode("valueSetMode", mode, "send the coding to CodeSystem/$validate-code"))
    rules = []
    for name in VERSION_PARAMETERS:
        for canonical in given.texts(name):
            rule = version_rule(name, canonical)
            if rule is None:
                raise IcdRefError(texts.version_rule_malformed(name, canonical))
            rules.append(rule)
    return Options(
        active_only=_flag(given, "activeOnly"),
        exclude_nested=_flag(given, "excludeNested"),
        exclude_not_for_ui=_flag(given, "excludeNotForUI"),
        exclude_post_coordinated=_flag(given, "excludePostCoordinated"),
        include_designations=_flag(given, "includeDesignations"),
        include_definition=_flag(given, "includeDefinition"),
        versions_match=_flag(given, "versionsMatch"),
        designations=given.texts("designation"),
        properties=given.texts("property"),
        display_languages=_display_languages(given, is_validation=is_validation),
        http_languages=_http_languages(context, is_validation=is_validation),
        rules=tuple(rules),
        supplements=given.texts("useSupplement"),
        excluded_systems=given.texts("exclude-system"),
        filter=(given.text("filter") or given.text("term")).strip(),
        count=given.number("count", 0) if given.values.get("count") else None,
        offset=given.number("offset", 0) if given.values.get("offset") else None,
        abstract=_flag(given, "abstract"),
        lenient_display=is_lenient(given),
        membership_only=given.flag("valueset-membership-only") or mode in _MEMBERSHIP_ONLY,
        infer_system=given.flag("inferSystem"),
        day=to_day(given.text("date")) if given.text("date") else None,
        is_validation=is_validation,
    )


def coded_value(given: OperationInput, *, in_system: bool) -> tuple[CodedValue, bool]:
    """Return the value to validate, and whether its system may be inferred, which holds for a bare code only.

    Raises IcdRefError where there is nothing to validate.
    """
    if concepts := given.elements("codeableConcept"):
        codings, text = concept_codings(concepts[0], "codeableConcept")
        return CodedValue(tuple(_coding(each, "codeableConcept.coding") for each in codings), CONCEPT, text), False
    if codings := list(given.elements("coding")):
        return CodedValue((_coding(codings[0], "coding"),), CODING), False
    looked_for = "coding | codeableConcept | code in parameters" if in_system else "coding | codeableConcept | code+system"
    code = given.text("code")
    system = (given.text("url") or given.text("system")) if in_system else given.text("system")
    if not code or not (system or given.flag("inferSystem")):
        raise IcdRefError(texts.no_code(looked_for if in_system else f"{looked_for} | code+inferSystem in parameters"))
    version = given.text("version") if in_system else given.text("systemVersion")
    return CodedValue((Coding(_known(system), code, version, given.text("display")),), CODE), True


def _coding(element: Mapping[str, Any], path: str) -> Coding:
    system, version, code, display = coding_texts(dict(element), path)
    return Coding(_known(system), code, version, display)


def _known(system: str) -> str:
    """Return a code system by the URL that it goes by here, where the client wrote another spelling of ours."""
    return ICD10CM if to_system(system) == ICD10CM else system


def _flag(given: OperationInput, name: str) -> bool | None:
    return given.flag(name) if given.values.get(name) else None


def _display_languages(given: OperationInput, *, is_validation: bool) -> Languages | None:
    text = given.text("displayLanguage")
    if not text:
        return None
    found = languages(text, open_ended=not is_validation)
    if found is None:
        raise IcdRefError(texts.language_invalid(text))
    return found


def _http_languages(context: Context, *, is_validation: bool) -> Languages | None:
    header = context.request.header("accept-language")
    return languages(header, open_ended=not is_validation) if header else None
