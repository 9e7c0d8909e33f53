from __future__ import annotations

from datetime import date

import pytest

from icdref.issues import IcdRefError
from icdref.service.releases import Releases, to_day


@pytest.fixture(scope="module")
def releases(small_service) -> Releases:
    return small_service.releases


@pytest.mark.parametrize(
    ("version", "found"),
    [
        ("2026-04-01", "2026-04-01"),
        ("2025-10-01", "2025-10-01"),
        ("2026", "2026-04-01"),
        ("FY2026", "2026-04-01"),
        ("fy2026", "2026-04-01"),
        ("2025", "2024-10-01"),
        ("FY2025", "2024-10-01"),
        ("2026-04", "2026-04-01"),
        ("2025-10", "2025-10-01"),
        (" 2026 ", "2026-04-01"),
    ],
)
def test_a_release_is_named_by_its_date_its_month_or_its_fiscal_year(releases, version, found):
    choice = releases.choose(version, None, date(2030, 1, 1))
    assert (choice.release.version, choice.method, choice.issues) == (found, "version", ())
    assert choice.day == choice.release.effective_from


@pytest.mark.parametrize(
    "version",
    ["2024", "FY2027", "2027", "2025-04-01", "2025-04", "2026-04-02", "2026-4", "26", "latest", "FY26", "2026-10", "٢٠٢٦", "1"],
)
def test_an_unknown_version_lists_the_known_ones(releases, version):
    with pytest.raises(IcdRefError) as caught:
        releases.choose(version, None, date(2026, 11, 22))
    issue = caught.value.issue
    assert (issue.detail, issue.expression, issue.tx) == ("unknown-version", "version", "not-found")
    assert issue.text.endswith("Valid versions: 2024-10-01, 2025-10-01, 2026-04-01")


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2024, 10, 1), "2024-10-01"),
        (date(2025, 9, 30), "2024-10-01"),
        (date(2025, 10, 1), "2025-10-01"),
        (date(2026, 3, 31), "2025-10-01"),
        (date(2026, 4, 1), "2026-04-01"),
        (date(2026, 9, 30), "2026-04-01"),
        (date(2026, 10, 1), "2026-04-01"),
        (date(2099, 1, 1), "2026-04-01"),
    ],
)
def test_on_a_day_the_newest_release_that_had_begun_answers(releases, day, found):
    choice = releases.choose("", day, date(2020, 1, 1))
    assert (choice.release.version, choice.method, choice.day) == (found, "date", day)
    assert not [issue for issue in choice.issues if issue.detail == "no-release-for-date"]


@pytest.mark.parametrize("day", [date(2024, 9, 30), date(2015, 10, 1), date(1990, 1, 1)])
def test_before_the_first_release_the_oldest_answers_and_says_so(releases, day):
    choice = releases.choose("", day, date(2026, 11, 22))
    assert choice.release.version == "2024-10-01"
    (issue,) = (issue for issue in choice.issues if issue.detail == "no-release-for-date")
    assert issue.severity == "warning"
    assert (day.isoformat() in issue.text, "2024-10-01" in issue.text) == (True, True)


def test_without_version_and_day_it_is_today(releases):
    choice = releases.choose("", None, date(2025, 11, 1))
    assert (choice.release.version, choice.method, choice.day) == ("2025-10-01", "today", date(2025, 11, 1))


def test_a_version_wins_over_a_day(releases):
    choice = releases.choose("2025-10-01", date(2026, 5, 1), date(2026, 5, 1))
    assert (choice.release.version, choice.method) == ("2025-10-01", "version")


def test_every_choice_names_the_edition(releases, small):
    for version, day in (("2026", None), ("", date(2026, 1, 1)), ("", None)):
        assert releases.choose(version, day, date(2026, 11, 22)).edition == small.edition.id


@pytest.mark.parametrize(("today", "stale"), [(date(2026, 9, 30), False), (date(2026, 10, 1), True), (date(2026, 1, 1), False)])
def test_the_installed_releases_are_stale_once_the_newest_has_ended(releases, today, stale):
    assert releases.is_stale(today) is stale


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2026-10-01T00:00:00Z", date(2026, 10, 1)),
        ("2026-09-30T23:59:59-05:00", date(2026, 9, 30)),
        ("2026-10-01T00:30+02:00", date(2026, 10, 1)),
        ("2026-10-01T10:20:30.123Z", date(2026, 10, 1)),
        ("2026-10-01T10:20:30", date(2026, 10, 1)),
    ],
)
def test_the_day_of_a_date_or_time_is_the_one_written(text, day):
    assert to_day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        *("2026", "2026-10", "2026-02-29", "2026-13-01", "2026-10-32", "20261001", "10/01/2026", "2026-10-1", "2026-10-01T", ""),
        *(
            "2026-10-01 10:20",
            "2026-10-01T25:00",
            "2026-10-01T10",
            "2026-W40-4",
            "today",
            "٢٠٢٦-١٠-٠١",
            "2026-10-01\n",
            " 2026-10-01",
        ),
        *("0000-01-01", "2026-10-01T10:20:30.1234567890Z", "2026-10-01T10:20+25:00", "2026-10-01T10:20:61Z"),
    ],
)
def test_what_is_no_day_is_refused_with_what_would_be_right(text):
    with pytest.raises(IcdRefError, match="write YYYY-MM-DD") as caught:
        to_day(text, "effectiveTime")
    assert (caught.value.issue.detail, caught.value.issue.expression) == ("malformed-date", "effectiveTime")
