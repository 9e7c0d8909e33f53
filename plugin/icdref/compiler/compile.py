"""The compiler: sources in, checked, a new edition on disk out. The same inputs give the same bytes."""

from __future__ import annotations

import gc
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from icdref.compiler import checks, editions, publish, reuse, timeline
from icdref.compiler.content_imports import content_of
from icdref.compiler.fhir_resources import fhir_of, write_resources
from icdref.compiler.index_texts import index_texts
from icdref.compiler.search_index import Words, write_search_index
from icdref.compiler.sources import Progress, ReleaseFiles, Sources
from icdref.compiler.stub_rows import write_stubs
from icdref.compiler.trees import write_trees
from icdref.importers.errors import ImportFault
from icdref.importers.validity import HORIZON
from icdref.model import ConceptMapping, ConditionSummary, Release, Successor, Validity
from icdref.records import to_record
from icdref.store.editions import Edition
from icdref.store.index import INDEX_NAME
from icdref.store.records import APPLICATION_ID, SCHEMA_VERSION, checksum, dump, place_key, release_record, validity_record

_FAULTS_SHOWN = 10


def compile_edition(data: Path, sources: Sources, progress: Progress = lambda *_: None, *, complete: bool = True) -> Edition:
    """Write the edition of the sources below a data directory and return it; it is not activated.

    Raises ImportFault or ContentError when a check fails: then nothing is written. `complete=False` is for small cuts of
    a code set in tests.
    """

    def describe(folder: Path) -> dict[str, Any]:
        compiler = _Compiler(folder / INDEX_NAME, sources, reuse.Reuse.of(data), progress, complete=complete)
        manifest = compiler.write()
        progress("Checking what will be served", 0.85)
        publish.check_edition(folder, manifest, sources.fixtures, sources.vendored_version())
        return manifest

    with editions.locked(data), uncollected():
        edition = editions.write_edition(data, describe)
    progress("Done", 1.0)
    return edition


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave the collection of reference cycles out.

    Reading a release makes millions of objects and no cycle; looking for one took 27 % of the time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Compiler:
    """Writes one index file. Each table is read, checked, written and forgotten, so that memory stays small."""

    def __init__(
        self, path: Path, sources: Sources, already: reuse.Reuse, progress: Progress = lambda *_: None, *, complete: bool = True
    ) -> None:
        self._path = path
        self._sources = sources
        self._already = already
        self._progress = progress
        self._complete = complete

    def write(self) -> dict[str, Any]:
        """Write the index and return the manifest. One transaction, rows in a fixed order, no time stamps."""
        connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            # The file is new and becomes visible only by rename after fsync, so SQLite need not journal or sync it.
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA page_size = 4096")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.executescript((resources.files("icdref") / "store" / "schema.sql").read_text("utf-8"))
            connection.execute("BEGIN")
            manifest = self._fill(connection)
            connection.execute("COMMIT")
            connection.execute("ANALYZE")
        finally:
            connection.close()
        return manifest

    def _fill(self, connection: sqlite3.Connection) -> dict[str, Any]:
        releases = self._write_releases(connection)
        self._progress("Writing validity and successors", 0.6)
        validity = self._sources.validity()
        for release, billable in releases:
            self._refuse(checks.check_validity(release, billable, validity) if self._complete else [])
        _fill_keyed(connection, "validity", ((row.code, validity_record(row)) for row in validity))
        _fill_keyed(connection, "succession", _successions(self._sources.successors(validity), validity))
        write_trees(connection, len(releases), validity)
        del validity
        self._progress("Writing maps", 0.7)
        connection.executemany(
            "INSERT INTO mapping VALUES (?, ?, ?, ?)",
            (
                (system, source, record, checksum(record, f"{system} {source}"))
                for system, source, record in _mappings(self._sources.mappings())
            ),
        )
        resources = write_resources(connection, fhir_of(self._sources.imports))
        self._progress("Writing condition summaries", 0.8)
        conditions = self._sources.conditions()
        _fill_keyed(connection, "condition", ((summary.id, dump(to_record(summary))) for summary in conditions.summaries))
        _write_released(connection, self._sources.released())
        stubs = write_stubs(connection, content_of(self._sources.imports), len(releases) - 1).stubs
        self._progress("Writing the search index", 0.82)
        words = Words(
            self._sources.lay_terms(), self._sources.commonness(), conditions.summaries, index_texts(self._sources.indexes())
        )
        write_search_index(connection, len(releases), words, self._sources.validity())
        connection.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [
                ("validity_first", HORIZON.first.isoformat()),
                ("validity_last", HORIZON.last.isoformat()),
                *((f"map from {system}", origin) for system, origin in self._sources.map_origins().items()),
            ],
        )
        return {
            "schema": SCHEMA_VERSION,
            reuse.MADE_BY: reuse.made_by(),
            "fingerprint": self._sources.fingerprint(),
            "releases": [_described(release) for release, _ in releases],
            "summaries": {summary.id: summary.version for summary in conditions.summaries},
            "stubs": len(stubs),
            "resources": resources,
        }

    def _write_releases(self, connection: sqlite3.Connection) -> list[tuple[Release, Set[str]]]:
        """Write releases and concepts; return each release with its billable codes."""
        releases: list[tuple[Release, Set[str]]] = []
        listed: list[list[timeline.Entry]] = []
        known: dict[bytes, bytes] = {}
        files = self._sources.listed()
        for number, each in enumerate(files):
            self._progress(f"Reading ICD-10-CM {each.release.version}", 0.05 + 0.45 * number / len(files))
            release, entries = self._already.find(each, known) or self._read(each, known)
            listed.append(entries)
            releases.append((release, {entry.code for entry in entries if entry.billable}))
        versions = [release.version for release, _ in releases]
        self._refuse([f"release {version} is there twice" for version in set(versions) if versions.count(version) > 1])
        self._progress("Writing concepts", 0.5)
        connection.executemany(
            "INSERT INTO release VALUES (?, ?, ?, ?)",
            (
                (number, release.version, record := release_record(release), checksum(record, f"{number} {release.version}"))
                for number, (release, _) in enumerate(releases)
            ),
        )
        connection.executemany(
            "INSERT INTO concept VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (number, row.code, row.since, row.until, row.position, row.last, row.billable, row.record, _row_checksum(row))
                for number, row in enumerate(timeline.rows(listed), 1)
            ),
        )
        return releases

    def _read(self, files: ReleaseFiles, known: dict[bytes, bytes]) -> tuple[Release, list[timeline.Entry]]:
        release, concepts = files.read()
        self._refuse(checks.check_release(release, concepts, complete=self._complete))
        return release, timeline.entries(concepts, known)

    @staticmethod
    def _refuse(faults: list[str]) -> None:
        if faults:
            more = f"; and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else ""
            raise ImportFault("sources", 0, "; ".join(faults[:_FAULTS_SHOWN]) + more)


