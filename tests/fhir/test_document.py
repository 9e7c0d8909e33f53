from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from icdref.codes import ICD10CM
from icdref.fhir.code_card import card_composition
from icdref.fhir.composition import composition
from icdref.fhir.document import card_document, document
from icdref.fhir.library import library
from icdref.fhir.provenance import provenance
from icdref.fhir.value_set import value_set
from icdref.model import CodeBinding
from tests.fhir.checks import assert_valid, paths
from tests.fhir.factories import (
    BASE_URL,
    BLOCK,
    CHAPTER,
    ID,
    INTENDED_USE,
    SUMMARY,
    make_approved_view,
    make_card,
    make_lookup,
    make_patient_view,
    make_sections,
    make_view,
    make_withheld_view,
)

SHAPES = Path(__file__).parent / "shapes"
R5 = BASE_URL.replace("r4", "r5")
VIEWS = {
    "draft": make_view(),
    "withheld": make_withheld_view(),
    "patient": make_patient_view(),
    "approved": make_approved_view(),
}


def identifier(view, version="4.0"):
    return document(view, BASE_URL, version)["identifier"]["value"]


@pytest.mark.parametrize("version", ["4.0", "5.0"])
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_every_document_is_valid_and_its_codes_are_asked_for(view, version):
    asked = set()

    def code_exists(system, code):
        asked.add((system, code))
        return True

    assert_valid(document(view, BASE_URL, version), version, code_exists)
    assert {(ICD10CM, "M61.0"), (ICD10CM, "C49")} <= asked


def test_a_document_holds_everything_and_begins_with_the_text():
    made = document(make_view(), BASE_URL)
    kinds = [each["resource"]["resourceType"] for each in made["entry"]]
    assert kinds == ["Composition", "Organization", "ValueSet", "Library", "Provenance"]
    assert made["entry"][0]["fullUrl"] == f"{BASE_URL}/Composition/{ID}"
    assert made["type"] == "document"
    assert made["timestamp"] == "2026-11-22T00:00:00Z"


def test_the_same_view_makes_the_same_document():
    assert document(make_view(), BASE_URL) == document(make_view(), BASE_URL)


def test_the_identity_is_a_uuid_of_version_five_and_does_not_know_the_address():
    made = document(make_view(), BASE_URL)
    uuid = UUID(made["identifier"]["value"].removeprefix("urn:uuid:"))
    assert uuid.version == 5
    assert made["id"] == str(uuid)
    assert document(make_view(), "https://ehr.example.com/fhir/r4")["identifier"] == made["identifier"]


def test_every_other_view_is_another_document():
    views = [
        make_view(),
        make_view(language="es"),
        make_patient_view(),
        make_withheld_view(),
        make_view(status="in-review"),
        make_view(banner="Review overdue since 2028-12-01."),
        make_view(language_notice="There is no text in Welsh."),
        make_view(edition="0000"),
        make_view(sections=make_sections("red-flags", "never-do")),
        make_view(release=replace(make_view().release, version="2026-10-01")),
        make_view(summary=replace(SUMMARY, version="0.2.1")),
    ]
    made = [identifier(view) for view in views] + [identifier(make_view(), "5.0")]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("version", ["4.0", "5.0"])
@pytest.mark.parametrize(
    "concept",
    [make_lookup().concept, BLOCK, CHAPTER, replace(make_lookup().concept, display="")],
    ids=["code", "block", "chapter", "untitled"],
)
def test_every_card_is_a_valid_document(concept, version):
    card = make_card(lookup=make_lookup(concept=concept))
    made = card_document(card, BASE_URL, version)
    assert_valid(made, version)
    assert made["entry"][0]["resource"]["id"] == f"code-{concept.code}"


def test_a_card_has_facts_and_choices_and_nothing_clinical():
    made = card_composition(make_card())
    section, *more = made["section"]
    assert section["code"]["coding"][0]["code"] == "coding"
    assert [each["code"]["coding"][0]["code"] for each in more] == ["notes", "validity"]
    assert "M61.051 is billable" in section["text"]["div"]
    assert "M61.052 Myositis ossificans traumatica, left thigh" in section["text"]["div"]
    assert made["type"]["coding"][0]["code"] == "code-card"
    assert made["status"] == "final"
    assert INTENDED_USE in made["text"]["div"]
    assert "This is not a condition summary." in made["text"]["div"]


def test_a_card_in_place_of_a_summary_says_so():
    made = card_document(make_card(), BASE_URL, notice="There is no condition summary for M61.051.")
    assert "There is no condition summary for M61.051." in made["entry"][0]["resource"]["text"]["div"]
    assert made["identifier"] != card_document(make_card(), BASE_URL)["identifier"]
    assert_valid(made)


def test_a_card_without_facts_still_says_something():
    assert_valid(card_composition(make_card(facts=(), choices=())))


def shape(name):
    return set((SHAPES / f"{name}.txt").read_text(encoding="utf-8").split())


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("composition.r4", composition(make_withheld_view())),
        ("composition.r5", composition(make_withheld_view(), "5.0")),
        ("document.r4", document(make_withheld_view(), BASE_URL)),
        ("document.r5", document(make_withheld_view(), R5, "5.0")),
        ("library", library(make_view(), BASE_URL)),
        ("valueset", value_set(make_view())),
        ("provenance", provenance(make_view())),
    ],
)
def test_the_shape_is_that_of_the_worked_example(name, made):
    """The shapes list every path of an example that was checked with several independent validators."""
    assert shape(name) - set(paths(made)) == set()


def test_a_summary_about_several_codes_lists_them_all():
    codes = (
        CodeBinding(ICD10CM, "M61.5", "self-and-descendants", "focus"),
        CodeBinding(ICD10CM, "M61.9", "self", "focus"),
    )
    made = document(make_view(summary=replace(SUMMARY, codes=codes)), BASE_URL)
    assert_valid(made)
    event = made["entry"][0]["resource"]["event"][0]["code"]
    assert [each["coding"][0]["code"] for each in event] == ["M61.5", "M61.9"]
