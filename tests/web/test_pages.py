"""The pages for people: each answers, carries its safety headers, and shows what the FHIR answer says."""

import re

import pytest

from icdref.config import Settings
from icdref.web.app import create_app

pytestmark = pytest.mark.slow

PATHS = [
    "/",
    "/search",
    "/search?q=broken+wrist+left",
    "/codes/M61.569",
    "/codes/M61",
    "/codes/13",
    "/codes/J4B",
    "/codes/T07.XXXA?date=2026-11-22",
    "/conditions",
    "/conditions/fibrodysplasia-ossificans-progressiva",
    "/conditions/myositis-ossificans-traumatica?audience=patient&language=es",
    "/about/fibrodysplasia-ossificans-progressiva",
    "/compare",
    "/compare?codes=M61.05,M61.25,M61.58",
    "/coverage",
    "/releases",
]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{7*7}}",
    "\x00",
    "ſ61",
    "x" * 5000,
]


@pytest.fixture(scope="module")
def pages(full):
    settings = Settings(data=str(full.data), scrub_seconds=0, report_address="safety@example.org")
    return create_app(settings).test_client()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_answers_with_its_safety_headers_and_runs_nothing_inline(pages, path):
    answer = pages.get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|\sstyle=", answer.text)
    assert len(answer.data) < 150_000


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "path", ["/search?q=", "/compare?codes=M61.05,", "/codes/", "/conditions/", "/codes/M61.569?date=", "/about/"]
)
def test_hostile_text_is_escaped_and_never_a_fault(pages, path, text):
    answer = pages.get(path + re.sub(r"[^\w]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text))
    assert answer.status_code < 500
    if answer.mimetype != "text/html":
        return  # JSON is no place for markup to act in
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text


def test_the_code_page_puts_safety_first_and_says_draft(pages):
    text = pages.get("/codes/M61.569").text
    assert (
        text.index("Draft: written by")
        < text.index('id="red-flags"')
        < text.index('id="never-do"')
        < text.index('id="definition"')
    )
    assert "M61.561" in text
    assert "mailto:safety@example.org" in text


def test_another_spelling_leads_to_the_page_of_the_code(pages):
    answer = pages.get("/codes/m61569")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/codes/M61.569")


def test_an_unknown_code_is_a_page_with_the_reason(pages):
    answer = pages.get("/codes/M61.9X")
    assert answer.status_code == 404
    assert "did you mean M61.9?" in answer.text


def test_suggestions_are_data_with_links(pages):
    hits = pages.get("/suggest?q=diab+2+neu").json["hits"]
    assert hits
    assert all(hit["url"] == f"/codes/{hit['code']}" for hit in hits)


def test_markdown_carries_banner_grades_and_sources(pages):
    text = pages.get("/codes/M61.569.md").text
    assert "> Draft: written by the software's authors, not reviewed by a clinician." in text
    assert re.search(r"\[[A-D]; [a-z0-9-]+", text)


def test_static_files_are_kept_forever_under_their_hash(pages):
    href = re.search(r'href="(/static/icdref\.css\?[0-9a-f]+)"', pages.get("/").text)[1]
    assert "immutable" in pages.get(href).headers["Cache-Control"]


def test_a_page_takes_no_post(pages):
    assert pages.post("/search").status_code == 405
