"""icdref's own server against other ways to serve the same Flask application: the figures of decision 0001.

Compared: `icdref serve` (granian RSGI, the front), granian WSGI with one blocking thread, gunicorn gthread and waitress, as
far as they are installed; each with its usual number of processes for `--workers`. Throughput of one hot and of random
questions, then a healthy client beside slow headers and slow bodies. Only ratios to granian WSGI mean much.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common.edition import SYSTEM, compiled, random_codes, serve_command
from common.processes import Running, server
from common.report import publish, table
from common.slow import BODY, HEADERS, dripping, probe
from common.wrk import load, require_wrk

FHIR = "/fhir/r4"
HOT = f"{FHIR}/Composition/$for-code?code=M61.051"
FACTORY = "icdref.web.app:create_app"
REFERENCE = "granian WSGI"
SLOW_SECONDS = 6.0


def commands(workers: int) -> dict[str, list[str]]:
    """Return the command of every server that is installed, by its name."""
    python = sys.executable
    granian = [python, "-m", "granian", "--interface", "wsgi", "--factory", "--no-log", "--blocking-threads", "1"]
    gunicorn = [python, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "8", "--log-level", "error"]
    waitress = [python, "-m", "waitress", "--connection-limit", "2000", "--asyncore-use-poll"]
    every = {
        "icdref serve": serve_command(workers),
        REFERENCE: [*granian, "--port", "{port}", "--workers", str(workers), FACTORY],
        "gunicorn gthread": [*gunicorn, "--workers", str(workers), "--bind", "127.0.0.1:{port}", f"{FACTORY}()"],
        "waitress": [*waitress, "--listen", "127.0.0.1:{port}", "--threads", "8", "--call", FACTORY],
    }
    return {name: command for name, command in every.items() if name.split()[0] == "icdref" or find_spec(name.split()[0])}


def throughput(running: dict[str, Running], paths: Path, rounds: int, seconds: float) -> dict[str, dict[str, list[float]]]:
    """Return requests per second by server and question, round by round."""
    seen: dict[str, dict[str, list[float]]] = {name: {"hot": [], "random": []} for name in running}
    for _ in range(rounds):
        for name, each in running.items():
            seen[name]["hot"].append(load(each.url + HOT, seconds=seconds, headers={}).per_second)
            seen[name]["random"].append(load(each.url, paths, seconds=seconds, headers={}).per_second)
    return seen


def beside_slow_clients(running: Running, clients: int) -> dict[str, str]:
    """Return the p99 of a healthy client in milliseconds and how many of its probes failed, by situation."""
    port = int(running.url.rpartition(":")[2])
    shown = {}
    for name, opening in (("alone", b""), ("slow headers", HEADERS), ("slow bodies", BODY)):
        with ExitStack() as stack:
            if opening:
                stack.enter_context(dripping(port, clients, opening))
            seen = probe(port, HOT, SLOW_SECONDS)
        failed = f", {seen.failed} of {seen.probes} failed" if seen.failed else ""
        shown[name] = f"{seen.p99:.1f}{failed}" if seen.failed < seen.probes else "no answer"
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="data directory with a compiled edition; without it one is compiled first")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    require_wrk()
    with compiled(options.data) as data, TemporaryDirectory(prefix="icdref-bench-") as directory, ExitStack() as stack:
        paths = Path(directory) / "paths"
        codes = random_codes(data, 20_000)
        paths.write_text("".join(f"{FHIR}/CodeSystem/$lookup?system={SYSTEM}&code={code}\n" for code in codes))
        running = {
            name: stack.enter_context(server(command, "/live", ICDREF_DATA=str(data)))
            for name, command in commands(options.workers).items()
        }
        seen = throughput(running, paths, options.rounds, options.seconds)
        slow = {name: beside_slow_clients(each, options.clients) for name, each in running.items()}
    result: dict[str, Any] = {}
    rows = []
    for name in running:
        ratios = {
            kind: statistics.median(own / other for own, other in zip(seen[name][kind], seen[REFERENCE][kind], strict=True))
            for kind in ("hot", "random")
        }
        result[name] = {"per_second": seen[name], "ratio": ratios, "p99": slow[name]}
        rows.append([name, f"{ratios['hot']:.2f}", f"{ratios['random']:.2f}", *slow[name].values()])
    header = ["server", "hot", "random", "p99 ms alone", f"beside {options.clients} slow headers", "slow bodies"]
    publish(result, table(header, rows), as_json=options.json)


if __name__ == "__main__":
    main()
