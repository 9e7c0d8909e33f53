"""Memory of the workers after the same warm-up, what the second one adds, and the peak of compiling an edition.

Unshared memory (USS) is what would be free if the one process ended; proportional memory (PSS) counts a page that n
processes share as 1/n, so that the PSS of all is what the server takes. Linux only (/proc/*/smaps_rollup).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common.edition import ICDREF, SYSTEM, compiled, random_codes, serve_command
from common.processes import Running, server
from common.report import publish, table, verdict

FHIR = "/fhir/r4"
ADDED_BOUND = 60.0
COMPILE_BOUND = 300.0
CHUNK = 200


def memory(pid: int) -> dict[str, float]:
    """Return RSS, PSS and USS of a process, in MB."""
    fields = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, value = line.partition(":")
        fields[name] = int(value.split()[0]) / 1024
    return {"rss": fields["Rss"], "pss": fields["Pss"], "uss": fields["Private_Clean"] + fields["Private_Dirty"]}


def warm(icdref: Running, codes: list[str], workers: int) -> None:
    """Fill the cache of each worker: every code often enough that each worker has seen it twice, and the documents."""
    for begin in range(0, len(codes), CHUNK):
        for code in codes[begin : begin + CHUNK] * (3 * workers):
            icdref.get(f"{FHIR}/CodeSystem/$lookup?system={SYSTEM}&code={code}")
    for code in ("M61.051", "M61.1", "M61.21", "M61.9", "I10") * 4 * workers:
        icdref.get(f"{FHIR}/Composition/$for-code?code={code}")


def served(data: Path, workers: int, codes: list[str]) -> list[dict[str, float]]:
    """Return the memory of each worker of a server, the launcher's after them."""
    with server(serve_command(workers), "/ready", ICDREF_DATA=str(data)) as icdref:
        warm(icdref, codes, workers)
        launcher, *others = icdref.processes()
        return [memory(pid) for pid in [*others, launcher]]


def compile_peak() -> float:
    """Return the largest resident memory of `icdref build`, in MB."""
    with TemporaryDirectory(prefix="icdref-bench-") as directory:
        environ = os.environ | {"ICDREF_DATA": directory}
        process = subprocess.Popen([*ICDREF, "build"], env=environ, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"icdref build failed with exit code {process.returncode}")
        return usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="data directory with a compiled edition; without it one is compiled first")
    parser.add_argument("--codes", type=int, default=2500, help="different ones asked of the workers before they are measured")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with compiled(options.data) as data:
        codes = random_codes(data, options.codes)
        by_workers = {workers: served(data, workers, codes) for workers in (1, 2, 4)}
    totals = {workers: sum(each["pss"] for each in processes) for workers, processes in by_workers.items()}
    unshared = max(each["uss"] for each in by_workers[2][:2])
    added = totals[2] - totals[1]
    peak = compile_peak()
    result: dict[str, Any] = {
        "processes": by_workers,
        "total_pss": totals,
        "second_worker_adds": added,
        "unshared_of_a_worker": unshared,
        "compile_peak_rss": peak,
    }
    rows = []
    for workers, processes in by_workers.items():
        means = [f"{statistics.mean(each[kind] for each in processes[:workers]):.0f}" for kind in ("rss", "pss", "uss")]
        rows.append([f"{workers} worker{'s' * (workers > 1)}", *means, f"{totals[workers]:.0f}"])
    text = table(["MB", "RSS of a worker", "PSS of a worker", "USS of a worker", "PSS of the server"], rows)
    aims = [
        ["second worker adds (PSS of the server)", f"{added:.0f}", verdict(added, ADDED_BOUND, at_least=False)],
        ["unshared memory of one of two workers (USS)", f"{unshared:.0f}", verdict(unshared, ADDED_BOUND, at_least=False)],
        ["peak while compiling (RSS)", f"{peak:.0f}", verdict(peak, COMPILE_BOUND, at_least=False)],
    ]
    publish(result, f"{text}\n\n{table(['', 'MB', 'aim'], aims)}", as_json=options.json)


if __name__ == "__main__":
    main()
