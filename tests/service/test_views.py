from __future__ import annotations

from datetime import date

import pytest

from icdref.model import SAFETY_SECTIONS, SECTIONS
from icdref.results import SummaryView
from icdref.service.code_cards import INTENDED_USE
from icdref.service.views import Reader, view


@pytest.fixture(scope="module")
def seen(small_service):
    """Return a function that shows a reader the one summary of the cut with a text for patients."""
    summary = small_service.knowledge.summaries.all["bone-after-a-blow"]

    def show(reader: Reader | None = None, **policy) -> SummaryView:
        release = small_service.releases.newest
        return view(summary, release, "0" * 12, reader or Reader(), date(2026, 5, 30), displays={}, **policy)

    return show


def codes(shown: SummaryView) -> list[str]:
    return [section.code for section in shown.sections]


def test_a_clinician_sees_every_section_in_order_and_where_no_source_was_found(seen):
    shown = seen()
    assert codes(shown) == [code for code, _ in SECTIONS if code != "references"]
    empty = {section.code: section for section in shown.sections if not section.statements}
    assert set(empty) == set(shown.summary.sections_without_source)
    assert {section.empty_reason for section in empty.values()} == {"unavailable"}
    assert not shown.subset


def test_every_view_carries_status_banner_and_intended_use(seen):
    shown = seen(Reader(audience="patient", language="es"))
    assert (shown.status, shown.intended_use) == ("draft", INTENDED_USE)
    assert shown.banner.startswith("Draft")


@pytest.mark.parametrize("section", [code for code, _ in SECTIONS])
def test_a_choice_of_sections_keeps_the_safety_sections(seen, section):
    shown = seen(Reader(sections=(section,)))
    assert set(codes(shown)) >= set(SAFETY_SECTIONS)
    assert set(codes(shown)) <= {*SAFETY_SECTIONS, section}
    assert shown.subset


@pytest.mark.parametrize("grade", ["A", "B", "C", "D"])
def test_a_choice_of_grades_keeps_all_safety_statements(seen, grade):
    shown = seen(Reader(grades=(grade,)))
    for section in shown.sections:
        kept = {statement.grade for statement in section.statements}
        if section.code not in SAFETY_SECTIONS:
            assert kept <= {grade}
    assert {section.code for section in shown.sections if section.statements} >= SAFETY_SECTIONS
    assert ("epidemiology" in [section.code for section in shown.sections if section.statements]) is (grade == "C")
    assert shown.subset


def test_a_patient_reads_the_text_for_patients_with_red_flags_and_never_do(seen):
    shown = seen(Reader(audience="patient"))
    assert (shown.audience, shown.language) == ("patient", "en")
    assert "Bone has grown in your muscle" in shown.patient_text.body
    assert codes(shown) == ["red-flags", "never-do"]


@pytest.mark.parametrize("language", ["es", "es-MX", "es-419"])
def test_a_patient_reads_in_the_language_asked_or_its_base(seen, language):
    shown = seen(Reader(audience="patient", language=language))
    assert (shown.language, shown.language_notice) == ("es", "")
    assert "hueso" in shown.patient_text.body


@pytest.mark.parametrize("language", ["de", "zh-Hans", "x"])
def test_another_language_gets_english_and_a_notice(seen, language):
    for audience in ("patient", "clinician"):
        shown = seen(Reader(audience=audience, language=language))
        assert shown.language == "en"
        assert shown.language_notice == f"This text is not available in {language}; it is in English."
    assert seen(Reader(language="en-US")).language_notice == ""


def test_without_a_text_for_patients_the_text_for_clinicians_is_shown_and_said(small_service):
    summary = small_service.knowledge.summaries.all["other-bone"]
    shown = view(summary, small_service.releases.newest, "0" * 12, Reader(audience="patient"), date(2026, 5, 30), displays={})
    assert (shown.audience, shown.patient_text) == ("clinician", None)
    assert shown.language_notice == "There is no patient text for this condition; the text for clinicians is shown."
    assert "definition" in codes(shown)


def test_a_gated_section_is_withheld_with_its_notice_and_counted(seen):
    shown = seen(gated=("treatment", "forms"), gated_notice="Ask the library.")
    by_code = {section.code: section for section in shown.sections}
    assert (by_code["treatment"].empty_reason, by_code["treatment"].notice) == ("withheld", "Ask the library.")
    assert by_code["treatment"].statements == ()
    assert by_code["forms"].empty_reason == "unavailable"
    assert shown.withheld == 1
    assert seen(Reader(full=True), gated=("treatment",)).withheld == 0


@pytest.mark.parametrize("section", sorted(SAFETY_SECTIONS))
def test_a_safety_section_stays_even_if_a_setting_names_it(seen, section):
    (kept,) = (each for each in seen(gated=(section,)).sections if each.code == section)
    assert kept.statements
