"""Diagnosis records re-read in another release: one row in, one row out, with what became of its code.

CSV and Parquet run in DuckDB as one join; FHIR Bulk Data (`Condition`, one per line) is streamed line by line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from icdref import codes
from icdref.compiler import parquet, record_tables, remap_table
from icdref.compiler.editions import EXPORTS
from icdref.fhir.canonical import extension_url
from icdref.importers.errors import ImportFault
from icdref.service.release_diff import resolve
from icdref.service.service import Service

FORMATS = (".parquet", ".csv", ".ndjson")
STATE = "_remap.json"
EXTENSION = extension_url("remapped-code")
_SYSTEMS = frozenset({codes.ICD10CM, f"urn:oid:{codes.ICD10CM_OID}"})
_SHAPE = r"^[ \t]*[A-Za-z][0-9A-Za-z]{2}(\.?[0-9A-Za-z]{1,4})?[ \t]*$"
_LONGEST_LINE = 4 * 1024 * 1024
_ADDED = 8
"""Columns that every record gains."""
_REPORTED_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Job:
    """What to do: the columns of code and date ('' for none), the release to go to, and the bounds of the engine."""

    to: str
    code_column: str = "code"
    date_column: str = ""
    memory: str = "768MB"
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Shard:
    """One input file, its output, and how many rows it had; `skipped` when an earlier run had finished it."""

    source: Path
    target: Path
    rows: int
    skipped: bool = False


def remap(
    service: Service, source: Path, target: Path, job: Job, progress: Callable[[str, float], None] = lambda *_: None
) -> tuple[Shard, ...]:
    """Remap a file, or every file of a folder into a folder; return the shards. A finished shard is not done again.

    Raises ImportFault for what cannot be read, and when a shard would not have as many rows as its input.
    """
    side = resolve(service, job.to)
    version = side.release.version if side.release else side.day.isoformat()
    table = service.settings.directory / EXPORTS / service.edition.id / f"remap-{version}.parquet"
    if not table.is_file():
        progress(f"Preparing release {version}", 0.0)
        remap_table.write(service, side, table)
    pairs = _pairs(source, target)
    state = _State(
        target / STATE if source.is_dir() else None, f"{service.edition.id} {version} {job.code_column} {job.date_column}"
    )
    done: list[Shard] = []
    for number, (one, out) in enumerate(pairs):

        def within(share: float, name: str = one.name, number: int = number) -> None:
            progress(f"Remapping {name}", (number + min(share, 1.0)) / len(pairs))

        within(0.0)
        known = state.rows(one) if out.is_file() else None
        if known is None:
            shard = Shard(one, out, _run(one, out, table, version, job, within))
            state.note(one, shard.rows)
        else:
            shard = Shard(one, out, known, skipped=True)
        done.append(shard)
    progress("Done", 1.0)
    return tuple(done)


class _State:
    """Which shards are finished, in a file beside them; a changed input or another job makes a shard unfinished."""

    def __init__(self, path: Path | None, job: str) -> None:
        self._path = path
        self._job = job
        self._done: dict[str, list[int]] = {}
        if path and path.is_file():
            try:
                found = orjson.loads(path.read_bytes())
                self._done = found["shards"] if found.get("job") == job else {}
            except (ValueError, KeyError, AttributeError):
                self._done = {}

    def rows(self, source: Path) -> int | None:
        """Return the rows of a finished shard, None where it must be done."""
        size, changed, rows = self._done.get(source.name, (-1, -1, -1))
        stat = source.stat()
        return rows if (size, changed) == (stat.st_size, stat.st_mtime_ns) else None

    def note(self, source: Path, rows: int) -> None:
        """Remember a finished shard."""
        if self._path is None:
            return
        stat = source.stat()
        self._done[source.name] = [stat.st_size, stat.st_mtime_ns, rows]
        fresh = self._path.with_name(f".{self._path.name}.new")
        fresh.write_bytes(orjson.dumps({"job": self._job, "shards": self._done}, option=orjson.OPT_INDENT_2))
        fresh.replace(self._path)


def _pairs(source: Path, target: Path) -> list[tuple[Path, Path]]:
    if source.is_dir():
        found = sorted(path for path in source.iterdir() if path.suffix in FORMATS and not path.name.startswith((".", "_")))
        if not found:
            raise ImportFault(str(source), 0, f"no file with one of the endings {', '.join(FORMATS)}")
        target.mkdir(parents=True, exist_ok=True)
        return [(path, target / path.name) for path in found]
    for path in (source, target):
        if path.suffix not in FORMATS:
            raise ImportFault(str(path), 0, f"the ending is none of {', '.join(FORMATS)}")
    if (source.suffix == ".ndjson") != (target.suffix == ".ndjson"):
        raise ImportFault(str(target), 0, "FHIR resources stay FHIR resources: .ndjson to .ndjson")
    if source.resolve() == target.resolve():
        raise ImportFault(str(target), 0, "is the input itself")
    return [(source, target)]


def _run(source: Path, target: Path, table: Path, version: str, job: Job, progress: Callable[[float], None]) -> int:
    fresh = target.with_name(f".{target.name}.new")
    try:
        run = _stream if source.suffix == ".ndjson" else _join
        rows = run(source, fresh, table, version, job, progress)
        with fresh.open("rb") as stream:
            os.fsync(stream.fileno())
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return rows


def _join(source: Path, target: Path, table: Path, version: str, job: Job, progress: Callable[[float], None]) -> int:
    """Write the join of a CSV or Parquet file with the table and return the rows. The table has each code once."""
    origin = record_tables.table_of(source)
    wanted = ".csv" if target.name.endswith(".csv.new") else ".parquet"
    form = "FORMAT csv, HEADER" if wanted == ".csv" else "FORMAT parquet, COMPRESSION snappy"
    with parquet.connect(job.memory, job.threads) as engine:
        try:
            columns = [row[0] for row in engine.execute(f"DESCRIBE SELECT * FROM {origin}").fetchall()]
            code, day = _columns(source, columns, job)
            # The records stay the probing side of the join, so that they come out in the order they went in.
            engine.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
            engine.execute(f"CREATE TEMP TABLE icdref AS SELECT * FROM read_parquet({parquet.quoted(table)})")
            with parquet.watched(engine, progress):
                engine.execute(f"COPY ({_query(origin, version, code, day)}) TO {parquet.quoted(target)} ({form})")
            written = record_tables.written_table(target, wanted, len(columns) + _ADDED)
            before, after = (engine.execute(f"SELECT count(*) FROM {each}").fetchall()[0][0] for each in (origin, written))
        except Exception as error:
            if isinstance(error, ImportFault):
                raise
            raise _fault(source, str(error)) from None
    if before != after:
        raise ImportFault(str(source), 0, f"{before} rows in, {after} rows out: nothing was written")
    return int(after)


def _fault(source: Path, said: str) -> ImportFault:
    """Return what the engine says about a file, with the line where it names one, without its advice to ignore the fault."""
    line = re.search(r"on Line: (\d+)", said)
    what = " ".join(said.partition("Possible fixes")[0].partition("Possible Solution")[0].split())
    return ImportFault(str(source), int(line[1]) if line else 0, f"cannot be remapped: {what[:200]}")


def _columns(source: Path, columns: list[str], job: Job) -> tuple[str, str]:
    """Return the columns of code and date, '' for none."""
    code = record_tables.column_named(source, columns, job.code_column)
    day = record_tables.column_named(source, columns, job.date_column) if job.date_column else ""
    if taken := [name for name in columns if name.lower().startswith("icdref_")]:
        raise ImportFault(str(source), 1, f"has a column {taken[0]!r} already: it was remapped before")
    return code, day


def _query(origin: str, version: str, code_column: str, date_column: str) -> str:
    code = f'i."{_identifier(code_column)}"::VARCHAR'
    key = f"CASE WHEN regexp_matches({code}, '{_SHAPE}') THEN upper(replace(trim({code}, ' \t'), '.', '')) END"
    valid = "NULL::BOOLEAN"
    if date_column:
        cell = f'i."{_identifier(date_column)}"'
        # 20250930 is a day too; 09/30/2025 may mean two, and is none.
        day = f"coalesce(TRY_CAST({cell} AS DATE), TRY_CAST(try_strptime({cell}::VARCHAR, '%Y%m%d') AS DATE))"
        valid = f"CASE WHEN {day} IS NULL OR t.key IS NULL THEN NULL ELSE coalesce({day} >= t.valid_from, false)"
        valid += f" AND ({day} <= t.valid_to OR t.valid_to IS NULL) END"
    return (
        f"SELECT i.*, t.code AS icdref_code, {valid} AS icdref_valid_on_date, t.billable AS icdref_billable,"
        " t.title AS icdref_title, coalesce(t.relation, 'unknown') AS icdref_relation, t.replacements AS icdref_replacements,"
        f" t.summary AS icdref_summary, '{version}' AS icdref_release FROM {origin} i LEFT JOIN icdref t ON t.key = {key}"
    )


def _identifier(name: str) -> str:
    return name.replace('"', '""')


def _stream(source: Path, target: Path, table: Path, version: str, job: Job, progress: Callable[[float], None]) -> int:
    """Write each Condition with an extension on its ICD-10-CM codings; return the lines."""
    with parquet.connect(job.memory, job.threads) as engine:
        listed = engine.execute(f"SELECT * FROM read_parquet({parquet.quoted(table)})").fetchall()
    by_key = {row[0]: row for row in listed}
    number = 0
    size = max(source.stat().st_size, 1)
    with source.open("rb") as lines, target.open("wb") as out:
        for line in _lines(lines, source):
            number += 1
            if number % _REPORTED_LINES == 0:
                progress(lines.tell() / size)
            if line.strip():
                out.write(orjson.dumps(_remapped(line, number, source, by_key, version, job)))
            out.write(b"\n")
    return number


def _lines(stream: Any, source: Path) -> Iterator[bytes]:
    number = 0
    while line := stream.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            raise ImportFault(str(source), number, f"the line is longer than {_LONGEST_LINE} bytes")
        yield line


def _remapped(line: bytes, number: int, source: Path, by_key: dict[str, Any], version: str, job: Job) -> Any:
    try:
        resource = orjson.loads(line)
        codings = resource.get("code", {}).get("coding", []) if isinstance(resource, dict) else []
        day = next((str(resource[key])[:10] for key in _date_keys(job) if resource.get(key)), "")
        for coding in codings:
            if coding.get("system") in _SYSTEMS:
                code = codes.normalise(str(coding.get("code", "")))
                row = by_key.get(codes.without_dot(code)) if code else None
                coding.setdefault("extension", []).append(_extension(row, day, version))
    except (ValueError, AttributeError, TypeError):
        raise ImportFault(str(source), number, "is no FHIR resource on one line") from None
    return resource


def _date_keys(job: Job) -> tuple[str, ...]:
    return (job.date_column,) if job.date_column else ("onsetDateTime", "recordedDate")


def _extension(row: Any, day: str, version: str) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"url": "release", "valueString": version}]
    if row is None:
        return {"url": EXTENSION, "extension": [*parts, {"url": "relation", "valueCode": "unknown"}]}
    _, code, title, since, until, billable, relation, newer, summary = row
    parts += [{"url": "relation", "valueCode": relation}, {"url": "billable", "valueBoolean": billable}]
    if len(day) == 10:
        valid = since is not None and since.isoformat() <= day and (until is None or day <= until.isoformat())
        parts.append({"url": "validOnDate", "valueBoolean": valid})
    parts += [{"url": "title", "valueString": title}] * bool(title)
    parts += [
        {"url": "replacement", "valueCoding": {"system": codes.ICD10CM, "code": each}}
        for each in (newer or "").split(";")
        if each
    ]
    parts += [{"url": "summary", "valueString": summary}] * bool(summary)
    parts.append({"url": "code", "valueCode": code})
    return {"url": EXTENSION, "extension": parts}
