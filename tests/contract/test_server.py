"""`icdref serve` as an operator starts it, on the vendored data, over a real socket."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Compiled
from tests.contract.outcome import assert_outcome
from tests.server.serving import ROOT, Reply, Server, reply, stop, wait_for_greeting

pytestmark = pytest.mark.slow

FHIR = "/fhir/r4"
FIRST_QUERY = f"{FHIR}/CodeSystem/$lookup?code=M61.569&property=billable&property=parent"
BODY_BYTES = 5000
BODY_SECONDS = 1
_PROGRAM = "from icdref.cli import main; main()"


@dataclass(frozen=True)
class Answered:
    """An answer off the wire, in the shape that the contract helper takes."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def answered(raw: Reply) -> Answered:
    return Answered(raw.status, raw.headers, raw.body)


@pytest.fixture(scope="module")
def server(full: Compiled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("serve")
    # A data directory of its own: `serve` may compile into it, and nobody writes into the shared one.
    shutil.copytree(full.data, directory / "data", copy_function=os.link)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ICDREF_")}
    environment |= {
        "PYTHONPATH": str(ROOT / "plugin"),
        "ICDREF_DATA": str(directory / "data"),
        "ICDREF_BODY_BYTES": str(BODY_BYTES),
        "ICDREF_BODY_SECONDS": str(BODY_SECONDS),
    }
    output, errors = directory / "output", directory / "errors"
    command = [sys.executable, "-c", _PROGRAM, "serve", "--port", "0", "--workers", "2"]
    with output.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=environment, cwd=directory)
    try:
        greeting = wait_for_greeting(process, output, errors)
        port = int(greeting.partition("http://127.0.0.1:")[2].partition("/")[0])
        yield Server(process, port, greeting, output, errors)
    finally:
        assert stop(process) == 0


def test_the_first_query_of_the_readme_gets_the_answer_of_the_readme(server: Server) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert FIRST_QUERY in readme
    got = server.ask(FIRST_QUERY)
    assert got.status == 200
    values = {row["name"]: row for row in json.loads(got.body)["parameter"] if row["name"] != "property"}
    for row in values.values():
        assert json.dumps(row, separators=(",", ":")) in readme


def test_health_and_metrics_answer(server: Server) -> None:
    assert json.loads(server.ask("/live").body) == {"status": "alive"}
    ready = server.ask("/ready")
    assert ready.status == 200
    assert json.loads(ready.body)["releases"] == ["2026-04-01"]
    metrics = server.ask("/metrics")
    assert metrics.status == 200
    assert b"icdref_" in metrics.body


def test_a_document_is_revalidated_and_packed(server: Server) -> None:
    path = f"{FHIR}/Composition/$for-code?code=M61.569"
    first = server.ask(path)
    assert json.loads(first.body)["type"] == "document"
    unchanged = server.ask(path, f"If-None-Match: {first.headers['etag']}")
    assert (unchanged.status, unchanged.body) == (304, b"")
    head = server.ask(path, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    # Each worker packs an answer when it is asked for it again.
    asked = [server.ask(path, "Accept-Encoding: gzip") for _ in range(8)]
    packed = [each for each in asked if each.headers.get("content-encoding") == "gzip"]
    assert packed
    assert all(len(each.body) < len(first.body) / 3 for each in packed)


def test_refusals_have_the_canonical_shape_on_the_wire_too(server: Server) -> None:
    assert_outcome(answered(server.ask(f"{FHIR}/CodeSystem/$lookup?code=M61.9X")), 404, "unknown-code", "'M61.9X'")
    assert_outcome(answered(server.ask(f"{FHIR}/CodeSystem/$lookup?code=M61%00")), 400, "bad-parameter", r"\x00")
    assert_outcome(answered(server.ask(f"{FHIR}/metadata", method="DELETE")), 405, "wrong-method", "'DELETE'")
    assert_outcome(answered(server.ask(f"{FHIR}/metadata", "Accept: text/csv")), 406, "not-acceptable", "'text/csv'")
    assert_outcome(answered(server.ask(f"{FHIR}/%FF%FE")), 404, "unknown-path")
    assert_outcome(answered(server.ask(f"{FHIR}/Patient")), 404, "unknown-path", "'/fhir/r4/Patient'")


def test_a_posted_question_is_answered_and_a_large_one_refused(server: Server) -> None:
    body = json.dumps({"resourceType": "Parameters", "parameter": [{"name": "code", "valueCode": "M61.569"}]}).encode()
    header = "Content-Type: application/fhir+json"
    posted = server.ask(f"{FHIR}/CodeSystem/$lookup", header, method="POST", body=body)
    assert (posted.status, posted.headers["cache-control"]) == (200, "no-store")
    refused = server.ask(f"{FHIR}/CodeSystem/$lookup", header, method="POST", body=b" " * (BODY_BYTES + 1))
    assert_outcome(answered(refused), 413, "body-too-large", str(BODY_BYTES))


def test_a_body_that_does_not_arrive_is_refused_in_time(server: Server) -> None:
    head = f"POST {FHIR}/CodeSystem/$lookup HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100\r\n\r\n"
    refused = answered(reply(server.raw(head.encode() + b"{")))
    assert_outcome(refused, 408, "body-too-slow", f"{BODY_SECONDS} second")


def test_the_access_log_has_the_route_and_nothing_that_was_sent(server: Server) -> None:
    server.ask(f"{FHIR}/CodeSystem/$lookup?code=canary7f3a", "X-Request-Id: from-the-test", "User-Agent: canary7f3a")
    line = server.line_of("from-the-test")
    assert "route=CodeSystem/$lookup status=400 " in line
    assert "canary7f3a" not in server.output.read_text() + server.errors.read_text()
    assert str(Path.home()) not in line
