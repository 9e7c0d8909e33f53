"""A call of a CDS service, checked: what is wrong is said by field, and never with a value of the request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from icdref import issues_doors
from icdref.cds.hooks import CdsService
from icdref.issues import IcdRefError

_UUID: Final = re.compile(r"\A[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One call: the hook instance that cards belong to, its context, and the data that came with it."""

    instance: str
    context: Mapping[str, Any]
    prefetch: Mapping[str, Any]


def read_request(body: Mapping[str, Any], services: Sequence[CdsService]) -> tuple[CdsService, HookRequest]:
    """Return which of the services with one id is called, and the call.

    Raises IcdRefError: 400 for what is malformed, 412 for prefetched data that is missing.
    """
    service = next((each for each in services if each.hook == body.get("hook")), services[0])
    _expect(
        body.get("hook") == service.hook, "hook", f"it must be {' or '.join(each.hook for each in services)} for this service"
    )
    instance = body.get("hookInstance")
    _expect(isinstance(instance, str) and _UUID.match(instance) is not None, "hookInstance", "it must be a UUID")
    context = body.get("context")
    _expect(isinstance(context, dict), "context", "it must be an object")
    prefetch = body.get("prefetch")
    _expect(prefetch is None or isinstance(prefetch, dict), "prefetch", "it must be an object")
    _check_authorization(body)
    checked: Mapping[str, Any] = context if isinstance(context, dict) else {}
    for name in service.context:
        kind = dict if name in ("conditions", "draftOrders") else str
        value = checked.get(name)
        _expect(isinstance(value, kind) and bool(value), f"context.{name}", f"the hook {service.hook} requires it")
    given: Mapping[str, Any] = prefetch if isinstance(prefetch, dict) else {}
    for key in service.needs:
        if key not in given or _is_outcome(given[key]):
            raise IcdRefError(issues_doors.prefetch_missing(key))
    return service, HookRequest(str(instance).lower(), checked, given)


def _check_authorization(body: Mapping[str, Any]) -> None:
    """Hold the invariants r-1 and r-2. What is authorised is never used: no server is ever called."""
    if body.get("fhirAuthorization") is None:
        return
    authorization = body["fhirAuthorization"]
    _expect(isinstance(authorization, dict), "fhirAuthorization", "it must be an object")
    _expect(isinstance(body.get("fhirServer"), str), "fhirServer", "it must come with fhirAuthorization")
    scope = authorization.get("scope") if isinstance(authorization, dict) else None
    if isinstance(scope, str) and any(part.startswith("patient/") for part in scope.split()):
        named = isinstance(authorization, dict) and isinstance(authorization.get("patient"), str)
        _expect(named, "fhirAuthorization.patient", "patient scopes need it")


def _is_outcome(value: object) -> bool:
    return isinstance(value, dict) and value.get("resourceType") == "OperationOutcome"


def _expect(fits: bool, field: str, right: str) -> None:  # noqa: FBT001 -- the condition is the point of it
    if not fits:
        raise IcdRefError(issues_doors.bad_field(field, right))
