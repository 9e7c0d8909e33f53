from __future__ import annotations

import pytest

from icdref.fhir.document import comparison_document
from icdref.issues import IcdRefError
from icdref.service.compare import compare
from icdref.service.views import Reader
from tests.fhir.checks import assert_valid

BASE = "http://127.0.0.1:8080/fhir/r4"


def compared(service, *asked, **options):
    return compare(service.terminology, service.knowledge, asked, **options)


def test_codes_stand_side_by_side_in_the_order_asked(full_service):
    found = compared(full_service, "M61.05", "m6125", "M61.58")
    assert [side.trace.normalised for side in found.sides] == ["M61.05", "M61.25", "M61.58"]
    assert [view.summary.id for view in found.views] == [
        "myositis-ossificans-traumatica",
        "neurogenic-heterotopic-ossification",
        "other-ossification-of-muscle",
    ]
    assert [row.code for row in found.rows][:2] == ["red-flags", "never-do"]
    assert all(len(row.cells) == 3 for row in found.rows)


def test_what_tells_conditions_apart_comes_from_statements_that_say_so(full_service):
    found = compared(full_service, "M61.05", "M61.25")
    stored = full_service.knowledge.summaries.statements
    assert ("myositis-ossificans-traumatica", "neurogenic-heterotopic-ossification") in [
        (each.summary, each.against) for each in found.features
    ]
    assert ("neurogenic-heterotopic-ossification", "myositis-ossificans-traumatica") in [
        (each.summary, each.against) for each in found.features
    ]
    assert all(stored[each.statement.id] == (each.summary, each.statement) for each in found.features)
    differential = {each.id for view in found.views for each in view.summary.statements if each.section == "differential"}
    assert differential <= {each.statement.id for each in found.features}


def test_codes_of_one_condition_are_compared_by_their_facts(full_service):
    found = compared(full_service, "M61.051", "M61.052")
    assert len(found.views) == 1
    assert [side.card.lookup.concept.laterality for side in found.sides] == ["right", "left"]


def test_a_condition_can_be_named_by_its_id_and_a_code_without_a_summary_has_its_card(full_service):
    found = compared(full_service, "ossified-intramuscular-hematoma", "M79.81")
    assert [view.summary.id for view in found.views] == ["ossified-intramuscular-hematoma"]
    assert found.sides[0].trace is None
    assert found.sides[1].summary == ""
    assert found.sides[1].card.lookup.concept.code == "M79.81"


@pytest.mark.parametrize("asked", [(), ("M61.05",), ("M61.05", " M61.05 "), tuple(f"M61.{n}0" for n in range(7))])
def test_fewer_than_two_or_more_than_six_are_refused(full_service, asked):
    with pytest.raises(IcdRefError) as refused:
        compared(full_service, *asked)
    assert "from 2 to 6" in refused.value.issue.text


def test_an_unknown_code_is_refused_with_what_may_be_meant(full_service):
    with pytest.raises(IcdRefError) as refused:
        compared(full_service, "M61.05", "M61.99")
    assert refused.value.issue.detail == "unknown-code"


def test_a_gate_holds_in_a_comparison(full):
    found = compared(full.service(gated_sections=("treatment",)), "M61.05", "M61.25")
    (row,) = [each for each in found.rows if each.code == "treatment"]
    assert all(cell.statements == () and cell.withheld for cell in row.cells)
    assert "treatment" not in {each.statement.section for each in found.features}


@pytest.mark.parametrize("version", ["4.0", "5.0"])
@pytest.mark.parametrize(
    "asked", [("M61.05", "M61.25", "M61.58"), ("M61.051", "M61.052"), ("A00.0", "M61.1"), ("A00.0", "A00.1")]
)
def test_a_comparison_is_a_valid_document(full_service, asked, version):
    made = comparison_document(compared(full_service, *asked), BASE, version)
    assert_valid(made, version)


def test_safety_stands_first_and_what_tells_them_apart_next(full_service):
    made = comparison_document(compared(full_service, "M61.05", "M61.25", "M61.58"), BASE)
    sections = made["entry"][0]["resource"]["section"]
    assert [each["title"] for each in sections[:3]] == ["Red flags", "Never do", "What tells them apart"]
    assert len(sections[0]["section"]) == 3


def test_the_identity_changes_with_what_is_compared(full_service):
    pairs = [("M61.05", "M61.25"), ("M61.25", "M61.05"), ("M61.05", "M61.58")]
    documents = [comparison_document(compared(full_service, *pair), BASE) for pair in pairs]
    assert len({each["id"] for each in documents}) == 3
    narrower = comparison_document(compared(full_service, *pairs[0], reader=Reader(sections=("cause",))), BASE)
    assert narrower["id"] != documents[0]["id"]
    assert documents[0] == comparison_document(compared(full_service, *pairs[0]), BASE)
