"""Batches: many questions in one request, each answered as if it had been asked alone."""

from __future__ import annotations

from typing import Any

import pytest

from icdref.codes import ICD10CM
from icdref.fhir.xml_writing import to_xml
from tests.web.client import BASE_URL, FHIR_XML, Client, Reply

MOT = "myositis-ossificans-traumatica"


def get(url: str, **more: Any) -> dict[str, Any]:
    return {"request": {"method": "GET", "url": url, **more}}


def post(url: str, resource: Any) -> dict[str, Any]:
    return {"request": {"method": "POST", "url": url}, "resource": resource}


def parameters(**values: Any) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": [{"name": name, "valueString": each} for name, each in values.items()]}


def bundle(*entries: Any, kind: str = "batch") -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def send(client: Client, *entries: Any, status: int = 200, **more: Any) -> Reply:
    return client.ask(client.base, "POST", bundle(*entries), status=status, **more)


@pytest.mark.parametrize("path", ["", "/"])
def test_each_entry_is_answered_in_order_as_if_it_were_alone(both: Client, path: str) -> None:
    urls = ["metadata", f"Library/{MOT}", "CodeSystem/$lookup?code=M61.569", "ValueSet?_count=2", f"/Composition/{MOT}/$document"]
    urls.append(f"{BASE_URL}{both.base}/CodeSystem/$subsumes?codeA=M61&codeB=M61.1")
    reply = both.ask(both.base + path, "POST", bundle(*(get(url) for url in urls)))
    assert (reply.json["type"], reply.headers["cache-control"]) == ("batch-response", "no-store")
    assert len(reply.json["entry"]) == len(urls)
    for url, entry in zip(urls, reply.json["entry"], strict=True):
        alone = both.ask(f"{both.base}/{url.removeprefix(BASE_URL + both.base).lstrip('/')}")
        assert entry["response"] == {"status": "200 OK", "etag": alone.headers["etag"]}
        assert entry["resource"] == alone.json


def test_operations_are_posted_in_a_batch_too(both: Client) -> None:
    validation = parameters(url=ICD10CM, code="M61.569")
    reply = send(both, post("CodeSystem/$validate-code", validation), get("CodeSystem/$lookup?code=M61"))
    alone = both.ask(f"{both.base}/CodeSystem/$validate-code", "POST", validation)
    assert reply.json["entry"][0]["resource"] == alone.json
    assert [entry["response"]["status"] for entry in reply.json["entry"]] == ["200 OK", "200 OK"]


@pytest.mark.parametrize(
    ("entry", "status", "detail"),
    [
        (get("Library/none"), "404 Not Found", "unknown-resource"),
        (get("CodeSystem/$lookup?code=M61.999"), "404 Not Found", "unknown-code"),
        (get("Patient/1"), "404 Not Found", "unknown-path"),
        (get("Library?_count=x"), "400 Bad Request", "bad-parameter"),
        (get("https://elsewhere.example/fhir/Library/x"), "400 Bad Request", "foreign-entry"),
        (get("../../live"), "400 Bad Request", "foreign-entry"),
        (get(""), "400 Bad Request", "foreign-entry"),
        (get("/"), "400 Bad Request", "foreign-entry"),
        (post("", bundle(get("metadata"))), "400 Bad Request", "foreign-entry"),
        (post("CodeSystem/$lookup", {"resourceType": "ValueSet"}), "400 Bad Request", "malformed-body"),
        (post("Library", {"resourceType": "Library"}), "405 Method Not Allowed", "wrong-method"),
        ({"request": {"method": "DELETE", "url": f"Library/{MOT}"}}, "405 Method Not Allowed", "wrong-method"),
        ({"request": {"method": "PUT", "url": f"Library/{MOT}"}}, "405 Method Not Allowed", "wrong-method"),
        ({"request": {"url": "metadata"}}, "400 Bad Request", "malformed-body"),
        ({"request": {"method": 5, "url": ["x"]}}, "400 Bad Request", "malformed-body"),
        ({"request": "GET"}, "400 Bad Request", "malformed-body"),
        ({}, "400 Bad Request", "malformed-body"),
    ],
)
def test_a_faulty_entry_has_its_own_status_and_outcome_and_harms_no_other(
    both: Client, entry: dict[str, Any], status: str, detail: str
) -> None:
    before, faulty, after = send(both, get("CodeSystem/$lookup?code=M61"), entry, get("CodeSystem/$lookup?code=M62")).json[
        "entry"
    ]
    assert (before["response"]["status"], after["response"]["status"]) == ("200 OK", "200 OK")
    assert faulty["response"]["status"] == status
    assert "resource" not in faulty
    outcome = faulty["response"]["outcome"]
    assert outcome["issue"][0]["details"]["coding"][-1]["code"] == detail


def test_an_entry_that_the_client_has_is_not_sent_again(client: Client) -> None:
    tag = client.ask(f"{client.base}/Library/{MOT}").headers["etag"]
    for condition in (tag, f"W/{tag}"):
        (entry,) = send(client, get(f"Library/{MOT}", ifNoneMatch=condition)).json["entry"]
        assert entry == {"response": {"status": "304 Not Modified", "etag": tag}}


def test_head_has_no_resource(client: Client) -> None:
    (entry,) = send(client, {"request": {"method": "HEAD", "url": f"Library/{MOT}"}}).json["entry"]
    assert entry.keys() == {"response"}
    assert entry["response"]["status"] == "200 OK"


def test_a_batch_may_be_xml_and_entries_never_choose_their_own_format(both: Client) -> None:
    sent = bundle(get("CodeSystem/$lookup?code=M61&_format=xml&_pretty=true"))
    posted = both.ask(both.base, "POST", to_xml(sent, both.version), {"Accept": FHIR_XML}, FHIR_XML)
    assert posted.json == both.ask(both.base, "POST", sent).json
    assert posted.headers["content-type"].startswith(FHIR_XML)


def test_no_entry_is_an_answer_without_entries(client: Client) -> None:
    assert "entry" not in client.ask(client.base, "POST", {"resourceType": "Bundle", "type": "batch"}).json
    assert "entry" not in send(client).json


def test_a_transaction_is_refused_with_what_would_be_right(both: Client) -> None:
    for kind in ("transaction", "document", "message"):
        reply = both.ask(both.base, "POST", bundle(get("metadata"), kind=kind), status=422)
        assert reply.details() == ["unsupported-bundle-type"]
        assert repr(kind) in reply.texts()
        assert "batch" in reply.texts()


@pytest.mark.parametrize("body", [{"resourceType": "Parameters"}, {}, {"resourceType": "Bundle", "type": "batch", "entry": 5}])
def test_what_is_no_batch_is_refused(both: Client, body: dict[str, Any]) -> None:
    assert both.ask(both.base, "POST", body, status=400).details() == ["malformed-body"]


def test_five_hundred_entries_are_answered_and_one_more_is_refused(client: Client) -> None:
    entries = [get(f"CodeSystem/$validate-code?url={ICD10CM}&code=M61.{number:03d}") for number in range(501)]
    assert len(send(client, *entries[:500]).json["entry"]) == 500
    assert client.ask(client.base, "POST", bundle(*entries), status=413).details() == ["too-many-values"]


def test_what_a_batch_may_cost_is_bounded(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("icdref.web.batch._MOST_BYTES", 5000)
    entries = send(client, *[get("metadata")] * 3).json["entry"]
    assert [entry["response"]["status"] for entry in entries] == ["200 OK", *["422 Unprocessable Entity"] * 2]
    assert entries[1]["response"]["outcome"]["issue"][0]["code"] == "too-costly"
