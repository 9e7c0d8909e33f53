"""Throughput and latency of `icdref serve` against a bare WSGI callable and a bare Flask view that return the same bytes.

All three run on granian with the same number of workers, at the same time, and are asked in turn, round after round; a
ratio is the median of the ratios of the rounds, so that other load on the machine falls out of it. One round goes before
those that count, for the controls too.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from common.edition import SYSTEM, compiled, random_codes, serve_command
from common.processes import BENCH, Running, server
from common.report import publish, table, verdict
from common.wrk import Load, load, require_wrk

FHIR = "/fhir/r4"
HOT = "M61.051"
SAMPLED = 50
_BY_THE_SERVER = ("connection", "content-length", "date", "server")


@dataclass
class Case:
    """One question, the control it is held against, and how often icdref must answer per answer of the control."""

    name: str
    control: str
    path: str
    bound: float = 0.0
    paths: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    p99_bound: float = 0.0
    per_second_bound: float = 0.0

    @property
    def key(self) -> str:
        """Return the path of the same answer on a control."""
        return "/" + "".join(letter if letter.isalnum() else "-" for letter in self.name)


@dataclass
class Seen:
    """One round: the load and the processor time per request of icdref and of its control."""

    icdref: Load
    control: Load
    icdref_cpu: float
    control_cpu: float


def lookup(code: str) -> str:
    return f"{FHIR}/CodeSystem/$lookup?system={SYSTEM}&code={code}"


def cases(codes: list[str], tag: str) -> list[Case]:
    """Return every case; `tag` is the ETag of the hot $for-code."""
    for_code = f"{FHIR}/Composition/$for-code?code={HOT}"
    pairs = random.Random(1).choices(codes, k=len(codes))
    checked = [f"{FHIR}/CodeSystem/$validate-code?url={SYSTEM}&code={code}" for code in codes]
    related = [
        f"{FHIR}/CodeSystem/$subsumes?system={SYSTEM}&codeA={code[:3]}&codeB={other}"
        for code, other in zip(codes, pairs, strict=True)
    ]
    return [
        Case("$lookup, random codes", "flask", "", 0.7, [lookup(code) for code in codes], p99_bound=10),
        Case("$validate-code, random codes", "flask", "", 0, checked),
        Case("$subsumes, random pairs", "flask", "", 0, related),
        Case("$lookup, hot", "wsgi", lookup(HOT), 0.6),
        Case("$for-code, hot", "wsgi", for_code, 0.6),
        Case("$for-code, hot, gzip", "wsgi", for_code, 0.6, headers={"Accept-Encoding": "gzip"}),
        Case("$document, hot", "wsgi", f"{FHIR}/Composition/myositis-ossificans-traumatica/$document", 0.6),
        Case("$for-code, 304", "wsgi", for_code, 0.6, headers={"If-None-Match": quote(tag, safe='"')}),
    ]


def same_answers(icdref: Running, every: list[Case], directory: Path) -> Path:
    """Write what icdref answers in each case (an answer of the usual size where they vary) for the controls to repeat."""
    named = {}
    for number, case in enumerate(every):
        path = case.path or usual(icdref, case.paths)
        for _ in range(32):  # until every worker has it in its cache, compressed where that was asked for
            status, headers, body = icdref.get(path, **case.headers)
        if status != (304 if "If-None-Match" in case.headers else 200):
            sys.exit(f"{case.name}: {path} was answered with {status}: {body[:200]!r}")
        (directory / str(number)).write_bytes(body)
        kept = [[name, value] for name, value in headers.items() if name not in _BY_THE_SERVER]
        named[case.key] = {"status": status, "headers": kept, "body": str(directory / str(number))}
    answers = directory / "answers.json"
    answers.write_text(json.dumps(named))
    return answers


def usual(icdref: Running, paths: list[str]) -> str:
    """Return the path whose answer is of median size among the first fifty."""
    sized = sorted((len(icdref.get(path)[2]), path) for path in paths[:SAMPLED])
    return sized[len(sized) // 2][1]


def measure(running: Running, path: str, paths: Path | None, seconds: float, headers: dict[str, str]) -> tuple[Load, float]:
    """Return the load and the processor time per request, in microseconds."""
    before = running.cpu_seconds()
    seen = load(running.url + path, paths, seconds=seconds, headers=headers)
    return seen, (running.cpu_seconds() - before) / max(seen.requests, 1) * 1e6


def run(
    data: Path, workers: int, rounds: int, seconds: float, make: Callable[[Running], list[Case]]
) -> tuple[list[Case], dict[str, list[Seen]]]:
    """Return every case that `make` makes for the running server, and the rounds of each, by its name."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="icdref-bench-")))
        icdref = stack.enter_context(
            server(serve_command(workers), "/ready", ICDREF_DATA=str(data), ICDREF_CACHE_BYTES=str(2**24))
        )
        every = make(icdref)
        answers = same_answers(icdref, every, directory)
        control_script = str(BENCH / "common" / "controls.py")
        controls = {
            kind: stack.enter_context(
                server([sys.executable, control_script, kind, "{port}", str(workers)], every[0].key, BENCH_ANSWERS=str(answers))
            )
            for kind in ("wsgi", "flask")
        }
        files: dict[str, tuple[Path | None, Path | None]] = {case.name: (None, None) for case in every}
        for number, case in enumerate(every):
            if case.paths:  # the control is asked the same questions, so that both and the client read the same
                files[case.name] = directory / f"paths-{number}", directory / f"control-paths-{number}"
                (directory / f"paths-{number}").write_text("\n".join(case.paths) + "\n")
                asked = (case.key + path[path.index("?") :] for path in case.paths)
                (directory / f"control-paths-{number}").write_text("\n".join(asked) + "\n")
        seen: dict[str, list[Seen]] = {case.name: [] for case in every}
        for number in range(rounds + 1):
            for case in every:
                own_paths, control_paths = files[case.name]
                control, control_cpu = measure(controls[case.control], case.key, control_paths, seconds, case.headers)
                own, own_cpu = measure(icdref, case.path, own_paths, seconds, case.headers)
                if number == 0 and not own.errors and not control.errors:
                    continue  # a server that has just started reads every header of the code set once
                if own.errors or control.errors:
                    sys.exit(f"{case.name}: {own.errors} and {control.errors} requests failed")
                seen[case.name].append(Seen(own, control, own_cpu, control_cpu))
        return every, seen


