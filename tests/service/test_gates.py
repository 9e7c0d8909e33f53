"""The access policy reaches what is not a section: patient texts, staging, and every format that shows them."""

from __future__ import annotations

import pytest

from icdref.fhir.document import document
from icdref.model import SAFETY_SECTIONS, SECTIONS
from icdref.service.matching import Asked
from icdref.service.views import Reader
from tests.safety.containment import printed

BASE = "http://127.0.0.1:8080/fhir/r4"
MOT = "myositis-ossificans-traumatica"
GATEABLE = [code for code, _ in SECTIONS if code not in SAFETY_SECTIONS | {"definition", "references"}]


def test_what_a_patient_text_says_of_a_gated_section_is_withheld_with_its_heading(full):
    service = full.service(gated_sections=("treatment",), gated_notice="Sign in at example.org to read it.")
    view = service.knowledge.summary(MOT, Reader("patient"))
    assert "How is it treated?" not in view.patient_text.body
    assert "Surgery" not in view.patient_text.body
    assert "What is it?" in view.patient_text.body
    assert "mot.tx.1" not in view.patient_text.based_on
    (withheld,) = [each for each in view.sections if each.withheld]
    assert (withheld.code, withheld.empty_reason, withheld.notice) == (
        "treatment",
        "withheld",
        "Sign in at example.org to read it.",
    )
    assert withheld.withheld == view.withheld == 2


def test_a_patient_with_the_scope_reads_it_all(full):
    service = full.service(gated_sections=("treatment", "prognosis"))
    view = service.knowledge.summary(MOT, Reader("patient", full=True))
    assert view.patient_text == full.service().knowledge.summary(MOT, Reader("patient")).patient_text
    assert view.withheld == 0


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("section", GATEABLE)
def test_no_gate_takes_red_flags_or_never_do_from_a_patient_text(full, section, language):
    service = full.service(gated_sections=(section,))
    for view in service.knowledge.served(Reader("patient", language)):
        whole = view.summary.patient_texts
        (text,) = [each for each in whole if each.language == view.language]
        safety = {each.id for each in view.summary.statements if each.section in ("red-flags", "never-do")}
        for part, (heading, body) in zip(text.parts, text.under_headings(), strict=True):
            assert part.heading == heading
            if safety & set(part.based_on):
                assert body.strip() in view.patient_text.body, (view.summary.id, heading)


@pytest.mark.parametrize("section", GATEABLE)
def test_no_paragraph_that_rests_on_a_gated_statement_alone_is_served(full, section):
    service = full.service(gated_sections=(section,))
    for view in service.knowledge.served(Reader("patient")):
        gated = {each.id for each in view.summary.in_section(section)}
        safety = {each.id for each in view.summary.statements if each.section in ("red-flags", "never-do")}
        (text,) = [each for each in view.summary.patient_texts if each.language == "en"]
        hidden = [
            body
            for part, (_, body) in zip(text.parts, text.under_headings(), strict=True)
            if gated & set(part.based_on) and not safety & set(part.based_on)
        ]
        assert not [body for body in hidden if body.strip() in view.patient_text.body]
        assert bool(hidden) == bool(view.withheld)
        shown = str(document(view, BASE))
        assert ("REDACTED" in shown) == bool(hidden)


def test_a_text_that_does_not_say_which_heading_rests_on_what_goes_as_a_whole(small):
    view = small.service(gated_sections=("treatment",)).knowledge.summary("bone-after-a-blow", Reader("patient"))
    assert view.patient_text.body == ""
    assert view.patient_text.based_on == ()
    assert view.withheld == 1
    assert [each.code for each in view.sections if each.statements] == ["red-flags", "never-do"]


def test_the_command_line_counts_what_a_patient_may_not_read(full):
    service = full.service(gated_sections=("treatment",))
    knowledge = service.knowledge.for_codes([Asked("M61.051")], reader=Reader("patient"))
    text = "\n".join(printed(knowledge))
    assert "2 statements are withheld." in text
    assert "Surgery is kept" not in text


def test_staging_goes_with_the_section_it_stands_in(full):
    gated = full.service(gated_sections=("diagnosis",)).knowledge
    nho = "neurogenic-heterotopic-ossification"
    assert gated.summary(nho).summary.stagings == ()
    assert "islands of bone" not in str(document(gated.summary(nho), BASE))
    assert gated.summary(nho, Reader(full=True)).summary.stagings
