"""`{type}/$validate`: what is wrong with a resource that a client sends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from icdref import issues, issues_interactions
from icdref.fhir import operations
from icdref.fhir.foreign_check import foreign_faults, icd_codings, is_wrapper, knows_profile, type_of_resource
from icdref.fhir.outcome import operation_outcome
from icdref.issues import IcdRefError, Issue
from icdref.web.context import Context
from icdref.web.http import Answer
from icdref.web.negotiation import CACHE_NEVER
from icdref.web.operation_input import OperationInput, read_input, read_resource

_CHANGES = ("create", "update", "delete")
_MOST_CODINGS = 500


def validate(context: Context, resource_type: str) -> Answer:
    """Answer `$validate` on a resource type: 200 with every fault, the resource having been readable at all."""
    depth = context.service.settings.json_depth
    if not context.request.body.strip():
        raise IcdRefError(issues.malformed_body("is empty", f"send a {resource_type}, or Parameters with it as `resource`"))
    resource = read_resource(context.request, depth, context.fhir_version)
    wrapped = is_wrapper(resource)
    request = context.request if wrapped else replace(context.request, body=b"")
    given = read_input(operations.VALIDATE, request, context.pairs, depth, context.fhir_version)
    if wrapped:
        resource = given.elements("resource")[0]
    found = [*_asked(given, resource_type), *_faults(context, resource, resource_type)]
    answer = operation_outcome(found)
    return context.answer(answer, cache=CACHE_NEVER, route="{type}/$validate")


def _asked(given: OperationInput, resource_type: str) -> list[Issue]:
    found = []
    if given.text("mode") in _CHANGES:
        found.append(issues_interactions.not_stored(given.text("mode")))
    if given.text("profile") and not knows_profile(given.text("profile"), resource_type):
        found.append(issues_interactions.unknown_profile(given.text("profile")))
    return found


def _faults(context: Context, resource: dict[str, Any], resource_type: str) -> list[Issue]:
    sent = type_of_resource(resource)
    if sent != resource_type:
        return [issues_interactions.other_resource(sent, resource_type)]
    faults = foreign_faults(resource, context.fhir_version)
    found = [issues_interactions.invalid_resource(each.text, each.expression, each.severity) for each in faults]
    for number, (place, coding) in enumerate(icd_codings(resource)):
        if number == _MOST_CODINGS:
            raise IcdRefError(issues.too_many_values("Coding", _MOST_CODINGS))
        found += _code_issues(context, place, coding)
    return found


def _code_issues(context: Context, place: str, coding: dict[str, Any]) -> list[Issue]:
    texts = {name: coding[name] if isinstance(coding.get(name), str) else "" for name in ("version", "display")}
    validation = context.service.terminology.validate_code(
        coding["code"], coding["system"], version=texts["version"], display=texts["display"]
    )
    return [
        replace(issue, expression=f"{place}.{issue.expression.rpartition('.')[2]}" if issue.expression else place)
        for issue in validation.issues
    ]
