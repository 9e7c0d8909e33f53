"""The one place where an issue becomes an HTTP status and an OperationOutcome."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from icdref.fhir.match_trace import with_traces
from icdref.fhir.outcome import operation_outcome
from icdref.issues import Issue
from icdref.results import MatchTrace
from icdref.web.access import SCOPES
from icdref.web.http import Answer
from icdref.web.negotiation import CACHE_NEVER, FHIR_JSON, SHARED_HEADERS, render

_STATUS: Final = {
    "unknown-code": 404,
    "code-not-in-release": 404,
    "unknown-system": 404,
    "unknown-version": 404,
    "wrong-system": 404,
    "unknown-resource": 404,
    "unknown-map": 404,
    "unknown-path": 404,
    "unknown-service": 404,
    "withdrawn-resource": 410,
    "edition-gone": 410,
    "version-gone": 410,
    "version-not-known": 404,
    "wrong-method": 405,
    "not-acceptable": 406,
    "body-too-slow": 408,
    "token-refused": 401,
    "insufficient-scope": 403,
    "keys-not-at-hand": 503,
    "prefetch-missing": 412,
    "body-too-large": 413,
    "too-many-values": 413,
    "url-too-long": 414,
    "unsupported-media-type": 415,
    "unknown-response-type": 415,
    "too-costly": 422,
    "unprocessable": 422,
    "tx-not-found": 422,
    "unknown-value-set": 404,
    "unsupported-bundle-type": 422,
    "unknown-property": 422,
    "edition-damaged": 503,
    "state-unavailable": 503,
    "no-edition": 503,
    "internal-fault": 500,
}
"""Detail of the first issue -> status; everything else is the client's mistake and a 400."""


_CHALLENGES: Final = {
    "token-refused": 'Bearer realm="icdref", error="invalid_token"',
    "insufficient-scope": f'Bearer realm="icdref", error="insufficient_scope", scope="{SCOPES[0]}"',
}
"""What tells a client how to be let in. Source: RFC 6750 section 3."""


def status_of(issue: Issue) -> int:
    """Return the HTTP status that an issue stands for."""
    return _STATUS.get(issue.detail, 400)


def error_answer(
    issues: Iterable[Issue],
    request_id: str = "",
    route: str = "",
    *,
    edition: str = "",
    release: str = "",
    allow: str = "",
    traces: Iterable[MatchTrace] = (),
) -> Answer:
    """Return the answer that says what was wrong; it is never cached. `allow` lists the methods for a 405."""
    issues = tuple(issues)
    resource: dict[str, Any] = with_traces(operation_outcome(issues, request_id), traces)
    headers = [("Content-Type", f"{FHIR_JSON}; charset=utf-8"), ("Cache-Control", CACHE_NEVER), *SHARED_HEADERS]
    if release:
        headers.append(("ICDREF-Release", release))
    if edition:
        headers.append(("ICDREF-Edition", edition))
    if allow:
        headers.append(("Allow", allow))
    if issues[0].detail in _CHALLENGES:
        headers.append(("WWW-Authenticate", _CHALLENGES[issues[0].detail]))
    if status_of(issues[0]) == 503:
        headers.append(("Retry-After", "5"))
    return Answer(status_of(issues[0]), headers, render(resource), route)
