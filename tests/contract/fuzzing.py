"""Property-based testing against our own OpenAPI description: schemathesis makes the requests, right and wrong ones in turn.

python -m tests.contract.fuzzing [cases] [part of a name]      asks each operation that often; exits 1 at any fault

`make fuzz` runs it with 2,000 cases for each operation.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from functools import cache
from time import monotonic
from typing import Any
from urllib.parse import quote

import flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.openapi import from_dict

from icdref.web.http import Request
from icdref.web.openapi import document

ROOT_URL = "http://127.0.0.1:8080"
_ALLOWED_5XX = {"/ready": {503}}


@cache
def _operations() -> dict[str, Any]:
    found = (result.ok() for result in from_dict(document(ROOT_URL)).get_all_operations())
    return {str(each.definition.raw["operationId"]): each for each in found}


def operations_of() -> list[str]:
    """Return the name of every operation of the description."""
    return list(_operations())


def takes_input(name: str) -> bool:
    """Tell whether an operation has anything to make up: the start page, for one, has not."""
    raw = _operations()[name].definition.raw
    return bool(raw.get("parameters") or raw.get("requestBody"))


class Fuzzer:
    """Asks an application in this process."""

    def __init__(self, app: flask.Flask) -> None:
        self._api = app.extensions["icdref"]
        self._client = app.test_client()

    def run(self, name: str, cases: int) -> int:
        """Ask one operation `cases` times, half of them with what the description forbids; return how often it was asked.

        Fails with the request that got a 5xx, or an error that is none of our own.
        """
        operation = _operations()[name]
        asked = 0
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @seed(1)
            @settings(
                max_examples=max(1, cases // 2),
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=(Phase.explicit, Phase.generate),
            )
            @given(operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                nonlocal asked
                asked += 1
                self._ask(case)

            # Where there is nothing to send, there is nothing to send wrongly.
            with suppress(Unsatisfiable):
                ask()
        return asked

    def _ask(self, case: Any) -> None:
        sent = case.as_transport_kwargs(base_url=ROOT_URL)
        url, query = _url(case), _query(sent.get("params") or {})
        body, kind = _body(sent, case.media_type)
        headers = {name: value for name, value in (case.headers or {}).items() if _is_latin(str(name) + str(value))}
        if kind:
            headers["Content-Type"] = kind
        environ = {"PATH_INFO": url.encode("utf-8", "surrogatepass").decode("latin-1"), "QUERY_STRING": query}
        answered = self._client.open("/", method=case.method, data=body, headers=headers, environ_overrides=environ)
        asked = Request(case.method, url, query, headers, body or b"")
        fault = self.fault(asked, answered.status_code, answered.data)
        assert not fault, f"{fault}: {asked}"

    @staticmethod
    def fault(asked: Request, status: int, body: bytes) -> str:
        """Return what is wrong with an answer, '' where nothing is."""
        if status >= 500 and status not in _ALLOWED_5XX.get(asked.path, ()):
            return f"a {status}"
        if status >= 400 and asked.path.startswith("/fhir/"):
            if b"<OperationOutcome" in body:
                return ""
            try:
                outcome = json.loads(body)
            except ValueError:
                return f"a {status} that is not JSON"
            if outcome.get("resourceType") != "OperationOutcome":
                return f"a {status} without an OperationOutcome"
        return ""


def _url(case: Any) -> str:
    path = str(case.path)
    for name, value in (case.path_parameters or {}).items():
        path = path.replace("{" + name + "}", str(value))
    return path


def _query(parameters: Any) -> str:
    pairs = []
    for name, value in parameters.items() if isinstance(parameters, dict) else parameters:
        for each in value if isinstance(value, list) else [value]:
            text = each if isinstance(each, str) else json.dumps(each)
            pairs.append("=".join(quote(part.encode("utf-8", "surrogatepass"), safe=":/|,$") for part in (str(name), text)))
    return "&".join(pairs)


def _body(sent: dict[str, Any], media_type: str | None) -> tuple[bytes | None, str]:
    if "json" in sent:
        return json.dumps(sent["json"]).encode("utf-8", "surrogatepass"), media_type or "application/json"
    data = sent.get("data")
    if data is None:
        return None, media_type or ""
    if isinstance(data, dict):
        return _query(data).encode(), media_type or ""
    return (data if isinstance(data, bytes) else str(data).encode("utf-8", "surrogatepass")), media_type or ""


def _is_latin(text: str) -> bool:
    return all(32 <= ord(letter) < 256 for letter in text)


def main(arguments: list[str]) -> int:
    """Fuzz a compiled edition of the vendored data; return the exit status."""
    from icdref.config import Settings
    from icdref.setup import ensure_edition
    from icdref.web.app import create_app

    cases = int(arguments[0]) if arguments else 2000
    given_settings = Settings.from_environment()
    ensure_edition(given_settings.directory)
    fuzzer = Fuzzer(create_app(given_settings))
    faults, total, started = 0, 0, monotonic()
    for name in operations_of():
        if len(arguments) > 1 and arguments[1] not in name:
            continue
        began = monotonic()
        try:
            asked = fuzzer.run(name, cases)
        except AssertionError as error:
            faults += 1
            asked = 0
            sys.stdout.write(f"FAULT {name}: {str(error)[:2000]}\n")
        total += asked
        sys.stdout.write(f"{name}: {asked} requests, {monotonic() - began:.0f} s\n")
        sys.stdout.flush()
    sys.stdout.write(f"{total} requests, {faults} faults, {monotonic() - started:.0f} s\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
