"""How fast the search is while somebody types, what its index costs to build and to keep, and what it takes of memory.

Every labelled query of the tests is typed letter by letter, and each letter is a search. Processor time, so that other
load on the machine counts as little as it can.
"""

from __future__ import annotations

import argparse
import gc
import shutil
import sqlite3
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common.edition import compiled
from common.report import publish, table, verdict

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.search.labelled import read  # noqa: E402

from icdref.compiler.search_index import Words, write_search_index  # noqa: E402
from icdref.compiler.sources import Sources  # noqa: E402
from icdref.config import Settings  # noqa: E402
from icdref.service.live import LiveService  # noqa: E402
from icdref.service.service import Service  # noqa: E402
from icdref.store.index import INDEX_NAME  # noqa: E402

P99_BOUND_MS = 5.0
BUILD_BOUND = 10.0
SIZE_BOUND_MB = 40.0
TABLES = ("document", "word", "prefix", "set", "column", "key", "phrase")
SUGGESTIONS = 10


def letters() -> list[str]:
    """Return what stands in the box after each letter of each query."""
    queries = [query.text for query in read(ROOT / "tests" / "search" / "queries.tsv")]
    return [text[:end] for text in queries for end in range(1, len(text) + 1)]


def typing(service: Service) -> dict[str, float]:
    """Return the milliseconds of a search per letter."""
    texts = letters()
    begun = time.process_time()
    service.search.search("first", count=SUGGESTIONS)
    first = time.process_time() - begun
    times = []
    for text in texts:
        begun = time.process_time()
        service.search.search(text, count=SUGGESTIONS)
        times.append(1000 * (time.process_time() - begun))
    cuts = statistics.quantiles(times, n=100)
    return {"letters": len(texts), "first": 1000 * first, "p50": cuts[49], "p90": cuts[89], "p99": cuts[98], "most": max(times)}


def unshared() -> float:
    """Return the memory that only this process has, in MB (Linux)."""
    gc.collect()
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty")) / 1024


def cost(index: Path) -> dict[str, float]:
    """Return the seconds of processor time to build the search index, and its size on disk in MB."""
    sources = Sources.embedded()
    with TemporaryDirectory(prefix="icdref-bench-") as directory:
        copy = Path(directory) / INDEX_NAME
        shutil.copy(index, copy)
        copy.chmod(0o644)
        connection = sqlite3.connect(copy, isolation_level=None)
        connection.execute("PRAGMA journal_mode = OFF")
        whole = copy.stat().st_size
        for name in TABLES:
            connection.execute(f"DELETE FROM search_{name}")
        connection.execute("VACUUM")
        without = copy.stat().st_size
        releases = connection.execute("SELECT count(*) FROM release").fetchone()[0]
        words = Words(sources.lay_terms(), sources.commonness(), sources.conditions().summaries, {})
        begun = time.process_time()
        connection.execute("BEGIN")
        write_search_index(connection, releases, words, sources.validity())
        connection.execute("COMMIT")
        seconds = time.process_time() - begun
        connection.close()
    return {"build_seconds": seconds, "megabytes": (whole - without) / 1e6}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="data directory with an edition (default: compile one)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with compiled(options.data) as data:
        service = LiveService(Settings(data=str(data), scrub_seconds=0)).now()
        before = unshared()
        typed = typing(service)
        memory = unshared() - before
        spent = cost(service.edition.folder / INDEX_NAME)
    result: dict[str, Any] = {"typing_ms": typed, "unshared_megabytes": memory, **spent}
    rows = [
        ["first search, ms", f"{typed['first']:.0f}", ""],
        ["a letter, p50 ms", f"{typed['p50']:.2f}", ""],
        ["a letter, p90 ms", f"{typed['p90']:.2f}", ""],
        ["a letter, p99 ms", f"{typed['p99']:.2f}", verdict(typed["p99"], P99_BOUND_MS, at_least=False)],
        ["a letter, most ms", f"{typed['most']:.1f}", ""],
        ["unshared memory, MB", f"{memory:.0f}", ""],
        ["build, s", f"{spent['build_seconds']:.1f}", verdict(spent["build_seconds"], BUILD_BOUND, at_least=False)],
        ["on disk, MB", f"{spent['megabytes']:.1f}", verdict(spent["megabytes"], SIZE_BOUND_MB, at_least=False)],
    ]
    publish(result, table(["search", "measured", "aim"], rows), as_json=options.json)


if __name__ == "__main__":
    main()
