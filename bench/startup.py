"""How long it takes to compile the embedded edition, and from the start of the process to the first answer.

The start verifies every hash of the edition. Files are in the page cache, as after a deployment that has just written them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common.edition import SYSTEM, build, serve_command
from common.processes import server
from common.report import publish, table, verdict

PATH = f"/fhir/r4/CodeSystem/$lookup?system={SYSTEM}&code=M61.051"
COMPILE_BOUND = 20.0
START_BOUND = 2.0


def compile_seconds(data: Path) -> float:
    """Return how long `icdref build` takes, from an empty data directory."""
    begun = time.perf_counter()
    build(data)
    return time.perf_counter() - begun


def start_seconds(data: Path, workers: int) -> float:
    """Return how long it takes from the start of `icdref serve` to its first answer."""
    begun = time.perf_counter()
    with server(serve_command(workers), PATH, ICDREF_DATA=str(data)):
        return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    compiles, starts = [], []
    for _ in range(options.rounds):
        with TemporaryDirectory(prefix="icdref-bench-") as directory:
            compiles.append(compile_seconds(Path(directory)))
            starts.append(start_seconds(Path(directory), options.workers))
    result: dict[str, Any] = {
        "compile_seconds": {"median": statistics.median(compiles), "all": compiles},
        "first_answer_seconds": {"median": statistics.median(starts), "all": starts},
    }
    rows = []
    for name, times, bound in (("compile", compiles, COMPILE_BOUND), ("start to first answer", starts, START_BOUND)):
        median = statistics.median(times)
        rows.append([name, f"{median:.2f}", f"{min(times):.2f}", f"{max(times):.2f}", verdict(median, bound, at_least=False)])
    publish(result, table(["seconds", "median", "least", "most", "aim"], rows), as_json=options.json)


if __name__ == "__main__":
    main()
