"""Releases that an installed edition holds already, so that one more release does not mean to read all the others again.

Taken over is only what the same code made of the same files; the edition is the same byte for byte either way.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from importlib import resources
from importlib.abc import Traversable
from pathlib import Path
from typing import Final

from icdref.compiler.sources import ReleaseFiles
from icdref.compiler.timeline import Entry
from icdref.issues import IcdRefError
from icdref.model import Release
from icdref.store.concepts import ConceptStore
from icdref.store.editions import CURRENT, Edition, installed, pointer, verify
from icdref.store.index import INDEX_NAME, Index
from icdref.store.records import SCHEMA_VERSION, release_record

MADE_BY: Final = "made_by"
"""The key of a manifest that names the code which read the releases."""

_CODE: Final = ("codes.py", "model.py", "records.py", "compiler", "importers", "language", "store")
_ROWS: Final = "SELECT code, position, last, billable, record FROM concept WHERE since <= ? AND until >= ? ORDER BY position"


@cache
def made_by() -> str:
    """Return a hash of the code that a release's rows depend on."""
    root = resources.files("icdref")
    digest = hashlib.sha256()
    for name in _CODE:
        for path, content in _sources(root / name, name):
            digest.update(f"{path}\0".encode() + hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def _sources(place: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    if place.is_file():
        yield name, place.read_bytes()
        return
    for child in sorted(place.iterdir(), key=lambda each: each.name):
        if child.is_dir() or child.name.endswith((".py", ".sql")):
            yield from _sources(child, f"{name}/{child.name}")


class Reuse:
    """The releases of one installed edition, none where no edition was made by this code."""

    def __init__(self, edition: Edition | None) -> None:
        self._path = edition.folder / INDEX_NAME if edition else None
        releases = ConceptStore(Index(self._path)).releases() if self._path else ()
        self._number = {release.version: number for number, release in enumerate(releases)}
        self._releases = {release.version: release for release in releases}

    @classmethod
    def of(cls, data: Path) -> Reuse:
        """Return the edition with the most releases that this code made; it is verified before anything is taken from it."""
        current = pointer(data, CURRENT)
        able = [each for each in installed(data) if _is_able(each)]
        able.sort(key=lambda each: (len(each.manifest["releases"]), each.id == current))
        while able:
            edition = able.pop()
            try:
                verify(edition)
                return cls(edition)
            except IcdRefError:  # damaged: what it holds is read from the files again
                continue
        return cls(None)

    def find(self, wanted: ReleaseFiles, known: dict[bytes, bytes]) -> tuple[Release, list[Entry]] | None:
        """Return a release and its entries where the edition has it from the same files, None where it must be read.

        `known` keeps equal records once, as in `timeline.entries`.
        """
        stored = self._releases.get(wanted.release.version)
        if self._path is None or stored is None:
            return None
        same = replace(wanted.described(), codes=stored.codes, billable=stored.billable)
        if release_record(same) != release_record(stored):
            return None
        number = self._number[stored.version]
        with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            rows = connection.execute(_ROWS, (number, number)).fetchall()
        place = {row[1]: index for index, row in enumerate(rows)}
        return stored, [
            Entry(code, bool(billable), place[last], known.setdefault(record, record)) for code, _, last, billable, record in rows
        ]


def _is_able(edition: Edition) -> bool:
    return edition.manifest.get(MADE_BY) == made_by() and edition.manifest.get("schema") == SCHEMA_VERSION
