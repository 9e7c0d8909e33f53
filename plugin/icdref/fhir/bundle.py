"""Search results as a Bundle of type searchset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from icdref.fhir.canonical import edition_uri
from icdref.fhir.outcome import operation_outcome
from icdref.issues import IcdRefError, Issue, malformed_body, quoted
from icdref.issues_interactions import unsupported_bundle_type


def searchset(
    base_url: str,
    matches: Iterable[dict[str, Any]],
    *,
    total: int | None,
    links: Mapping[str, str],
    edition: str = "",
    included: Iterable[dict[str, Any]] = (),
    issues: Iterable[Issue] = (),
) -> dict[str, Any]:
    """Return a page of search results.

    `total` counts the matches on all pages, never what is included; None leaves it out. `links` maps relations (`self` first, then `next`,
    `previous`, `first`) to absolute URLs. Issues make one `outcome` entry, which has no `fullUrl`, being no resource of
    this server.
    """
    entries = [_entry(base_url, resource, "match") for resource in matches]
    entries += [_entry(base_url, resource, "include") for resource in included]
    if issues := tuple(issues):
        entries.append({"resource": operation_outcome(issues), "search": {"mode": "outcome"}})
    shaped: dict[str, Any] = {"resourceType": "Bundle"}
    if edition:
        shaped["meta"] = {"source": edition_uri(edition)}
    shaped |= {
        "type": "searchset",
        **({} if total is None else {"total": total}),
        "link": [{"relation": relation, "url": url} for relation, url in links.items()],
    }
    if entries:
        shaped["entry"] = entries
    return shaped


def full_url(base_url: str, resource: Mapping[str, Any]) -> str:
    """Return the absolute URL of a resource, without a version (bdl-8).

    >>> full_url("http://127.0.0.1:8080/fhir/r4", {"resourceType": "Library", "id": "x"})
    'http://127.0.0.1:8080/fhir/r4/Library/x'
    """
    return f"{base_url}/{resource['resourceType']}/{resource['id']}"


def batch_entries(bundle: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of a Bundle of type batch. Raises IcdRefError for anything else, a transaction above all."""
    named, kind = bundle.get("resourceType"), bundle.get("type")
    if named != "Bundle":
        what = f"is a {quoted(str(named))}" if named else "has no resourceType"
        raise IcdRefError(malformed_body(what, "send a Bundle of type batch", "resourceType"))
    if kind != "batch":
        raise IcdRefError(unsupported_bundle_type(str(kind or "")))
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise IcdRefError(malformed_body("has an 'entry' that is not a list of objects", "send a Bundle", "Bundle.entry"))
    return entries


def batch_response(entries: Iterable[bytes], edition: str) -> bytes:
    """Return the answers to the entries of a batch, rendered already, as one rendered Bundle."""
    head = orjson.dumps({"resourceType": "Bundle", "meta": {"source": edition_uri(edition)}, "type": "batch-response"})
    inner = b",".join(entries)
    return head[:-1] + b',"entry":[' + inner + b"]}" if inner else head


def is_bundle(body: bytes) -> bool:
    """Tell whether compact JSON of ours is a Bundle, without parsing it: the type always stands first."""
    return body.startswith(b'{"resourceType":"Bundle"')


def _entry(base_url: str, resource: dict[str, Any], mode: str) -> dict[str, Any]:
    return {"fullUrl": full_url(base_url, resource), "resource": resource, "search": {"mode": mode}}
