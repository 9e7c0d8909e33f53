"""Remapping diagnosis records against a plain DuckDB join of the same table, in the same run.

    python bench/remap.py [ROWS]        default 1,000,000; 10,000,000 shows the memory bound

Prints seconds of both, their ratio, and the peak memory of this process.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from icdref.compiler import parquet
from icdref.compiler.remap import Job, remap
from icdref.config import Settings
from icdref.service.live import LiveService
from icdref.setup import ensure_edition


def main(rows: int) -> None:
    settings = Settings.from_environment(scrub_seconds=0)
    ensure_edition(settings.directory)
    service = LiveService(settings).now()
    version = service.releases.newest.version
    table = settings.directory / "exports" / service.edition.id / f"remap-{version}.parquet"
    with tempfile.TemporaryDirectory() as scratch:
        source, out, plain = (Path(scratch) / name for name in ("in.parquet", "out.parquet", "plain.parquet"))
        tiny = Path(scratch) / "tiny.parquet"
        with parquet.connect() as engine:
            engine.execute(f"COPY (SELECT 'A00.0' AS code) TO {parquet.quoted(tiny)} (FORMAT parquet)")
        remap(service, tiny, out, Job(version))  # makes the table, which later runs find
        with parquet.connect() as engine:
            engine.execute(
                f"CREATE TABLE listed AS SELECT code, row_number() OVER () - 1 AS n FROM read_parquet({parquet.quoted(table)})"
            )
            number = engine.execute("SELECT count(*) FROM listed").fetchall()[0][0]
            engine.execute(
                f"COPY (SELECT i AS id, code, DATE '2016-01-01' + (i % 3900)::INTEGER AS day"
                f" FROM (SELECT i, (hash(i) % {number})::BIGINT AS n FROM range({rows}) r(i)) JOIN listed USING (n))"
                f" TO {parquet.quoted(source)} (FORMAT parquet)"
            )
        begun = time.perf_counter()
        with parquet.connect() as engine:
            engine.execute(
                f"COPY (SELECT i.*, t.* EXCLUDE (code) FROM read_parquet({parquet.quoted(source)}) i"
                f" LEFT JOIN read_parquet({parquet.quoted(table)}) t ON t.code = i.code)"
                f" TO {parquet.quoted(plain)} (FORMAT parquet)"
            )
        joined = time.perf_counter() - begun
        begun = time.perf_counter()
        shards = remap(service, source, out, Job(version, "code", "day"))
        remapped = time.perf_counter() - begun
        assert shards[0].rows == rows, "rows out are not rows in"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows} rows: plain join {joined:.2f} s, remap {remapped:.2f} s, ratio {remapped / joined:.2f}, peak {peak:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
