"""Whatever a client sends may be about a patient: none of it reaches a log, and an answer repeats only what it must name."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.odd import BASE, DOCUMENT, FOR_CODE, LOOKUP, SUBSUMES, VALIDATE, parameters, row
from tests.contract.odd_requests import ODD_REQUESTS
from tests.contract.outcome import assert_outcome
from tests.web.client import FHIR_JSON, FORM, Client

CANARY = "canary7f3a"
HEADERS = (
    *("Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Authorization", "Cookie", "Forwarded", "From", "Host"),
    *("If-Modified-Since", "If-None-Match", "Origin", "Prefer", "Range", "Referer", "User-Agent", "X-Forwarded-For"),
    *("X-Forwarded-Host", "X-Patient", "X-Request-Id", "Content-Type", "Content-Encoding"),
)
NAMED_IN_THE_ANSWER = {"Accept", "Content-Type"}
"""Headers whose value a refusal has to name."""

URLS = (
    *(
        f"{operation}?{name}={CANARY}"
        for operation in (LOOKUP, VALIDATE, FOR_CODE)
        for name in ("code", "system", "version", "date")
    ),
    *(f"{LOOKUP}?code=M61&{name}={CANARY}" for name in ("property", "displayLanguage", CANARY)),
    *(f"{VALIDATE}?code=M61&{name}={CANARY}" for name in ("display", "url", "abstract", "activeOnly")),
    *(f"{SUBSUMES}?codeA=M61&{name}={CANARY}" for name in ("codeB", "system", "version")),
    *(
        f"{FOR_CODE}?code=M61&{name}={CANARY}"
        for name in ("match", "section", "audience", "displayLanguage", "grade", "max", "patientAge", "patientSex", "coding")
    ),
    *(f"{DOCUMENT}?{name}={CANARY}" for name in ("section", "persist", "graph")),
    *(f"{BASE}/Library?{name}={CANARY}" for name in ("title", "_id", "date", "_count", "_sort", "_include", "color", "_format")),
    f"{BASE}/{CANARY}",
    f"{BASE}/Library/{CANARY}",
    f"{BASE}/Composition/code-{CANARY}",
    f"{BASE}/CodeSystem/{CANARY}/$lookup?code=M61",
    f"/{CANARY}",
    f"{BASE}/metadata?mode={CANARY}",
)
BODIES = (
    parameters(row("code", valueCode=CANARY)),
    parameters(row(CANARY, valueCode="M61")),
    parameters(row("code", valueCode="M61"), row("patientSex", valueCode=CANARY)),
    parameters(row("code", valueCode="M61"), row("patientAge", valueQuantity={"value": 7, "unit": CANARY})),
    parameters(row("code", valueCode="M61"), row("patientAge", valueString=CANARY)),
    parameters(row("coding", valueCoding={"system": CANARY, "code": CANARY, "display": CANARY, "version": CANARY})),
    parameters(row("codeableConcept", valueCodeableConcept={"text": CANARY})),
    parameters(row("codeableConcept", valueCodeableConcept={"coding": [{"code": CANARY}], "text": CANARY})),
    {"resourceType": CANARY},
    [CANARY],
)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_none_of_the_odd_requests_writes_a_line(client: Client, log: pytest.LogCaptureFixture) -> None:
    for odd in ODD_REQUESTS:
        client.raw(odd.url, odd.method, odd.body, odd.headers)
    assert [record.getMessage() for record in log.records] == []


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "DELETE"])
def test_a_canary_in_a_url_is_never_logged(client: Client, log: pytest.LogCaptureFixture, method: str) -> None:
    for url in URLS:
        client.check(client.raw(url, method)) if method != "HEAD" else client.raw(url, method)
    assert CANARY not in log.text


@pytest.mark.parametrize("body", BODIES, ids=lambda body: json.dumps(body)[:60])
@pytest.mark.parametrize("url", [LOOKUP, VALIDATE, FOR_CODE, SUBSUMES, DOCUMENT])
def test_a_canary_in_a_body_is_never_logged(client: Client, log: pytest.LogCaptureFixture, url: str, body: Any) -> None:
    reply = client.raw(url, "POST", json.dumps(body).encode(), {"Content-Type": FHIR_JSON})
    client.check(reply)
    assert CANARY not in log.text
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", HEADERS)
def test_a_canary_in_a_header_is_neither_logged_nor_repeated(client: Client, log: pytest.LogCaptureFixture, name: str) -> None:
    for url, method in ((LOOKUP + "?code=M61", "GET"), (f"{BASE}/nothing", "GET"), (FOR_CODE, "POST")):
        reply = client.raw(url, method, b"{}" if method == "POST" else None, {name: f"{CANARY} x"})
        if name not in NAMED_IN_THE_ANSWER:
            assert CANARY.encode() not in reply.body, (url, name)
        assert CANARY not in json.dumps(reply.headers)
    assert CANARY not in log.text


def test_patient_context_is_not_repeated_in_an_answer(client: Client) -> None:
    context = (row("patientAge", valueQuantity={"value": 7, "unit": CANARY}), row("patientSex", valueCode="female"))
    for more in ((), (row("max", valueInteger=5),)):
        body = json.dumps(parameters(row("code", valueCode="M61.1"), *context, *more)).encode()
        reply = client.raw(FOR_CODE, "POST", body, {"Content-Type": FHIR_JSON})
        assert reply.status == 200
        assert CANARY.encode() not in reply.body
    for url in (f"{FOR_CODE}?code=M61&patientAge={CANARY}", f"{FOR_CODE}?code=M61&patientSex={CANARY}"):
        assert CANARY.encode() not in client.raw(url).body


def test_a_refusal_names_the_value_only_in_its_text(client: Client) -> None:
    for url in URLS:
        reply = client.raw(url)
        if reply.status >= 400:
            for issue in reply.json["issue"]:
                issue["details"].pop("text")
            outcome = reply.json | {"issue": [{**issue, "details": {}} for issue in reply.json["issue"]]}
            outcome.pop("meta", None)  # the trace repeats what was requested
            shown = json.dumps(outcome)
            assert CANARY not in shown or f'expression": ["{CANARY}' in shown, url


def test_a_fault_of_ours_is_logged_by_request_id_without_what_the_client_sent(
    client: Client, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any, **named: Any) -> None:
        raise ValueError(f"cannot handle {arguments} {named}")

    monkeypatch.setattr(client.service.terminology, "lookup", fail)
    for method, headers in (("GET", {}), ("POST", {"Content-Type": FORM})):
        url, body = (f"{LOOKUP}?code={CANARY}", None) if method == "GET" else (LOOKUP, f"code={CANARY}".encode())
        reply = client.raw(url, method, body, headers | {"X-Request-Id": f"id-{method}"})
        assert_outcome(reply, 500, "internal-fault", "logged under the request id")
        assert CANARY.encode() not in reply.body
        assert f"id-{method}" in log.text
        assert "ValueError" in log.text
    assert CANARY not in log.text
