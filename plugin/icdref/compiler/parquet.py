"""An edition as Parquet, for bulk work in anyone's engine: written with DuckDB, an optional dependency (the extra `remap`)."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from icdref import codes
from icdref.importers.errors import ImportFault
from icdref.service.service import Service
from icdref.store.conditions import ConceptMapStore
from icdref.store.index import INDEX_NAME, Index

if TYPE_CHECKING:
    import duckdb

Columns = Sequence[tuple[str, str]]
"""(name, DuckDB type) of each column."""

_MEMORY = "512MB"
_WATCHED_SECONDS = 0.2


def connect(memory: str = _MEMORY, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection in memory, bounded. Raises ImportFault where DuckDB is not installed."""
    try:
        import duckdb as engine  # noqa: PLC0415  only needed for bulk work
    except ImportError:
        raise ImportFault("duckdb", 0, "is not installed; run: pip install 'icdref[remap]'") from None
    options: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "threads": threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return engine.connect(":memory:", config=options)


@contextmanager
def watched(engine: duckdb.DuckDBPyConnection, report: Callable[[float], None]) -> Iterator[None]:
    """Report the share of a running statement that is done, 0 to 1, about five times a second."""
    engine.execute("SET enable_progress_bar = true")
    engine.execute("SET enable_progress_bar_print = false")
    done = Event()

    def watch() -> None:
        while not done.wait(_WATCHED_SECONDS):
            share = engine.query_progress() / 100
            if 0 < share < 1:
                report(share)

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def export(service: Service, folder: Path) -> list[tuple[str, int]]:
    """Write every table of an edition into a folder, one Parquet file each; return (file name, rows)."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: tuple[tuple[str, Columns, Iterable[Sequence[object]]], ...] = (
        ("releases", _RELEASES, _releases(service)),
        ("concepts", _CONCEPTS, _concepts(service)),
        ("validity", _VALIDITY, _validity(service)),
        ("successors", _SUCCESSORS, _successors(service)),
        ("maps", _MAPS, _maps(service)),
    )
    return [(f"{name}.parquet", write(folder / f"{name}.parquet", columns, rows)) for name, columns, rows in tables]


def write(path: Path, columns: Columns, rows: Iterable[Sequence[object]]) -> int:
    """Write rows as one Parquet file, which appears whole or not at all; return how many. A list cell is joined with ';'."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".tmp-") as scratch:
        source, target = Path(scratch) / "rows.csv", Path(scratch) / "rows.parquet"
        number = 0
        with source.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            for row in rows:
                writer.writerow(["" if cell is None else ";".join(cell) if isinstance(cell, tuple) else cell for cell in row])
                number += 1
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
        with connect() as engine:
            engine.execute(
                f"COPY (SELECT * FROM read_csv(?, header = false, quote = '\"', nullstr = '', columns = {{{types}}}))"
                f" TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)",
                [str(source)],
            )
        with target.open("rb") as written:
            os.fsync(written.fileno())
        target.replace(path)
    return number


def quoted(path: Path) -> str:
    """Return a path as an SQL string; COPY takes no parameter there."""
    return "'" + str(path).replace("'", "''") + "'"


_RELEASES: Columns = (
    ("release", "DATE"), ("title", "VARCHAR"), ("effective_to", "DATE"), ("fiscal_year", "INTEGER"), ("has_notes", "BOOLEAN"),
    ("codes", "INTEGER"), ("billable", "INTEGER"),
)  # fmt: skip
_CONCEPTS: Columns = (
    ("release", "DATE"), ("code", "VARCHAR"), ("kind", "VARCHAR"), ("display", "VARCHAR"), ("parent", "VARCHAR"),
    ("billable", "BOOLEAN"), ("laterality", "VARCHAR"), ("site", "VARCHAR"),
)  # fmt: skip
_VALIDITY: Columns = (("code", "VARCHAR"), ("valid_from", "DATE"), ("valid_to", "DATE"))
_SUCCESSORS: Columns = (("old", "VARCHAR"), ("new", "VARCHAR"), ("release", "DATE"), ("ended", "BOOLEAN"))
_MAPS: Columns = (
    ("source_system", "VARCHAR"), ("source", "VARCHAR"), ("target_system", "VARCHAR"), ("target", "VARCHAR"),
    ("approximate", "BOOLEAN"), ("combination", "BOOLEAN"), ("scenario", "INTEGER"), ("choice", "INTEGER"),
)  # fmt: skip


def _releases(service: Service) -> Iterator[Sequence[object]]:
    for each in service.releases.all:
        yield (each.version, each.title, each.effective_to, each.fiscal_year, each.has_notes, each.codes, each.billable)


def _concepts(service: Service) -> Iterator[Sequence[object]]:
    for number, release in enumerate(service.releases.all):
        for stored in service.concepts.all(number):
            each = stored.concept
            sided = (each.laterality or None, each.site or None)
            yield (release.version, each.code, each.kind, each.display, each.parent or None, each.billable, *sided)


def _validity(service: Service) -> Iterator[Sequence[object]]:
    return ((each.code, each.valid_from, each.valid_to) for each in service.concepts.all_validity())


def _successors(service: Service) -> Iterator[Sequence[object]]:
    for code in service.concepts.succession_codes():
        for release, new, ended in service.concepts.succession(code)[0]:
            yield (code, new, release, ended)


def _maps(service: Service) -> Iterator[Sequence[object]]:
    maps = ConceptMapStore(Index(service.edition.folder / INDEX_NAME))
    for system in (codes.ICD9CM, codes.ICD10CM):
        for source in maps.sources(system):
            for row in maps.mappings(system, source):
                flags = (row.approximate, row.combination, row.scenario, row.choice)
                yield (system, row.source, row.target_system, row.target or None, *flags)
