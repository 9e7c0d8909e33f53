"""`CodeSystem/$find-matches`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from icdref import codes, issues
from icdref.fhir.find_matches import matches_parameters
from icdref.fhir.operations import FIND_MATCHES
from icdref.issues import IcdRefError
from icdref.service.find_matches import MOST, Wanted, find_matches
from icdref.service.releases import to_day
from icdref.web.context import Context
from icdref.web.http import Answer
from icdref.web.negotiation import CACHE_DEFAULT_RELEASE, CACHE_PINNED
from icdref.web.operation_input import OperationInput, read_input

_ROUTE: Final = "CodeSystem/$find-matches"
_MOST_PROPERTIES: Final = 20


def answer_matches(context: Context, version: str = "") -> Answer:
    """Answer CodeSystem/$find-matches; `version` is the release of an instance-level call."""
    depth = context.service.settings.json_depth
    given = read_input(FIND_MATCHES, context.request, context.pairs, depth, context.fhir_version)
    system = given.text("system") or codes.ICD10CM
    if codes.to_system(system) != codes.ICD10CM:
        raise IcdRefError(issues.unknown_system(system, [codes.ICD10CM]))
    if version and given.text("version"):
        raise IcdRefError(issues.conflicting_parameters(("version", "the release that the path names"), "name one release"))
    wanted = list(_wanted(given))
    text = given.text("text").strip()
    if not text and not wanted:
        raise IcdRefError(issues.missing_parameter("text", "fracture left wrist, or a property"))
    if len(wanted) > _MOST_PROPERTIES:
        raise IcdRefError(issues.too_many_values("property", _MOST_PROPERTIES))
    count = given.number("count", 20)
    if count > MOST:
        raise IcdRefError(issues.bad_parameter("count", str(count), f"it must be at most {MOST}"))
    day = to_day(given.text("date")) if given.text("date") else None
    choice = context.service.terminology.choose(version or given.text("version"), day)
    found = find_matches(
        context.service.systems.chosen(choice), text, wanted, given.number("offset", 0), count, exact=given.flag("exact")
    )
    return context.answer(
        matches_parameters(found),
        cache=CACHE_PINNED if choice.method == "version" else CACHE_DEFAULT_RELEASE,
        route=_ROUTE,
        release=choice.release.version,
    )


def _wanted(given: OperationInput) -> Iterator[Wanted]:
    for row in given.elements("property"):
        parts = {part.get("name"): part for part in row["part"]}
        if unknown := [str(name) for name in parts if name not in ("code", "value")]:
            raise IcdRefError(issues.bad_parameter("property", ", ".join(unknown), "a property has a code and a value"))
        name, value = (_value(parts.get(each, {})) for each in ("code", "value"))
        if not name or not value:
            raise IcdRefError(issues.missing_parameter("property", "a property with the parts code and value"))
        yield name, value


def _value(part: dict[str, Any]) -> str:
    value = next((each for key, each in part.items() if key.startswith("value")), "")
    if isinstance(value, dict):
        value = value.get("code", "")
    return str(value).lower() if isinstance(value, bool) else str(value)
