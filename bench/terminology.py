"""Expansions, validations and subsumption of `icdref serve` against a bare Flask view that returns answers of the same size.

As in serving.py: the same servers, the control in the same run, a ratio is the median of the ratios of the rounds. No two
questions of a case are the same, so that no cache answers them; the case called hot is asked the same again and again. The
batch is sent over one connection and measured by the clock of the client.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

from common.edition import SYSTEM, compiled, random_codes, serve_command
from common.processes import Running, server
from common.report import publish, table, verdict
from common.wrk import require_wrk
from serving import FHIR, Case, run, summary

EXAMPLES = Path(__file__).resolve().parents[1] / "tests" / "search" / "examples.tsv"
M61 = quote(f"{SYSTEM}?fhir_vs=isa/M61", safe="")
ALL = quote(f"{SYSTEM}?fhir_vs", safe="")
BILLABLE = quote(f"{SYSTEM}?fhir_vs=billable", safe="")
SUBTREE = 203
PAGE = 1000
BATCH = 1000
BATCH_BOUND = 100
FEWEST_TYPED = 2


def typed() -> list[str]:
    """Return what people type, letter by letter, of the example questions."""
    questions = [line.split("\t")[0] for line in EXAMPLES.read_text("utf-8").splitlines()[1:] if line.strip()]
    return [question[:length] for question in questions for length in range(FEWEST_TYPED, len(question) + 1)]


def cases(codes: list[str]) -> list[Case]:
    """Return every case."""
    pairs = random.Random(1).choices(codes, k=len(codes))
    expand = f"{FHIR}/ValueSet/$expand?url="
    checked = f"{FHIR}/ValueSet/$validate-code?url={ALL}&system={SYSTEM}&code="
    texts = [quote(text) for text in typed()]
    return [
        Case("$expand of M61 (203)", "flask", "", 0.3, [f"{expand}{M61}&count={SUBTREE + more}" for more in range(5000)]),
        Case("$expand of M61, hot", "flask", f"{expand}{M61}", per_second_bound=2000),
        Case(
            "$expand?filter, 20 of all",
            "flask",
            "",
            paths=[f"{expand}{ALL}&count={20 + more % 3}&filter={text}" for more in range(6) for text in texts],
            per_second_bound=1000,
            p99_bound=15,
        ),
        Case(
            "$expand?filter, billable",
            "flask",
            "",
            paths=[f"{expand}{BILLABLE}&count={20 + more % 3}&filter={text}" for more in range(6) for text in texts],
        ),
        Case(
            "$expand, pages of 1,000",
            "flask",
            "",
            paths=[f"{expand}{ALL}&count={PAGE}&offset={offset}" for offset in range(0, 98_000, 37)],
        ),
        Case("ValueSet/$validate-code", "flask", "", 0.5, [checked + code for code in codes]),
        Case(
            "CodeSystem/$validate-code",
            "flask",
            "",
            0.5,
            [f"{FHIR}/CodeSystem/$validate-code?url={SYSTEM}&code={c}" for c in codes],
        ),
        Case(
            "$subsumes",
            "flask",
            "",
            0.5,
            [
                f"{FHIR}/CodeSystem/$subsumes?system={SYSTEM}&codeA={code[:3]}&codeB={other}"
                for code, other in zip(codes, pairs, strict=True)
            ],
        ),
    ]


def batches(icdref: Running, codes: list[str], rounds: int) -> dict[str, float]:
    """Return the median of the milliseconds that a batch of a thousand validations takes, by the type it is sent to."""
    address = urlsplit(icdref.url)
    found = {}
    for resource, more in (("CodeSystem", []), ("ValueSet", [{"name": "url", "valueUri": f"{SYSTEM}?fhir_vs"}])):
        connection = HTTPConnection(str(address.hostname), address.port, timeout=60)
        seconds = []
        for number in range(rounds + 1):
            chosen = random.Random(number).choices(codes, k=BATCH)
            body = json.dumps({"resourceType": "Parameters", "parameter": [_validation(code, more) for code in chosen]})
            started = time.perf_counter()
            connection.request("POST", f"{FHIR}/{resource}/$batch-validate-code", body, {"Content-Type": "application/fhir+json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"{resource}/$batch-validate-code was answered with {answer.status}")
            seconds.append(time.perf_counter() - started)
        connection.close()
        found[f"{resource}/$batch-validate-code, {BATCH:,}"] = statistics.median(seconds[1:]) * 1000
    return found


def _validation(code: str, more: list[dict[str, str]]) -> dict[str, object]:
    coding = {"name": "coding", "valueCoding": {"system": SYSTEM, "code": code}}
    return {"name": "validation", "resource": {"resourceType": "Parameters", "parameter": [*more, coding]}}


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
        codes = random_codes(data, options.codes)
        result, text = summary(*run(data, options.workers, options.rounds, options.seconds, lambda _: cases(codes)))
        with server(serve_command(options.workers), "/ready", ICDREF_DATA=str(data)) as icdref:
            times = batches(icdref, codes, 4 * options.rounds)
    rows = [
        [name, f"{milliseconds:.0f}", verdict(milliseconds, BATCH_BOUND, at_least=False)] for name, milliseconds in times.items()
    ]
    result |= {name: {"milliseconds": milliseconds} for name, milliseconds in times.items()}
    publish(result, f"{text}\n{table(['batch', 'ms', 'aim'], rows)}", as_json=options.json)


if __name__ == "__main__":
    main()
