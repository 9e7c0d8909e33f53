from dataclasses import replace

import pytest

from icdref.fhir.canonical import extension_url
from icdref.fhir.composition import composition
from icdref.fhir.narrative_check import NarrativeReading
from icdref.model import CodeBinding
from icdref.results import SectionView
from tests.fhir.checks import assert_valid
from tests.fhir.factories import (
    BANNER,
    EDITION,
    INTENDED_USE,
    STATEMENTS,
    SUMMARY,
    make_approved_view,
    make_patient_view,
    make_sections,
    make_view,
    make_withheld_view,
)

VIEWS = {
    "draft": make_view(),
    "withheld": make_withheld_view(),
    "patient": make_patient_view(),
    "approved": make_approved_view(),
    "subset": make_view(subset=True, sections=make_sections("red-flags", "never-do")),
}


def section(made, code):
    return next(each for each in made["section"] if each.get("code", {}).get("coding", [{}])[0].get("code") == code)


def statements(made):
    """Return {id: {part: [values]}} of every statement extension."""
    found = {}
    for each in made["section"]:
        for extension in each.get("extension", []):
            if extension["url"] == extension_url("statement"):
                parts = {}
                for part in extension["extension"]:
                    value = next(value for key, value in part.items() if key != "url")
                    parts.setdefault(part["url"], []).append(value)
                found[parts["id"][0]] = parts
    return found


@pytest.mark.parametrize("version", ["4.0", "5.0"])
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_every_composition_is_valid(view, version):
    assert_valid(composition(view, version), version)


@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_every_narrative_says_how_far_to_trust_it(version):
    div = composition(make_view(), version)["text"]["div"]
    for said in (BANNER, INTENDED_USE, "Last reviewed: never.", "version 0.2.0", "2026-04-01", EDITION):
        assert said in div


def test_a_draft_is_preliminary_and_has_no_attester():
    made = composition(make_view())
    assert made["status"] == "preliminary"
    assert "attester" not in made


@pytest.mark.parametrize("status", ["approved", "stale"])
def test_an_approved_summary_is_final_and_names_its_reviewer(status):
    made = composition(replace(make_approved_view(), status=status))
    assert made["status"] == "final"
    assert made["attester"][0]["mode"] == "professional"
    assert made["attester"][0]["time"] == "2026-12-01"
    assert "Dr A. Reviewer" in made["attester"][0]["party"]["display"]
    assert "Last reviewed: 2026-12-01 by Dr A. Reviewer" in made["text"]["div"]


def test_a_summary_in_review_does_not_show_its_reviewer_as_having_reviewed():
    made = composition(replace(make_approved_view(), status="in-review"))
    assert made["status"] == "preliminary"
    assert "attester" not in made
    assert "Last reviewed: never." in made["text"]["div"]


def test_safety_comes_first_and_references_last_whatever_the_order_of_the_view():
    made = composition(make_view(sections=tuple(reversed(make_view().sections))))
    titles = [each["title"] for each in made["section"]]
    assert titles[:2] == ["Red flags", "Never do"]
    assert titles[-1] == "References"
    assert titles.index("Epidemiology") < titles.index("Treatment")


def test_a_statement_is_data_with_its_text_in_the_narrative():
    made = composition(make_view())
    found = statements(made)
    assert found.keys() == {each.id for each in STATEMENTS}
    assert found["mot.never.1"]["grade"] == ["B"]
    assert found["mot.never.1"]["source"] == ["genereviews-fop", "pmc1"]
    assert found["mot.never.1"]["seed"] == ["seed-001 conflicts"]
    div = section(made, "red-flags")["text"]["div"]
    assert '<p id="mot.red.1">Refer if the mass keeps growing &amp; shows no rim of bone.</p>' in div


def test_a_conflict_is_data_and_is_shown():
    made = composition(make_view())
    conflict = {part["url"]: part["valueString"] for part in statements(made)["mot.img.2"]["conflict"][0]}
    assert conflict == {
        "topic": "first visible mineral",
        "position": "3 to 6 weeks",
        "other": "mot.img.3",
        "note": "another source says weeks 4 to 10",
    }
    assert "against mot.img.3 (another source" in section(made, "imaging-timeline")["text"]["div"]
    assert "Sources disagree" in composition(make_view(), "5.0")["note"][0]["text"]


def test_the_other_side_of_a_conflict_is_linked_where_it_is_shown():
    other = replace(STATEMENTS[3], id="mot.img.3")
    sections = (SectionView("imaging-timeline", "Imaging timeline", (STATEMENTS[3], other)),)
    made = composition(make_view(sections=sections))
    assert '<a href="#mot.img.3">' in made["section"][0]["text"]["div"]
    assert_valid(made)


