"""The doors of EHRs: Infobutton JSON of a hot code against a bare Flask view that returns the same bytes, and CDS Hooks calls.

The first as in serving.py: both on granian, asked in turn, a ratio is the median of the rounds. A CDS call is never answered
from a cache: each brings a problem list of 100 random codes.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode, urlsplit

from common.edition import SYSTEM, compiled, random_codes, serve_command
from common.processes import BENCH, Running, server
from common.report import publish, table, verdict
from common.wrk import load, require_wrk

HOT = "M61.051"
PROBLEMS = 100
AIM_RATIO, AIM_MILLISECONDS = 0.5, 500.0
_BY_THE_SERVER = ("connection", "content-length", "date", "server")


def infobutton_path(code: str) -> str:
    """Return the URL that a client of MedlinePlus Connect sends."""
    asked = {
        "knowledgeResponseType": "application/json",
        "mainSearchCriteria.v.cs": "2.16.840.1.113883.6.90",
        "mainSearchCriteria.v.c": code,
        "informationRecipient.languageCode.c": "en",
    }
    return "/infobutton/service?" + urlencode(asked)


def hot_infobutton(data: Path, workers: int, rounds: int, seconds: float) -> dict[str, float]:
    """Return the answers per second of icdref and of the control, and their ratio."""
    path = infobutton_path(HOT)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="icdref-bench-")))
        icdref = stack.enter_context(server(serve_command(workers), "/ready", ICDREF_DATA=str(data)))
        for _ in range(32):  # until every worker has it in its cache
            status, headers, body = icdref.get(path)
        if status != 200:
            sys.exit(f"{path} was answered with {status}: {body[:200]!r}")
        (directory / "body").write_bytes(body)
        kept = [[name, value] for name, value in headers.items() if name not in _BY_THE_SERVER]
        answers = directory / "answers.json"
        answers.write_text(json.dumps({"/hot": {"status": 200, "headers": kept, "body": str(directory / "body")}}))
        script = [sys.executable, str(BENCH / "common" / "controls.py"), "flask", "{port}", str(workers)]
        control = stack.enter_context(server(script, "/hot", BENCH_ANSWERS=str(answers)))
        seen = [
            (load(icdref.url + path, seconds=seconds, headers={}), load(f"{control.url}/hot", seconds=seconds, headers={}))
            for _ in range(rounds)
        ]
    return {
        "per_second": statistics.median(ours.per_second for ours, _ in seen),
        "control_per_second": statistics.median(theirs.per_second for _, theirs in seen),
        "ratio": statistics.median(ours.per_second / theirs.per_second for ours, theirs in seen),
        "p99_milliseconds": statistics.median(ours.p99 for ours, _ in seen),
    }


def hook_call(hook: str, codes: list[str]) -> dict[str, Any]:
    """Return a call of a hook with a problem list; for the check of new problems, the first code is the new one."""
    entries = [
        {
            "resource": {
                "resourceType": "Condition",
                "id": f"c{number}",
                "subject": {"reference": "Patient/1"},
                "code": {"coding": [{"system": SYSTEM, "code": code}]},
            }
        }
        for number, code in enumerate(codes)
    ]
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    context: dict[str, Any] = {"userId": "Practitioner/1", "patientId": "1"}
    if hook == "problem-list-item-create":
        context["conditions"] = bundle | {"entry": entries[:1]}
    instance = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
    return {"hook": hook, "hookInstance": instance, "context": context, "prefetch": {"conditions": bundle}}


def hooks(data: Path, workers: int, calls: int) -> dict[str, dict[str, float]]:
    """Return the percentiles of the time that calls take, one after the other, by service."""
    codes = random_codes(data, 20_000)
    found = {}
    with server(serve_command(workers), "/ready", ICDREF_DATA=str(data)) as icdref:
        for service, hook in (("condition-reference", "patient-view"), ("problem-code-check", "problem-list-item-create")):
            lists = [[HOT, *codes[number * 99 % 19_000 :][: PROBLEMS - 1]] for number in range(calls)]
            found[service] = timed(icdref, f"/cds-services/{service}", [hook_call(hook, each) for each in lists])
    return found


def timed(icdref: Running, path: str, bodies: list[dict[str, Any]]) -> dict[str, float]:
    """Return the percentiles of POSTing bodies over one connection, in milliseconds."""
    connection = http.client.HTTPConnection(urlsplit(icdref.url).netloc, timeout=30)
    times = []
    for body in bodies:
        data = json.dumps(body)
        started = time.perf_counter()
        connection.request("POST", path, data, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        times.append((time.perf_counter() - started) * 1000)
        if answer.status != 200 or not json.loads(text)["cards"]:
            sys.exit(f"{path} was answered with {answer.status}: {text[:200]!r}")
    times.sort()
    return {"p50_milliseconds": statistics.median(times), "p99_milliseconds": times[int(len(times) * 0.99)]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="data directory with a compiled edition; without it one is compiled first")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--calls", type=int, default=400, help="CDS Hooks calls per service")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    require_wrk()
    with compiled(options.data) as data:
        hot = hot_infobutton(data, options.workers, options.rounds, options.seconds)
        called = hooks(data, options.workers, options.calls)
    rows = [
        [
            "Infobutton JSON, hot",
            f"{hot['per_second']:,.0f}/s",
            f"{hot['control_per_second']:,.0f}/s",
            f"{hot['ratio']:.2f}",
            f"{hot['p99_milliseconds']:.2f}",
            verdict(hot["ratio"], AIM_RATIO, at_least=True),
        ]
    ]
    for service, times in called.items():
        aim = verdict(times["p99_milliseconds"], AIM_MILLISECONDS, at_least=False)
        rows.append([f"{service}, {PROBLEMS} problems", "", "", "", f"{times['p99_milliseconds']:.1f}", aim])
    header = ["case", "icdref", "bare Flask view", "ratio", "p99 ms", "aim"]
    publish({"infobutton": hot, "hooks": called}, table(header, rows), as_json=options.json)


if __name__ == "__main__":
    main()
