"""Exported pages: the names that OpenEMR looks for, whole in themselves, with box, banner and sources in HTML and PDF."""

from __future__ import annotations

import doctest
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from icdref.cli import cli
from icdref.export import files, leaflet
from icdref.export.html import to_html
from icdref.export.pdf import CannotWrite, to_pdf

pytestmark = pytest.mark.slow

# What education.php of OpenEMR builds: strtolower("{$codetype}_{$codevalue}_{$lang}.pdf"), for which it accepts these letters.
OPENEMR_NAME = re.compile(r"icd10_[a-z0-9.]+_(en|es)\.pdf")


def made(service, code, audience="patient", language="en"):
    return leaflet.leaflet(service, service.terminology.lookup(code), audience, language)


def pdf_text(data):
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))


def page_text(data):
    class Text(HTMLParser):
        def __init__(self):
            super().__init__()
            self.said = []

        def handle_data(self, data):
            self.said.append(data)

    parser = Text()
    parser.feed(data.decode())
    return re.sub(r"\s+", " ", " ".join(parser.said))


def test_the_name_of_a_file_is_the_one_that_openemr_builds():
    assert doctest.testmod(files).failed == 0
    assert OPENEMR_NAME.fullmatch(files.file_name("M61.051", "en", "pdf"))


def test_a_code_stands_for_itself_and_everything_below_it(full_service, tmp_path):
    done = files.write(full_service, ["M61.0"], tmp_path, languages=("en", "es"))
    number = len(full_service.releases.all) - 1
    stored = full_service.concepts.concept("M61.0", number)
    below = {each.concept.code for each in full_service.concepts.below(stored, number)} | {"M61.0"}
    assert {path.name for path in tmp_path.iterdir()} == {
        files.file_name(code, language, "html") for code in below for language in ("en", "es")
    }
    assert len(done.files) == 2 * len(below)
    assert done.without == {"en": [], "es": []}


def test_exactly_one_code_is_one_file(full_service, tmp_path):
    done = files.write(full_service, ["M61.0"], tmp_path, below=False)
    assert [path.name for path in done.files] == ["icd10_m61.0_en.html"]


def test_without_a_text_in_a_language_there_is_no_file_in_it(full_service, tmp_path):
    done = files.write(full_service, ["M61.3", "A00"], tmp_path, languages=("es",), below=False)
    assert (done.files, done.without) == ([], {"es": ["M61.3", "A00"]})


@pytest.mark.parametrize(("audience", "language"), [("patient", "en"), ("patient", "es"), ("clinician", "en")])
@pytest.mark.parametrize(("write", "read"), [(to_html, page_text), (to_pdf, pdf_text)], ids=["html", "pdf"])
def test_box_banner_release_and_every_text_stand_in_the_file(full_service, audience, language, write, read):
    it = made(full_service, "M61.051", audience, language)
    foot = re.escape((it.footer + it.code).replace(" ", "")) + r"·\d+/\d+"
    text = re.sub(foot, "", read(write(it)).replace(" ", ""))
    assert it.footer.replace(" ", "") in read(write(it)).replace(" ", "")
    for said in (
        "No biopsy, no intramuscular injection and no excision",
        "not reviewed by a clinician",
        "not advice for a particular patient",
        "2026-04-01",
        full_service.edition.id,
        *(block.text for block in (*it.safety, *it.body)),
        *(source for source, _ in it.sources),
    ):
        assert re.sub(r"\s+", "", said) in text, said


def test_accents_are_right_in_pdf(full_service):
    text = pdf_text(to_pdf(made(full_service, "M61.051", "patient", "es")))
    assert "Después de un golpe fuerte puede crecer hueso dentro de un músculo" in text
    assert "¿Qué puedo notar?" in text


def test_a_pdf_says_its_language_and_title_and_carries_its_typeface(full_service):
    reader = PdfReader(io.BytesIO(to_pdf(made(full_service, "M61.051", "patient", "es"))))
    assert reader.metadata.title == "Miositis osificante traumática (M61.051)"
    assert reader.trailer["/Root"]["/Lang"] == "es"
    fonts = reader.pages[0]["/Resources"]["/Font"]
    assert all("AtkinsonHyperlegible" in fonts[name]["/BaseFont"] for name in fonts)


@pytest.mark.parametrize("write", [to_html, to_pdf])
def test_the_same_edition_gives_the_same_bytes(full_service, write):
    assert write(made(full_service, "M61.051")) == write(made(full_service, "M61.051"))


def test_a_page_needs_nothing_else_and_runs_nothing(full_service):
    text = to_html(made(full_service, "M61.051", "clinician")).decode()
    assert not re.search(r"<script|<link|<img|<iframe|\ssrc=|\son\w+=|@import|url\(", text)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    assert policy.startswith("default-src &#39;none&#39;; style-src &#39;sha256-")


def test_markup_in_a_text_stays_text(full_service):
    hostile = "<script>alert(1)</script>"
    it = made(full_service, "M61.051")
    it = replace(it, title=hostile, body=(leaflet.Block("heading", hostile), leaflet.Block("item", hostile)))
    text = to_html(it).decode()
    assert hostile not in text
    assert text.count("&lt;script&gt;alert(1)") == 4


def test_what_the_typeface_lacks_is_refused_by_name_and_never_left_out(full_service):
    it = replace(made(full_service, "M61.051"), title="骨化")
    with pytest.raises(CannotWrite, match=r"U\+5316 U\+9AA8"):
        to_pdf(it)


def test_the_command_writes_and_says_what_it_left_out(full, tmp_path):
    command = ["export", "pages", "--codes", "M61.1,M61.30", "--lang", "en,es", "--pdf", "--exactly", "-o", str(tmp_path)]
    done = CliRunner().invoke(cli, command, env={"ICDREF_DATA": str(full.data)})
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("icd10_m61.1_en.html", "icd10_m61.1_en.pdf", "icd10_m61.1_es.html", "icd10_m61.1_es.pdf"),
        *("icd10_m61.30_en.html", "icd10_m61.30_en.pdf"),
    ]
    assert "no text in es for 1 codes: M61.30" in done.output


@pytest.mark.parametrize(("codes", "status"), [("M99.ZZ", 1), ("A00", 1)])
def test_the_command_fails_where_there_is_nothing_to_write(full, tmp_path, codes, status):
    command = ["export", "pages", "--codes", codes, "--exactly", "-o", str(tmp_path)]
    assert CliRunner().invoke(cli, command, env={"ICDREF_DATA": str(full.data)}).exit_code == status


@pytest.mark.parametrize("write", [to_html, to_pdf])
def test_a_gated_section_is_withheld_in_files_too(full, write):
    gated = full.service(gated_sections=("treatment",), gated_notice="Sign in to read it.")
    texts = [block.text for block in made(gated, "M61.051", "clinician").body]
    assert any(text.endswith("statements of this section are withheld.") for text in texts)
    assert "Sign in to read it." in texts
    open_texts = [block.text for block in made(full.service(), "M61.051", "clinician").body]
    start = open_texts.index("Treatment") + 1
    hidden = [text for text in open_texts[start : open_texts.index("Complications")] if "[" in text]
    assert hidden
    assert not set(hidden) & set(texts)
    assert write(made(gated, "M61.051", "clinician"))


def test_what_is_not_approved_is_not_exported_where_only_approved_text_is_served(full):
    assert made(full.service(lowest_status="approved"), "M61.051") is None
