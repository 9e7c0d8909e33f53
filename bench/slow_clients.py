"""A healthy client's latency while 500 others drip their headers, or their bodies, one byte a second each.

Every round times the healthy client alone, beside slow headers, and beside slow bodies; a ratio is the median over the
rounds of the p99 beside slow clients by the p99 alone. Each probe is a new connection.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path
from typing import Any

from common.edition import compiled, serve_command
from common.processes import server
from common.report import publish, table, verdict
from common.slow import BODY, HEADERS, Healthy, dripping, probe

PATH = "/fhir/r4/Composition/$for-code?code=M61.051"
BOUND = 2.0
_SETTLE_SECONDS = 1.0


def run(data: Path, workers: int, clients: int, rounds: int, seconds: float) -> dict[str, list[Healthy]]:
    """Return what the healthy client saw, round by round, in each of the three situations."""
    seen: dict[str, list[Healthy]] = {"alone": [], "slow headers": [], "slow bodies": []}
    with server(serve_command(workers), "/ready", ICDREF_DATA=str(data)) as icdref:
        port = int(icdref.url.rpartition(":")[2])
        if probe(port, PATH, _SETTLE_SECONDS).failed:
            sys.exit(f"{PATH} was answered with {icdref.get(PATH)[0]}")
        for _ in range(rounds):
            seen["alone"].append(probe(port, PATH, seconds))
            for name, opening in (("slow headers", HEADERS), ("slow bodies", BODY)):
                with dripping(port, clients, opening):
                    seen[name].append(probe(port, PATH, seconds))
    return seen


def summary(seen: dict[str, list[Healthy]], clients: int) -> tuple[dict[str, Any], str]:
    """Return the medians by situation, and the same as a table."""
    result, rows = {}, []
    for name, rounds in seen.items():
        ratio = statistics.median(each.p99 / alone.p99 for each, alone in zip(rounds, seen["alone"], strict=True))
        failed = sum(each.failed for each in rounds)
        medians = {
            "probes": sum(each.probes for each in rounds),
            "failed": failed,
            "p50_milliseconds": statistics.median(each.p50 for each in rounds),
            "p99_milliseconds": statistics.median(each.p99 for each in rounds),
            "p99_ratio": ratio,
        }
        result[name] = medians
        aim = "" if name == "alone" else f"{verdict(ratio, BOUND, at_least=False)}; failed {verdict(failed, 0, at_least=False)}"
        label = name if name == "alone" else f"beside {clients} with {name}"
        numbers = [
            f"{medians['probes']}",
            f"{failed}",
            f"{medians['p50_milliseconds']:.2f}",
            f"{medians['p99_milliseconds']:.2f}",
        ]
        rows.append([label, *numbers, f"{ratio:.2f}", aim])
    return result, table(["healthy client", "probes", "failed", "p50 ms", "p99 ms", "p99 ratio", "aim"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="data directory with a compiled edition; without it one is compiled first")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8, help="of each measurement")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with compiled(options.data) as data:
        seen = run(data, options.workers, options.clients, options.rounds, options.seconds)
    result, text = summary(seen, options.clients)
    publish(result, text, as_json=options.json)


if __name__ == "__main__":
    main()