def summary(every: list[Case], seen: dict[str, list[Seen]]) -> tuple[dict[str, dict[str, float]], str]:
    """Return the medians by case, and the same as a table."""
    known = {case.name: case for case in every}
    result, rows = {}, []
    for name, rounds in seen.items():
        case = known[name]
        medians = {
            "per_second": statistics.median(each.icdref.per_second for each in rounds),
            "control_per_second": statistics.median(each.control.per_second for each in rounds),
            "ratio": statistics.median(each.icdref.per_second / each.control.per_second for each in rounds),
            "cpu_microseconds": statistics.median(each.icdref_cpu for each in rounds),
            "control_cpu_microseconds": statistics.median(each.control_cpu for each in rounds),
            "p50_milliseconds": statistics.median(each.icdref.p50 for each in rounds),
            "p99_milliseconds": statistics.median(each.icdref.p99 for each in rounds),
            "control_p99_milliseconds": statistics.median(each.control.p99 for each in rounds),
        }
        result[name] = medians
        aims = [verdict(medians["ratio"], case.bound, at_least=True)] if case.bound else []
        if case.per_second_bound:
            aims.append(f"per second {verdict(medians['per_second'], case.per_second_bound, at_least=True)}")
        aims += [f"p99 {verdict(medians['p99_milliseconds'], case.p99_bound, at_least=False)}"] if case.p99_bound else []
        rows.append(
            [
                name,
                f"{medians['per_second']:,.0f}",
                f"{case.control} {medians['control_per_second']:,.0f}",
                f"{medians['ratio']:.2f}",
                f"{medians['cpu_microseconds']:.0f}",
                f"{medians['control_cpu_microseconds']:.0f}",
                f"{medians['p50_milliseconds']:.2f}",
                f"{medians['p99_milliseconds']:.2f}",
                f"{medians['control_p99_milliseconds']:.2f}",
                "; ".join(aims),
            ]
        )
    header = ["case", "requests/s", "control", "ratio", "CPU us", "control", "p50 ms", "p99 ms", "control", "aim"]
    return result, table(header, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="data directory with a compiled edition; without it one is compiled first")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--codes", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    require_wrk()
    with compiled(options.data) as data:

        def make(icdref: Running) -> list[Case]:
            tag = icdref.get(f"{FHIR}/Composition/$for-code?code={HOT}")[1].get("etag", "")
            return cases(random_codes(data, options.codes), tag)

        result, text = summary(*run(data, options.workers, options.rounds, options.seconds, make))
    publish(result, text, as_json=options.json)


if __name__ == "__main__":
    main()
