"""What a call brings, read as problems: resources of any quality in, codes with their day out. Nothing is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from icdref import codes

MOST_PROBLEMS: Final = 200

_DAY: Final = re.compile(r"\A([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T|\Z)", re.ASCII)
_INACTIVE: Final = frozenset({"inactive", "remission", "resolved"})
_VOID: Final = frozenset({"entered-in-error", "refuted"})
_LANGUAGE: Final = re.compile(r"\A[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """One diagnosis of a record: its codes as (system, code), ICD-10-CM first; what the record itself says; its day.

    `resource` is the Condition, None where the code stands in an order. Nobody writes to it.
    """

    codings: tuple[tuple[str, str], ...]
    text: str
    recorded: date | None = None
    resource: Mapping[str, Any] | None = None

    @property
    def icd10cm(self) -> str:
        """Return the ICD-10-CM code as sent, '' where the record has none."""
        return next((code for system, code in self.codings if system == codes.ICD10CM), "")


def read_conditions(bundle: object) -> tuple[Problem, ...]:
    """Return the active problems in a Bundle (or a lone Condition); what is not one is passed over."""
    found = (_problem(each) for each in resources(bundle, ("Condition",)) if _is_active(each))
    return tuple(problem for problem in found if problem)[:MOST_PROBLEMS]


def read_orders(bundle: object) -> tuple[Problem, ...]:
    """Return the reasons that draft orders give as codes."""
    found = []
    for order in resources(bundle, ()):
        found += [_coded(reason, reason, None) for reason in _list(order.get("reasonCode"))]
        found += [_coded(reason.get("concept"), reason, None) for reason in _list(order.get("reason"))]  # R5: CodeableReference
    return tuple(problem for problem in found if problem)[:MOST_PROBLEMS]


def is_partial(bundle: object) -> bool:
    """Tell whether a Bundle says that there is more of it."""
    if not isinstance(bundle, dict):
        return False
    return any(link.get("relation") == "next" for link in _list(bundle.get("link")))


def resources(bundle: object, kinds: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    """Yield the resources of a Bundle, or a lone resource, of some kinds; () means all."""
    if not isinstance(bundle, dict):
        return
    inside = [bundle] if bundle.get("resourceType") != "Bundle" else [each.get("resource") for each in _list(bundle.get("entry"))]
    for resource in inside:
        if isinstance(resource, dict) and (not kinds or resource.get("resourceType") in kinds):
            yield resource


def encounter_day(encounter: object) -> date | None:
    """Return the day of an encounter that decides its codes: its last, else its first; None where it has none."""
    for resource in resources(encounter, ("Encounter",)):
        period = resource.get("period") or resource.get("actualPeriod")
        if isinstance(period, dict):
            return to_day(period.get("end")) or to_day(period.get("start"))
    return None


def patient_language(patient: object) -> str:
    """Return the language that a patient prefers, else the first one named, else English."""
    for resource in resources(patient, ("Patient",)):
        spoken = _list(resource.get("communication"))
        spoken.sort(key=lambda each: each.get("preferred") is not True)
        for each in spoken:
            for coding in _list(_dict(each.get("language")).get("coding")):
                code = coding.get("code")
                if isinstance(code, str) and _LANGUAGE.match(code):
                    return code
    return "en"


def to_day(text: object) -> date | None:
    """Return the day of a FHIR dateTime, None for anything else.

    >>> to_day("2026-11-22T10:00:00Z"), to_day("2026"), to_day(None)
    (datetime.date(2026, 11, 22), None, None)
    """
    match = _DAY.match(text) if isinstance(text, str) else None
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def _problem(condition: Mapping[str, Any]) -> Problem | None:
    return _coded(condition.get("code"), condition, to_day(condition.get("recordedDate")))


def _coded(concept: object, resource: Mapping[str, Any], recorded: date | None) -> Problem | None:
    codings = [each for each in _list(_dict(concept).get("coding")) if isinstance(each.get("code"), str) and each["code"].strip()]
    read = [(codes.to_system(_text(each.get("system"))), each["code"]) for each in codings]
    read.sort(key=lambda each: each[0] != codes.ICD10CM)
    said = [_text(_dict(concept).get("text")), *(_text(each.get("display")) for each in codings)]
    sites = _list(resource.get("bodySite"))
    said += [_text(site.get("text")) for site in sites]
    said += [_text(each.get("display")) for site in sites for each in _list(site.get("coding"))]
    text = " ".join(part for part in said if part)
    if not read and not text:
        return None
    kept = resource if resource.get("resourceType") == "Condition" else None
    return Problem(tuple((system, code) for system, code in read if system), text[:500], recorded, kept)


def _is_active(condition: Mapping[str, Any]) -> bool:
    return not (_status(condition, "clinicalStatus") & _INACTIVE or _status(condition, "verificationStatus") & _VOID)


def _status(condition: Mapping[str, Any], name: str) -> set[str]:
    return {_text(each.get("code")) for each in _list(_dict(condition.get(name)).get("coding"))}


def _list(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
