"""Condition summaries and concept maps as they stand in an edition."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

from icdref.model import ConceptMapping
from icdref.store.index import Index
from icdref.store.records import verified


class ConditionStore:
    """The summaries of an edition as plain records; the service turns them into the words of `model`."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield every summary's record, by id."""
        for identifier, record, crc in self._index.rows("SELECT id, record, crc FROM condition ORDER BY id"):
            yield verified(record, crc, identifier)

    def released(self) -> Iterator[dict[str, Any]]:
        """Yield the record of every released version, by id of the summary and oldest first."""
        for identifier, version, record, crc in self._index.rows(
            "SELECT id, version, record, crc FROM released ORDER BY id, number"
        ):
            yield verified(record, crc, f"{identifier} {version}")


class ConceptMapStore:
    """The maps between code systems."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def mappings(self, source_system: str, source: str) -> tuple[ConceptMapping, ...]:
        """Return all rows of a source code, in the publisher's order; () where the map does not have the code."""
        sql = "SELECT record, crc FROM mapping WHERE source_system = ? AND source = ?"
        row = self._index.one(sql, (source_system, source))
        if row is None:
            return ()
        return tuple(
            ConceptMapping(source_system, source, target_system, target, bool(approximate), bool(combination), scenario, choice)
            for target_system, target, approximate, combination, scenario, choice in verified(
                row[0], row[1], f"{source_system} {source}"
            )
        )

    def origin(self, source_system: str) -> str:
        """Return where the map from a system comes from: its year, or what the operator imported."""
        return self._index.meta(f"map from {source_system}") or "2013"

    def count(self, source_system: str) -> int:
        """Return how many source codes the map from a system has."""
        row = self._index.one("SELECT count(*) FROM mapping WHERE source_system = ?", (source_system,))
        return int(row[0]) if row else 0

    def sources(self, source_system: str) -> Iterator[str]:
        """Yield every source code of the maps from a system."""
        sql = "SELECT source FROM mapping WHERE source_system = ? ORDER BY source"
        return (source for (source,) in self._index.rows(sql, (source_system,)))

    def pairs(self, source_system: str) -> Iterator[tuple[str, str, bool]]:
        """Yield (source, target, whether it is approximate) of the whole map from a system."""
        sql = "SELECT source, record, crc FROM mapping WHERE source_system = ? ORDER BY source"
        for source, record, crc in self._index.rows(sql, (source_system,)):
            for _, target, approximate, *_ in verified(record, crc, f"{source_system} {source}"):
                if target:
                    yield source, target, bool(approximate)

    def leading_to(self, source_system: str, targets: Set[str]) -> dict[str, tuple[str, ...]]:
        """Return target -> source codes for the targets that a map from a system leads to; reads the whole map."""
        found: dict[str, list[str]] = {}
        sql = "SELECT source, record, crc FROM mapping WHERE source_system = ? ORDER BY source"
        for source, record, crc in self._index.rows(sql, (source_system,)):
            for row in verified(record, crc, f"{source_system} {source}"):
                if row[1] in targets:
                    found.setdefault(row[1], []).append(source)
        return {target: tuple(sources) for target, sources in found.items()}
