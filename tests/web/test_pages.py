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
    "/releases/2026-04-01..2026-10-01",
    "/releases/2026..2027?section=added&offset=10",
    "/codes/M61.569?format=print",
    "/codes/M61.569?date=2018-03-01",
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
    "path",
    [
        "/search?q=",
        "/search?q=bone&within=",
        "/compare?codes=M61.05,",
        "/codes/",
        "/conditions/",
        "/codes/M61.569?date=",
        "/codes/M61.569?version=",
        "/codes/M61.569?format=",
        "/conditions/fibrodysplasia-ossificans-progressiva?audience=patient&language=",
        "/about/",
        "/releases/2025..",
        "/releases/2025..2026?section=",
        "/suggest?q=",
    ],
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


FORMS = [
    "/search?q=broken+wrist+left",
    "/codes/M61.569",
    "/codes/J4B",
    "/conditions",
    "/conditions/fibrodysplasia-ossificans-progressiva",
    "/conditions/myositis-ossificans-traumatica?audience=patient&language=es",
    "/about/fibrodysplasia-ossificans-progressiva",
    "/compare?codes=M61.05,M61.25",
    "/coverage",
    "/releases",
    "/releases/2026-04-01..2026-10-01",
]


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(("name", "kind"), [("JSON", "application/json"), ("Markdown", "text/markdown"), ("Print", "text/html")])
def test_every_page_links_to_its_other_forms(pages, path, name, kind):
    links = dict(re.findall(r'<a href="([^"]+)"(?: data-printer)?>(JSON|Markdown|Print|Imprimir|FHIR)</a>', pages.get(path).text))
    href = next(href for href, label in links.items() if label.replace("Imprimir", "Print") == name).replace("&amp;", "&")
    answer = pages.get(href)
    assert (answer.status_code, answer.mimetype) == (200, kind)
    assert answer.data


@pytest.mark.parametrize(
    "path", ["/codes/M61.569", "/conditions/fibrodysplasia-ossificans-progressiva", "/compare?codes=M61.05,M61.25"]
)
def test_a_page_links_to_the_same_answer_in_fhir(pages, path):
    href = re.search(r'<a href="([^"]+)">FHIR</a>', pages.get(path).text)[1].replace("&amp;", "&")
    assert pages.get(href).json["resourceType"] == "Bundle"


@pytest.mark.parametrize(
    "path", ["/codes/M61.051", "/codes/M61", "/conditions/other-ossification-of-muscle", "/compare?codes=M61.05,M61.25"]
)
@pytest.mark.parametrize("form", ["html", "print", "json", "markdown"])
def test_the_box_on_fop_and_the_draft_banner_stand_in_every_form(pages, path, form):
    text = pages.get(f"{path}{'&' if '?' in path else '?'}format={form}").text
    assert "No biopsy, no intramuscular injection and no excision" in text
    assert "not reviewed by a clinician" in text
    assert "not advice for a particular patient" in text


def test_a_patient_page_is_in_the_language_of_its_text(pages):
    answer = pages.get("/conditions/myositis-ossificans-traumatica?audience=patient&language=es")
    assert '<html lang="es">' in answer.text
    assert answer.headers["Content-Language"] == "es"
    assert "Borrador" in answer.text
    assert "Draft: written by the software" in answer.text


def test_the_other_position_of_a_conflict_stands_beside_it(pages):
    text = pages.get("/conditions/fibrodysplasia-ossificans-progressiva").text
    conflict = text[text.index("Sources disagree: big-toe sign") :]
    conflict = conflict[: conflict.index("</li>")]
    assert "lists hallux valgus" in conflict
    assert "occasional" in conflict


def test_without_an_address_no_report_link_is_shown(full):
    app = create_app(Settings(data=str(full.data), scrub_seconds=0)).test_client()
    assert "Report a problem" not in app.get("/codes/M61.569").text


def test_a_report_link_names_the_statement_and_the_edition(pages):
    text = pages.get("/conditions/fibrodysplasia-ossificans-progressiva").text
    assert re.search(
        r'href="mailto:safety@example\.org\?subject=icdref%20statement%20fop\.never\.1%2C%20edition%20[0-9a-f]+"', text
    )


def test_a_date_is_carried_from_link_to_link(pages):
    text = pages.get("/codes/M61?date=2026-11-22").text
    assert 'href="/codes/M61.0?date=2026-11-22"' in text
    assert "As of <strong>2026-11-22</strong>" in text


