from dataclasses import replace

import pytest

from icdref.codes import ICD10CM
from icdref.fhir.value_set import value_set
from icdref.model import CodeBinding
from tests.fhir.checks import assert_valid
from tests.fhir.factories import SUMMARY, make_view


def bound(*bindings):
    return make_view(summary=replace(SUMMARY, codes=tuple(CodeBinding(ICD10CM, *each) for each in bindings)))


@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_a_code_with_everything_below_it_is_a_filter(version):
    made = value_set(make_view())
    assert made["compose"]["include"] == [
        {"system": ICD10CM, "version": "2026-04-01", "filter": [{"property": "concept", "op": "is-a", "value": "M61.0"}]}
    ]
    assert "M61.0 Myositis ossificans traumatica and every code below it" in made["text"]["div"]
    assert_valid(made, version)


def test_trees_and_single_codes_stand_in_includes_of_their_own():
    made = value_set(
        bound(
            ("M61.5", "self-and-descendants", "focus"),
            ("M61", "self", "focus"),
            ("M61.0", "self-and-descendants", "focus"),
            ("M61.9", "self", "focus"),
            ("C49", "self", "context"),
        )
    )
    first, second, third = made["compose"]["include"]
    assert [each["filter"][0]["value"] for each in (first, second)] == ["M61.5", "M61.0"]
    assert third["concept"] == [{"code": "M61"}, {"code": "M61.9"}]
    assert_valid(made)


def test_codes_of_other_systems_are_not_what_the_summary_is_about():
    assert "70917000" not in str(value_set(make_view()))
