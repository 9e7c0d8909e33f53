"""The concept maps that the operator imported, read from the edition element by element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from icdref.definitions import ConceptMap, Header, MappingGroup, MappingTarget
from icdref.service.maps.held import HeldMap, Row
from icdref.store.resources import ResourceStore


class _StoredRows:
    def __init__(self, store: ResourceStore, identifier: str) -> None:
        self._store = store
        self._identifier = identifier
        self._sizes = store.sizes(identifier)

    def targets(self, group: int, code: str) -> tuple[MappingTarget, ...] | None:
        """Return what a group says to a source code."""
        return self._store.targets(self._identifier, group, code)

    def of_group(self, group: int) -> Iterator[Row]:
        """Yield (source code, targets) of a group."""
        return self._store.rows(self._identifier, group)

    def size(self, group: int) -> int:
        """Return the number of source codes of a group."""
        return self._sizes.get(group, 0)


def stored_maps(store: ResourceStore) -> tuple[HeldMap, ...]:
    """Return every imported map."""
    return tuple(HeldMap(_definition(each), _StoredRows(store, each["id"])) for each in store.of_type("ConceptMap"))


def _definition(resource: dict[str, Any]) -> ConceptMap:
    """Return the map of a resource that was checked when it was imported, without its elements."""
    texts = {name: resource.get(name, "") for name in ("url", "version", "name", "title", "status", "publisher", "id")}
    source, target = (
        next(
            (resource[end + scope] for scope in ("Uri", "Canonical", "ScopeUri", "ScopeCanonical") if end + scope in resource), ""
        )
        for end in ("source", "target")
    )
    return ConceptMap(Header(**texts), source, target, tuple(_group(each) for each in resource.get("group", ())))


def _group(group: dict[str, Any]) -> MappingGroup:
    (source, source_version), (target, target_version) = (
        (group.get(end, "").partition("|")[0], group.get(end, "").partition("|")[2] or group.get(f"{end}Version", ""))
        for end in ("source", "target")
    )
    unmapped = group.get("unmapped", {})
    mode = {"provided": "provided", "use-source-code": "provided", "fixed": "fixed", "other-map": "other-map"}
    return MappingGroup(
        source,
        source_version,
        target,
        target_version,
        (),
        mode.get(unmapped.get("mode", ""), ""),
        unmapped.get("code", ""),
        unmapped.get("display", ""),
        unmapped.get("otherMap", "") or unmapped.get("url", ""),
    )