@pytest.mark.parametrize(
    "path", ["/codes/M61?date=2018-99-01", "/search?q=bone&date=tomorrow", "/codes/M61?format=pdf", "/releases/a"]
)
def test_what_cannot_be_read_is_refused_with_the_reason(pages, path):
    answer = pages.get(path)
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "That question could not be read" in answer.text


def test_the_validity_of_a_code_is_a_picture_with_the_same_in_words(pages):
    text = pages.get("/codes/M61.569").text
    assert re.search(r'<svg class="years"[^>]* role="img" aria-label="Valid from 2015-10-01 or earlier', text)


def test_a_header_offers_every_code_directly_below(pages):
    text = pages.get("/codes/M61").text
    assert re.findall(r'<li><a href="/codes/(M61\.\d)"><span class="code">', text) == [
        *("M61.0", "M61.1", "M61.2", "M61.3", "M61.4", "M61.5", "M61.9")
    ]


def test_filters_of_the_search_narrow_what_is_found(pages):
    def codes(more: str) -> set[str]:
        return {hit["code"] for hit in pages.get(f"/search?q=fracture+wrist&format=json{more}").json["hits"]}

    assert codes("&billable=true") != codes("")
    assert codes("&within=13") <= {code for code in codes("&within=13") if code[0] == "M"}


def test_changes_of_a_release_are_grouped_by_consequence(pages):
    found = pages.get("/releases/2026-04-01..2026-10-01?format=json").json
    sizes = {section["key"]: len(section["rows"]) for section in found["sections"]}
    assert sizes == {"deleted": 15, "became_header": 15, "added": 190}
    text = pages.get("/releases/2026-04-01..2026-10-01").text
    assert text.index("Codes that ended") < text.index("New billable codes")
    assert "Show all 190" in text


def test_any_day_between_two_changes_means_the_change_before_it(pages):
    one = pages.get("/releases/2017-10-01..2018-10-01?format=json").json
    other = pages.get("/releases/2018-02-03..2019-03-04?format=json").json
    assert one["sections"] == other["sections"]


def test_all_13_source_attributes_are_answered(pages):
    found = pages.get("/about/fibrodysplasia-ossificans-progressiva?format=json").json["attributes"]
    assert len(found) == 13
    assert all(found.values())


def test_a_gated_section_is_withheld_in_every_form(full):
    settings = Settings(data=str(full.data), scrub_seconds=0, gated_sections=("treatment",), gated_notice="Sign in to read it.")
    app = create_app(settings).test_client()
    open_app = create_app(Settings(data=str(full.data), scrub_seconds=0)).test_client()
    secret = open_app.get("/conditions/myositis-ossificans-traumatica.json").json["sections"]
    texts = [each["text"] for section in secret if section["code"] == "treatment" for each in section["statements"]]
    assert texts
    for form in ("html", "json", "markdown"):
        shown = app.get(f"/conditions/myositis-ossificans-traumatica?format={form}").text
        assert not [text for text in texts if text in shown]
        assert "Sign in to read it." in shown


def test_a_browser_gets_a_page_for_an_unknown_path_and_a_program_an_outcome(pages):
    assert pages.get("/nope", headers={"Accept": "text/html,*/*;q=0.8"}).mimetype == "text/html"
    assert pages.get("/nope").mimetype == "application/fhir+json"


def test_below_a_prefix_every_link_stays_below_it(full):
    app = create_app(Settings(data=str(full.data), scrub_seconds=0, url_prefix="/icdref")).test_client()
    for path in ("/", "/codes/M61.569", "/search?q=bone", "/releases", "/conditions", "/compare?codes=M61.05,M61.25"):
        links = re.findall(r'(?:href|src|action|data-suggest|data-url)="(/[^"]*)"', app.get(f"/icdref{path}").text)
        assert links
        assert [link for link in links if not link.startswith("/icdref/")] == []


@pytest.mark.parametrize("path", ["/codes/M61.9X.json", "/codes/M61.9X?format=json", "/conditions/no-such.json"])
def test_a_program_that_asks_for_json_is_refused_in_json(pages, path):
    answer = pages.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/json")
    assert answer.json["issues"][0]["text"]


def test_the_search_in_fhir_finds_the_same_codes(pages):
    href = re.search(r'<a href="([^"]+)">FHIR</a>', pages.get("/search?q=broken+wrist+left").text)[1].replace("&amp;", "&")
    answer = pages.get(href)
    assert answer.status_code == 200
    assert answer.json["resourceType"] == "ValueSet"
