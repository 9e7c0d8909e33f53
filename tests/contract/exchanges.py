"""The golden exchanges of fixtures/exchanges: what is asked, and how an answer is written down.

`python -m tests.contract.exchanges` asks again and writes the answers; look at the difference before it is committed.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from icdref.compiler.compile import compile_edition
from icdref.compiler.editions import activate
from icdref.compiler.sources import Sources
from icdref.config import Settings
from icdref.service.live import LiveService
from icdref.web.app import create_app
from tests.checkout import ROOT
from tests.conftest import TODAY
from tests.web.client import FHIR, FHIR_JSON, Client

FOLDER = ROOT / "fixtures" / "exchanges"
SHOWN_HEADERS = ("content-type", "cache-control", "icdref-release", "allow")
KEPT_OF_A_TEXT = ("resourceType", "id", "language", "status", "type", "title", "event")
SYSTEM = "http://hl7.org/fhir/sid/icd-10-cm"
PROBLEM_LIST = {
    "resourceType": "Parameters",
    "parameter": [
        {"name": "coding", "valueCoding": {"system": SYSTEM, "code": "m61051"}},
        {"name": "coding", "valueCoding": {"system": "http://hl7.org/fhir/sid/icd-9-cm", "code": "728.12"}},
        {"name": "coding", "valueCoding": {"system": SYSTEM, "code": "G82.20"}},
        {"name": "coding", "valueCoding": {"system": SYSTEM, "code": "M61.9X"}},
        {"name": "max", "valuePositiveInt": 5},
    ],
}
REQUESTS: dict[str, tuple[str, str, Any, str]] = {
    "lookup": ("GET", "/CodeSystem/$lookup?code=M61.569&property=billable&property=parent", None, ""),
    "lookup-any-spelling": ("GET", "/CodeSystem/$lookup?code=m61569&property=billable", None, ""),
    "lookup-unknown-code": ("GET", "/CodeSystem/$lookup?code=M61.9X", None, ""),
    "lookup-unknown-version": ("GET", "/CodeSystem/$lookup?code=M61.569&version=1999", None, ""),
    "lookup-bad-date": ("GET", "/CodeSystem/$lookup?code=M61.569&date=2026-13-01", None, ""),
    "lookup-body-not-json": ("POST", "/CodeSystem/$lookup", "code=M61.569", ""),
    "lookup-wrong-method": ("DELETE", "/CodeSystem/$lookup", None, ""),
    "lookup-not-acceptable": ("GET", "/CodeSystem/$lookup?code=M61.569", None, "application/fhir+turtle"),
    "validate-retired-code": ("GET", "/CodeSystem/$validate-code?code=D69.1&date=2026-11-22", None, ""),
    "validate-wrong-display": (
        "POST",
        "/CodeSystem/$validate-code",
        {
            "resourceType": "Parameters",
            "parameter": [{"name": "coding", "valueCoding": {"system": SYSTEM, "code": "M61.569", "display": "Ossified muscle"}}],
        },
        "",
    ),
    "subsumes": ("GET", "/CodeSystem/$subsumes?codeA=M61&codeB=M61.569", None, ""),
    "for-code": ("GET", "/Composition/$for-code?code=m61569", None, ""),
    "for-code-patient-in-spanish": (
        "GET",
        "/Composition/$for-code?code=M61.1&audience=patient&displayLanguage=es-MX",
        None,
        "",
    ),
    "for-code-without-summary": ("GET", "/Composition/$for-code?code=G82.20", None, ""),
    "for-code-problem-list": ("POST", "/Composition/$for-code", PROBLEM_LIST, ""),
    "for-code-wrong-system": ("GET", "/Composition/$for-code?code=1234-5&system=http://loinc.org", None, ""),
    "search-by-code": ("GET", f"/Composition?subject:ValueSet.code={SYSTEM}|M61.051&_elements=title", None, ""),
}
"""File name -> method, URL below the FHIR base, body, Accept."""


def exchange(client: Client, name: str) -> dict[str, Any]:
    """Return a request with its answer, as its file says it."""
    method, url, body, accept = REQUESTS[name]
    headers = {"X-Request-Id": "example"} | ({"Accept": accept} if accept else {})
    headers |= {"Content-Type": FHIR_JSON} if body else {}
    sent = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body else None
    reply = client.raw(FHIR + url, method, sent, headers)
    client.check(reply)
    request = {"method": method, "url": FHIR + url, "headers": headers} | ({"body": body} if body else {})
    shown = {key: reply.headers[key] for key in SHOWN_HEADERS if key in reply.headers}
    return {"request": request, "answer": {"status": reply.status, "headers": shown, "body": _written(reply.json, client)}}


def _written(resource: dict[str, Any], client: Client) -> Any:
    """Return a resource with the text of documents left out and what differs between editions replaced by its name."""
    text = json.dumps(_shortened(resource))
    text = text.replace(client.service.edition.id, "EDITION")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)
    for summary in client.service.knowledge.summaries.all.values():
        text = text.replace(f"{summary.id}|{summary.version}", f"{summary.id}|VERSION")
        text = text.replace(f"{summary.id}-{summary.version}", f"{summary.id}-VERSION")
    return json.loads(text)


def _shortened(resource: dict[str, Any]) -> dict[str, Any]:
    if resource["resourceType"] != "Bundle":
        return resource
    entries = [{**each, "resource": _short_entry(each["resource"])} for each in resource.get("entry", [])]
    return {**resource, "entry": entries}


def _short_entry(resource: dict[str, Any]) -> dict[str, Any]:
    """Return what an exchange shows of a resource in a Bundle: what it is, and the titles of its sections."""
    if resource["resourceType"] == "OperationOutcome":
        return resource
    kept = {key: resource[key] for key in KEPT_OF_A_TEXT if key in resource}
    if "section" in resource:
        kept["section"] = [{"title": section["title"]} for section in resource["section"]]
    return kept


def path_of(name: str) -> Path:
    """Return the file of an exchange."""
    return FOLDER / f"{name}.json"


def write() -> None:
    """Ask everything of the vendored data and write the answers."""
    with tempfile.TemporaryDirectory() as folder:
        activate(Path(folder), compile_edition(Path(folder), Sources(ROOT / "codesets", ROOT / "fixtures")).id)
        settings = Settings(data=folder, scrub_seconds=0)
        live = LiveService(settings, lambda: TODAY)
        client = Client(create_app(settings, live), live.now())
        for name in REQUESTS:
            text = json.dumps(exchange(client, name), ensure_ascii=False, indent=2)
            path_of(name).write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    write()
