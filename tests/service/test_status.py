from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.model import ConditionSummary
from icdref.service.status import Status, banner, served_status, text_is_served
from tests.compiler.content.good import good_summary

SUMMARY = good_summary()

DRAFT = "Draft: written by the software's authors, not reviewed by a clinician."


def summary(status: str, *, due: date | None = None, expires: date | None = None) -> ConditionSummary:
    return replace(SUMMARY, status=status, review=replace(SUMMARY.review, next_review_due=due, expires=expires))


DUE = date(2028, 11, 22)
EXPIRY = date(2029, 11, 22)


@pytest.mark.parametrize(
    ("given_status", "day", "served", "shown"),
    [
        ("draft", DUE, "draft", DRAFT),
        ("draft", date(2029, 1, 1), "draft", DRAFT),
        ("draft", EXPIRY, "draft", DRAFT),
        ("draft", date(2029, 11, 23), "expired", ""),
        ("in-review", DUE, "in-review", f"{DRAFT} Review in progress."),
        ("in-review", date(2029, 11, 23), "expired", ""),
        ("approved", date(2026, 1, 1), "approved", ""),
        ("approved", DUE, "approved", ""),
        ("approved", date(2028, 11, 23), "stale", "Review overdue since 2028-11-22."),
        ("approved", EXPIRY, "stale", "Review overdue since 2028-11-22."),
        ("approved", date(2029, 11, 23), "expired", ""),
        ("retired", date(2026, 1, 1), "retired", ""),
        ("retired", date(2029, 11, 23), "retired", ""),
    ],
)
def test_the_calendar_makes_stale_and_expired(given_status: str, day: date, served: str, shown: str) -> None:
    each = summary(given_status, due=DUE, expires=EXPIRY)
    assert served_status(each, day) == served
    assert banner(each, day) == shown
    assert text_is_served(each, day) is (served not in {"expired", "retired"})


@given(st.sampled_from(["draft", "in-review", "approved", "retired"]), st.dates())
def test_without_dates_the_status_never_changes(status: str, day: date) -> None:
    assert served_status(summary(status), day) == status


@given(
    st.sampled_from(["draft", "in-review", "approved"]),
    st.none() | st.dates(),
    st.none() | st.dates(),
    st.dates(),
    st.dates(),
)
def test_time_only_takes_trust_away(status: str, due: date | None, expires: date | None, one: date, other: date) -> None:
    each = summary(status, due=due, expires=expires)
    order = [Status(status), Status.STALE, Status.EXPIRED]
    early, late = sorted((one, other))
    assert order.index(served_status(each, early)) <= order.index(served_status(each, late))


@given(st.sampled_from(["draft", "in-review"]), st.dates())
def test_what_no_clinician_has_reviewed_always_says_so(status: str, day: date) -> None:
    each = summary(status, expires=EXPIRY)
    assert banner(each, day).startswith(DRAFT) is text_is_served(each, day)


def test_a_status_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="final"):
        served_status(summary("final"), DUE)
