"""The implicit value sets of ICD-10-CM as resources: read by their id, found by their url. There are too many to list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from icdref.canonicals import split_canonical
from icdref.definitions import ValueSet
from icdref.fhir.implicit_value_set import implicit_value_set
from icdref.service.service import Service


def read_implicit(service: Service, identifier: str) -> dict[str, Any] | None:
    """Return the implicit value set with an id, None where there is none."""
    found = service.implicit_value_sets.value_set_by_id(identifier)
    return _shaped(service, found) if found else None


def named_implicit(service: Service, pairs: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return every version of the implicit value sets that a search names by url."""
    urls = (split_canonical(each)[0] for name, value in pairs if name == "url" for each in value.split(","))
    return [_shaped(service, found) for url in dict.fromkeys(urls) for found in service.implicit_value_sets.value_sets(url)]


def _shaped(service: Service, definition: ValueSet) -> dict[str, Any]:
    release = next(each for each in service.releases.all if each.version == definition.header.version)
    return implicit_value_set(definition, release.effective_from, service.edition.id)