def test_a_section_carries_our_code_and_the_mesh_code():
    codings = section(composition(make_view()), "treatment")["code"]["coding"]
    assert [each["code"] for each in codings] == ["treatment", "Q000628"]
    assert codings[1]["system"] == "https://www.nlm.nih.gov/mesh"


def test_an_empty_section_says_why():
    made = section(composition(make_view()), "epidemiology")
    assert made["emptyReason"]["coding"][0]["code"] == "unavailable"
    assert "No citable fact was found." in made["text"]["div"]
    bare = make_view(sections=(SectionView("cause", "Cause", ()),))
    assert "No fact with a citable source" in section(composition(bare), "cause")["text"]["div"]


def test_a_withheld_section_counts_what_it_withholds_and_says_how_to_get_it():
    made = composition(make_withheld_view())
    treatment = section(made, "treatment")
    assert treatment["emptyReason"]["coding"][0]["code"] == "withheld"
    assert treatment["extension"] == [{"url": extension_url("withheld-statements"), "valueUnsignedInt": 4}]
    assert "4 statements are withheld" in treatment["text"]["div"]
    assert "https://example.org/access" in treatment["text"]["div"]
    assert "entry" not in treatment
    assert made["meta"]["security"][0]["code"] == "REDACTED"
    assert "mot.tx.1" not in str(made)


def test_nothing_is_flagged_where_nothing_is_withheld():
    assert not {"security", "tag"} & composition(make_view())["meta"].keys()
    assert composition(make_view(subset=True))["meta"]["tag"][0]["code"] == "SUBSETTED"


def test_references_list_every_source_of_the_summary_even_of_withheld_statements():
    made = composition(make_withheld_view())
    references = section(made, "references")
    assert references["entry"] == [
        {"reference": f"Library/{SUMMARY.id}", "display": "Catalogue card with the references as data"}
    ]
    ids = NarrativeReading(references["text"]["div"]).ids
    assert ids == ["bennett2013", "genereviews-fop", "icd10cm-tabular", "pm1", "pmc1", "savvidou2021"]
    assert "unused2000" not in references["text"]["div"]


def test_a_patient_reads_the_never_do_box_first_then_plain_language():
    made = composition(make_patient_view())
    titles = [each["title"] for each in made["section"]]
    assert titles == ["Never do", "Red flags", "What is it?", "When should I call?", "References"]
    assert "Grade" not in made["section"][0]["text"]["div"]
    assert made["category"][0]["coding"][0]["code"] == "patient"
    assert statements(made)["mot.never.1"]["grade"] == ["B"]


def test_patient_text_before_the_first_heading_has_the_title_of_the_summary():
    text = replace(SUMMARY.patient_texts[0], body="Bone can grow in a muscle.\n")
    made = composition(make_patient_view(patient_text=text))
    assert made["section"][2]["title"] == "Traumatic myositis ossificans"


def test_statements_in_another_language_than_the_document_are_marked():
    made = composition(make_patient_view(language="es", language_notice="Only the safety text is in English."))
    assert made["language"] == "es"
    assert 'lang="en"' in section(made, "never-do")["text"]["div"]
    assert "Only the safety text is in English." in made["text"]["div"]
    assert_valid(made)


def test_the_codes_it_is_about_are_its_event_and_its_context():
    made = composition(make_view())
    (coding,) = made["event"][0]["code"][0]["coding"]
    assert coding == {
        "system": "http://hl7.org/fhir/sid/icd-10-cm",
        "version": "2026-04-01",
        "code": "M61.0",
        "display": "Myositis ossificans traumatica",
    }
    in_5 = composition(make_view(), "5.0")
    assert in_5["event"][0]["detail"][0]["concept"]["coding"] == [coding]
    contexts = [
        each["valueUsageContext"] for each in made["extension"] if each["url"].endswith("extension-Composition.useContext")
    ]
    assert contexts == in_5["useContext"]
    assert [each["code"]["code"] for each in contexts] == ["focus", "user"]


def test_a_summary_with_context_codes_only_is_about_those():
    codes = (CodeBinding("http://hl7.org/fhir/sid/icd-10-cm", "M61.58", "self", "context"),)
    made = composition(make_view(summary=replace(SUMMARY, codes=codes)))
    assert made["event"][0]["code"][0]["coding"][0]["code"] == "M61.58"


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_r4_and_r5_say_the_same(view):
    in_4, in_5 = composition(view), composition(view, "5.0")
    assert in_4["section"] == in_5["section"]
    assert in_4["text"] == in_5["text"]
    assert statements(in_4) == statements(in_5)
    assert in_4["identifier"] == in_5["identifier"][0]
    assert in_4["subject"] == in_5["subject"][0]
