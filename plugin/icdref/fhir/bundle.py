"""Search results as a Bundle of type searchset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from icdref.fhir.canonical import edition_uri
from icdref.fhir.outcome import operation_outcome
from icdref.issues import Issue


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


def is_bundle(body: bytes) -> bool:
    """Tell whether compact JSON of ours is a Bundle, without parsing it: the type always stands first."""
    return body.startswith(b'{"resourceType":"Bundle"')


def _entry(base_url: str, resource: dict[str, Any], mode: str) -> dict[str, Any]:
    return {"fullUrl": full_url(base_url, resource), "resource": resource, "search": {"mode": mode}}
