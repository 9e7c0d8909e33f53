"""The code of the guide for SMART apps runs as it stands there, from a page of another site."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from tests.checkout import ROOT

pytestmark = pytest.mark.slow

GUIDE = ROOT / "docs" / "howto" / "smart-app.md"
PROBLEMS = {
    "resourceType": "Bundle",
    "entry": [
        {"resource": {"resourceType": "Condition", "code": {"coding": [{"system": system, "code": code}]}}}
        for system, code in (
            ("http://hl7.org/fhir/sid/icd-10-cm", "M61.051"),
            ("http://hl7.org/fhir/sid/icd-10-cm", "M61.051"),
            ("http://snomed.info/sct", "70917000"),
        )
    ],
}


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of an empty page of another origin."""

    class Empty(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>An app</title>")

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Empty)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def test_the_code_of_the_guide_works_from_another_site(browser: Browser, base: str, elsewhere: str) -> None:
    script = re.search(r"```js\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)[1]
    script = script.replace("https://icdref.example.org", base)
    page = browser.new_page()
    page.goto(elsewhere)
    page.add_script_tag(content=script)
    assert page.evaluate("(problems) => codesOf(problems)", PROBLEMS) == ["M61.051"]
    sections = page.evaluate("async (problems) => sectionsOf(await knowledgeFor(problems, { date: '2026-04-15' }))", PROBLEMS)
    titles = [section["title"] for section in sections]
    assert titles[:2] == ["Red flags", "Never do"]
    assert all("<script" not in section["html"] for section in sections)
    spanish = (
        "async (problems) => (await knowledgeFor(problems, { audience: 'patient', language: 'es' })).entry[0].resource.language"
    )
    assert page.evaluate(spanish, PROBLEMS) == "es"
    wrong = {"entry": [{"resource": {"code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M61.9X"}]}}}]}
    said = page.evaluate("async (problems) => knowledgeFor(problems).catch((error) => error.message)", wrong)
    assert "M61.9X" in said
    page.close()
