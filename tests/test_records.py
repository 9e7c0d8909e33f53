from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from icdref.model import ConditionSummary, PatientText
from icdref.records import from_record, to_record
from tests.compiler.content.good import good_summary

SUMMARY = good_summary()

patient_texts = st.builds(PatientText, target_grade=st.floats(allow_nan=False, allow_infinity=False))
summaries = st.builds(ConditionSummary, patient_texts=st.lists(patient_texts, max_size=2).map(tuple))


def record() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(to_record(SUMMARY)))
    return made


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(summaries)
def test_the_round_trip_through_json_is_exact(summary: ConditionSummary) -> None:
    assert from_record(json.loads(json.dumps(to_record(summary)))) == summary


def test_dates_are_iso_texts_and_tuples_are_lists() -> None:
    review = record()["review"]
    assert review["authors"][0]["date"] is None
    assert all(isinstance(value, str | int | list | type(None)) for value in review.values())


def test_a_record_does_not_share_its_title_with_the_summary() -> None:
    made = to_record(SUMMARY)
    made["title"]["en"] = "changed"
    assert SUMMARY.title["en"] != "changed"


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("id",), 7, "summary.id is int, not a str"),
        (("statements",), "x", "summary.statements is str, not a list"),
        (("statements", 0), None, "summary.statements[0] is not a record of Statement (no table)"),
        (("statements", 0, "window"), {"from_weeks": 1}, "summary.statements[0].window is not a record of Window (to_weeks)"),
        (("statements", 0, "review_by"), "soon", "summary.statements[0].review_by is str, not a date"),
        (("attributes", "release_date"), None, "summary.attributes.release_date is NoneType, not a date"),
        (("review", "review_interval_months"), True, "summary.review.review_interval_months is bool, not a int"),
        (("title",), {"en": 1}, "summary.title is dict, not a table of texts"),
        (("extra",), 1, "summary is not a record of ConditionSummary (extra)"),
    ],
)
def test_another_shape_is_refused_with_its_place(path: tuple[Any, ...], value: Any, says: str) -> None:
    made: Any = record()
    inner = made
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(ValueError) as error:
        from_record(made)
    assert str(error.value) == says
