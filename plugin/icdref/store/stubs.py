"""Imported definitions as they stand in an edition, by the code that they are about."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from icdref.results import Stub
from icdref.store.index import Index
from icdref.store.records import dump, verified

_SQL = "SELECT id, record, crc FROM stub WHERE code = ? ORDER BY id"


class StubStore:
    """The imported definitions of an edition."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def stubs(self, code: str, title: str) -> tuple[Stub, ...]:
        """Return what was imported for a code whose title is still the one that it was imported for."""
        rows = self._index.rows(_SQL, (code,))
        records = (verified(record, crc, stub_key(code, identifier)) for identifier, record, crc in rows)
        return tuple(to_stub(record) for record in records if record["title"] == title)

    def codes(self) -> frozenset[str]:
        """Return the codes that have a definition, identifiers alone not counted."""
        return frozenset(code for (code,) in self._index.rows("SELECT DISTINCT code FROM stub WHERE defined"))

    def has(self, identifier: str) -> bool:
        """Tell whether an imported definition has this id."""
        return self._index.one("SELECT 1 FROM stub WHERE id = ?", (identifier,)) is not None


def stub_key(code: str, identifier: str) -> str:
    """Return the key that the checksum of a row covers beside its record."""
    return f"{code} {identifier}"


def stub_record(stub: Stub, title: str) -> bytes:
    """Return the record of an imported definition; `title` is that of its code in the release that it was joined to."""
    return dump(asdict(stub) | {"title": title})


def to_stub(record: dict[str, Any]) -> Stub:
    """Return the imported definition of a record."""
    return Stub(**{name: value for name, value in record.items() if name != "title"})
