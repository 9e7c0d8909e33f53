"""An answer as JSON in the shape of MedlinePlus Connect, and wrapped for a script that calls back."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

from icdref import issues_doors
from icdref.infobutton.answer import NAME, Entry, Feed, instant
from icdref.issues import IcdRefError
from icdref.results import MatchTrace

_CALLBACK: Final = re.compile(r"\A[A-Za-z_$][\w$]{0,63}\Z", re.ASCII)
# Inside a script these end a line or open a tag; inside a JSON string an escape means the same.
_SCRIPT_ESCAPES: Final = (
    (b"<", b"\\u003c"),
    (b">", b"\\u003e"),
    ("\u2028".encode(), b"\\u2028"),
    ("\u2029".encode(), b"\\u2029"),
)


def to_json(feed: Feed) -> dict[str, Any]:
    """Return the answer as MedlinePlus Connect shapes it; `trace`, `remarks` and `error` stand beside the feed."""
    body: dict[str, Any] = {"feed": _feed(feed)}
    if feed.problem:
        body["error"] = {"code": feed.problem.detail, "text": feed.problem.text, "parameter": feed.problem.expression}
    if feed.traces:
        body["trace"] = [_trace(trace) for trace in feed.traces]
    if feed.remarks:
        body["remarks"] = list(feed.remarks)
    return body


def check_callback(name: str, parameter: str = "callback") -> str:
    """Return the name of a function that may be called back. Raises IcdRefError (bad-callback) for anything else."""
    if not _CALLBACK.match(name):
        raise IcdRefError(issues_doors.bad_callback(parameter))
    return name


def to_jsonp(feed: Feed, callback: str) -> bytes:
    """Return the answer as a script that calls `callback`, a name that `check_callback` has passed."""
    text = orjson.dumps(to_json(feed))
    for raw, escaped in _SCRIPT_ESCAPES:
        text = text.replace(raw, escaped)
    return b"/**/" + callback.encode() + b"(" + text + b");"


def _feed(feed: Feed) -> dict[str, Any]:
    return {
        "xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "base": feed.base + "/",
        "lang": feed.language,
        "title": _text(NAME),
        "subtitle": _text(feed.subtitle),
        "author": {"name": {"_value": NAME}, "uri": {"_value": feed.base}},
        "updated": {"_value": feed.updated_text},
        "category": [{"scheme": scheme, "term": term} for scheme, term in feed.categories],
        "id": {"_value": feed.id},
        "entry": [_entry(entry) for entry in feed.entries],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    links = [{"href": entry.href, "rel": "alternate", "title": entry.title, "type": "text/html"}]
    if entry.data:
        links.append({"href": entry.data, "rel": "related", "title": entry.title, "type": "application/fhir+json"})
    shaped: dict[str, Any] = {
        "lang": entry.language,
        "title": _text(entry.title),
        "link": links,
        "id": {"_value": entry.id},
        "updated": {"_value": instant(entry.updated)},
        "summary": {"type": "html", "_value": str(entry.summary)},
        "category": [{"scheme": "relevanceScore", "term": f"{entry.relevance:.2f}"}],
    }
    if entry.parent:
        shaped["source"] = {"id": {"_value": entry.parent}}
    return shaped


def _text(value: str) -> dict[str, str]:
    return {"_value": value, "type": "text"}


def _trace(trace: MatchTrace) -> dict[str, Any]:
    return {
        "system": trace.requested_system,
        "requested": trace.requested,
        "normalised": trace.normalised,
        "outcome": trace.outcome,
        "relation": trace.relation,
        "summary": trace.summary,
        "boundCode": trace.bound_code,
        "release": trace.release,
        "edition": trace.edition,
        "steps": [
            {"method": step.method, "system": step.tried_system, "tried": step.tried, "result": "hit" if step.hit else "miss"}
            for step in trace.steps
        ],
        "notice": trace.notice,
        "advice": list(trace.advice),
        "also": list(trace.also),
        "context": list(trace.context),
        "issues": [issue.text for issue in trace.issues],
    }
