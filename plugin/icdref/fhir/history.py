"""The versions of resources as a Bundle of type history, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from icdref.fhir.bundle import full_url
from icdref.fhir.canonical import edition_uri


@dataclass(frozen=True, slots=True)
class ResourceVersion:
    """One version of a resource: its content, since and until when it was served ('' still is), and whether it is the first."""

    resource: dict[str, Any]
    since: str
    until: str
    is_first: bool

    @property
    def version_id(self) -> str:
        """Return the version id."""
        return str(self.resource["meta"]["versionId"])


def history_bundle(
    base_url: str, versions: Iterable[ResourceVersion], *, total: int, links: Mapping[str, str], edition: str
) -> dict[str, Any]:
    """Return a page of a history. `total` counts the versions on all pages; `links` are absolute URLs by relation."""
    entries = [_entry(base_url, each) for each in versions]
    shaped: dict[str, Any] = {
        "resourceType": "Bundle",
        "meta": {"source": edition_uri(edition)},
        "type": "history",
        "total": total,
        "link": [{"relation": relation, "url": url} for relation, url in links.items()],
    }
    return shaped | ({"entry": entries} if entries else {})


def _entry(base_url: str, version: ResourceVersion) -> dict[str, Any]:
    resource = version.resource
    first = ("POST", resource["resourceType"], "201")
    later = ("PUT", f"{resource['resourceType']}/{resource['id']}", "200")
    method, url, status = first if version.is_first else later
    return {
        "fullUrl": full_url(base_url, resource),
        "resource": resource,
        "request": {"method": method, "url": url},
        "response": {"status": status, "etag": f'W/"{version.version_id}"', "lastModified": version.since},
    }