def _row_checksum(row: timeline.Row) -> int:
    return checksum(row.record, place_key(row.code, row.since, row.until, row.position, row.last))


def _described(release: Release) -> dict[str, Any]:
    return {
        "system": release.system,
        "version": release.version,
        "codes": release.codes,
        "billable": release.billable,
        "notes": release.has_notes,
        "files": {file.name: file.sha256 for file in release.files},
    }


def _fill_keyed(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[str, bytes]]) -> None:
    connection.executemany(
        f"INSERT INTO {table} VALUES (?, ?, ?)", ((key, record, checksum(record, key)) for key, record in sorted(rows))
    )


def _write_released(connection: sqlite3.Connection, released: Iterable[ConditionSummary]) -> None:
    numbers: Counter[str] = Counter()
    for each in released:
        record = dump(to_record(each))
        row = (each.id, numbers[each.id], each.version, record, checksum(record, f"{each.id} {each.version}"))
        connection.execute("INSERT INTO released VALUES (?, ?, ?, ?, ?)", row)
        numbers[each.id] += 1


def _successions(successors: Iterable[Successor], validity: Iterable[Validity]) -> Iterable[tuple[str, bytes]]:
    """Yield the conversion table by code, both ways, each pair marked with whether the old code ended with it."""
    last_day = {row.code: row.valid_to for row in validity if row.valid_to}
    found: dict[str, dict[str, list[list[object]]]] = {}
    for pair in successors:
        end = last_day.get(pair.old)
        ended = end is not None and (end + timedelta(days=1)).isoformat() == pair.release
        found.setdefault(pair.old, {}).setdefault("by", []).append([pair.release, pair.new, int(ended)])
        found.setdefault(pair.new, {}).setdefault("of", []).append([pair.release, pair.old, int(ended)])
    return ((code, dump(record)) for code, record in found.items())


def _mappings(mappings: Iterable[ConceptMapping]) -> Iterable[tuple[str, str, bytes]]:
    found: dict[tuple[str, str], list[list[object]]] = {}
    for row in mappings:
        cells = [row.target_system, row.target, int(row.approximate), int(row.combination), row.scenario, row.choice]
        found.setdefault((row.source_system, row.source), []).append(cells)
    return ((system, source, dump(rows)) for (system, source), rows in sorted(found.items()))
