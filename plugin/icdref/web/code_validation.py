"""One code of ICD-10-CM validated, and whether a request is about anything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from icdref import issues
from icdref.codes import ICD10CM, to_system
from icdref.issues import IcdRefError
from icdref.results import Validation
from icdref.service.releases import to_day
from icdref.service.service import Service
from icdref.service.valuesets.options import VERSION_PARAMETERS
from icdref.web.operation_input import OperationInput, coding_texts, concept_codings

EXAMPLE: Final = "code=M61.569&system=http://hl7.org/fhir/sid/icd-10-cm"

_GENERAL: Final = frozenset(
    ("tx-resource", "codeSystem", "profile", "useSupplement", "inferSystem", "valueset-membership-only", *VERSION_PARAMETERS)
)
_CODED: Final = ("coding", "codingA", "codingB", "codeableConcept")


def is_general(given: OperationInput) -> bool:
    """Tell whether a request is for the terminology engine.

    It is where it brings resources, asks for a language that ICD-10-CM has not, or is about other code systems only.
    """
    if not _GENERAL.isdisjoint(given.values) or not _is_english(given.text("displayLanguage")):
        return True
    named = [system for system in (given.text("url"), given.text("system")) if system]
    if not given.values.keys().isdisjoint(_CODED):
        named += _coded_systems(given)
    return bool(named) and all(to_system(system) != ICD10CM for system in named)


def _is_english(wanted: str) -> bool:
    """Tell whether the displays of ICD-10-CM, which are English, are what is wanted."""
    return not wanted or wanted.lower().startswith("en")


def is_lenient(given: OperationInput) -> bool:
    """Tell whether a wrong display is to be a warning only; older clients ask for it as a mode."""
    return given.flag("lenient-display-validation") or given.text("mode") == "lenient-display-validation"


def validation_of(service: Service, given: OperationInput, version: str = "") -> Validation:
    """Return the validation that a request asks for, in ICD-10-CM; `version` is the release of an instance-level call."""
    sent = [name for name in ("code", "coding", "codeableConcept") if given.values.get(name)]
    if len(sent) > 1:
        raise IcdRefError(issues.conflicting_parameters(sent, "send one of them"))
    if concepts := given.elements("codeableConcept"):
        codings, _ = concept_codings(concepts[0], "codeableConcept")
        if not codings:
            raise IcdRefError(issues.missing_parameter("codeableConcept.coding", "one Coding with system and code"))
        answers = [_validated(service, given, *coding_texts(coding, "codeableConcept.coding"), version) for coding in codings]
        place = next((index for index, each in enumerate(answers) if each.result), 0)
        return _placed(answers[place], f"CodeableConcept.coding[{place}]")
    if codings := list(given.elements("coding")):
        return _placed(_validated(service, given, *coding_texts(codings[0], "coding"), version), "Coding")
    if not given.text("code"):
        raise IcdRefError(issues.missing_parameter("code", EXAMPLE.replace("system", "url")))
    return _validated(service, given, "", "", given.text("code"), "", version)


def version_of(given: OperationInput, coded: str, instance: str) -> str:
    """Return the release asked for; more than one, and different ones, is refused."""
    asked = [version for version in (instance, given.text("version"), coded) if version]
    if len(set(asked)) > 1:
        raise IcdRefError(issues.conflicting_parameters(asked, "name one release"))
    return asked[0] if asked else ""


def day_of(given: OperationInput) -> date | None:
    """Return the day that a request asks about, None where it names none."""
    return to_day(given.text("date")) if given.text("date") else None


def _validated(
    service: Service, given: OperationInput, system: str, coded_version: str, code: str, display: str, instance: str
) -> Validation:
    systems = [each for each in (system, given.text("url"), given.text("system")) if each]
    if len({to_system(each) for each in systems}) > 1:
        raise IcdRefError(issues.conflicting_parameters(systems, "name one code system"))
    return service.terminology.validate_code(
        code,
        systems[0] if systems else ICD10CM,
        version=version_of(given, coded_version, instance),
        day=day_of(given),
        display=display or given.text("display"),
        abstract=given.flag("abstract"),
        active_only=given.flag("activeOnly"),
        lenient_display=is_lenient(given),
    )


def _placed(validation: Validation, where: str) -> Validation:
    """Return a validation whose issues say in which Coding of the request they are."""
    placed = tuple(
        replace(issue, expression=f"{where}.{issue.expression}") if issue.expression else issue for issue in validation.issues
    )
    return replace(validation, issues=placed)


def _coded_systems(given: OperationInput) -> list[str]:
    """Return the code systems that the Codings of a request name."""
    sent = [each for name in _CODED[:-1] for each in given.elements(name)]
    for concept in given.elements(_CODED[-1]):
        codings = concept.get("coding")
        sent += (each for each in codings if isinstance(each, dict)) if isinstance(codings, list) else ()
    return [system for each in sent if (system := str(each.get("system", "")))]
