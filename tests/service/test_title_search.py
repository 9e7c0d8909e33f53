"""Summaries by what has been typed so far of one of their names."""

import pytest

from icdref.service.title_search import by_beginning


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("fibrody", "fibrodysplasia-ossificans-progressiva"),
        ("Fibrodysplasia ossificans prog", "fibrodysplasia-ossificans-progressiva"),
        ("stone m", "fibrodysplasia-ossificans-progressiva"),
        ("münchm", "fibrodysplasia-ossificans-progressiva"),
        ("traumatic myo", "myositis-ossificans-traumatica"),
        ("neurogenic", "neurogenic-heterotopic-ossification"),
    ],
)
def test_the_beginning_of_a_name_finds_its_summary(full_service, typed, first):
    assert by_beginning(typed, full_service.knowledge.summaries)[0] == first


@pytest.mark.parametrize("typed", ["", "fi", "zzz", "<script>", "%"])
def test_too_little_or_nothing_known_finds_nothing(full_service, typed):
    assert by_beginning(typed, full_service.knowledge.summaries) == ()


def test_what_is_not_served_is_not_suggested(full):
    approved_only = full.service(lowest_status="approved")
    assert by_beginning("fibrodysplasia", approved_only.knowledge.summaries) == ()
