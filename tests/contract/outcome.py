"""The canonical error: one shape for everything that is not a 2xx or 3xx, whoever answers it."""

from __future__ import annotations

import re
from typing import Any, Protocol

from icdref.fhir.bindings import required_binding
from icdref.fhir.canonical import ISSUE_SYSTEM
from icdref.fhir.validation import check_resource, parse_with_fhir_resources
from icdref.issues import TX_ISSUE_TYPE

_INTERNALS = re.compile(r'Traceback|File "|\.py\b|object at 0x|<html|<!doctype|\bNone\b|sqlite|werkzeug|Error:')
_LONGEST_TEXT = 1500
CONTENT_TYPES = tuple(f"application/{kind}; charset=utf-8" for kind in ("fhir+json", "fhir+xml", "xml"))
"""Only who asks for XML gets it."""


class Answered(Protocol):
    """What the helper needs of an answer; header names are lower case."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def json(self) -> Any: ...


def assert_outcome_shape(reply: Answered) -> list[dict[str, Any]]:
    """Assert that an answer is the canonical error, and return its issues."""
    assert 400 <= reply.status < 600
    assert reply.headers["content-type"] in CONTENT_TYPES
    assert reply.headers["cache-control"] == "no-store"
    assert "etag" not in reply.headers
    assert reply.headers["x-content-type-options"] == "nosniff"
    outcome = reply.json
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome.keys() <= {"resourceType", "meta", "issue"}
    assert outcome["issue"]
    for issue in outcome["issue"]:
        _assert_issue(issue)
    first = outcome["issue"][0]
    assert first["severity"] in ("error", "fatal")
    assert first["diagnostics"] == reply.headers["x-request-id"]
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", first["diagnostics"])
    assert all("diagnostics" not in issue for issue in outcome["issue"][1:])
    assert check_resource(outcome) == []
    assert parse_with_fhir_resources(outcome) == []
    assert ("allow" in reply.headers) is (reply.status == 405)
    return list(outcome["issue"])


def _assert_issue(issue: dict[str, Any]) -> None:
    assert issue.keys() <= {"severity", "code", "details", "diagnostics", "expression", "extension"}
    assert issue["severity"] in (required_binding("OperationOutcome.issue.severity", "4.0") or ())
    assert issue["code"] in (required_binding("OperationOutcome.issue.code", "4.0") or ())
    own = issue["details"]["coding"][-1]
    # A text of HL7's catalogue carries the id that it has there instead of a key of ours.
    is_theirs = "extension" in issue or own["code"] == "business-rule"
    assert own["system"] == (TX_ISSUE_TYPE if is_theirs else ISSUE_SYSTEM)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", own["code"])
    text = issue["details"]["text"]
    assert len(text) <= _LONGEST_TEXT
    assert len(text.split()) >= 4 or own["system"] == TX_ISSUE_TYPE, text
    assert text.isprintable(), text
    assert not _INTERNALS.search(text), text


def assert_outcome(reply: Answered, status: int, detail: str, *says: str) -> None:
    """Assert that an answer is the canonical error with a status, a detail code, and texts that say what is wrong and right."""
    assert reply.status == status, (reply.status, reply.body[:600])
    issues = assert_outcome_shape(reply)
    assert issues[0]["details"]["coding"][-1]["code"] == detail, issues[0]
    for text in says:
        assert text in issues[0]["details"]["text"], issues[0]["details"]["text"]
