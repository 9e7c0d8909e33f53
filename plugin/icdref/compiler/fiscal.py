"""When a release is in force: fiscal years, mid-year updates, and what the validity table says about a set of codes."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date, timedelta

from icdref.importers.validity import HORIZON
from icdref.model import Validity
from icdref.service.release_diff import valid_on

_MID_YEAR = (date(2020, 4, 1), date(2021, 1, 1))
_APRIL_EVERY_YEAR_FROM = 2022


def fiscal_year(day: date) -> int:
    """Return the fiscal year of a day: it begins on 1 October of the calendar year before.

    >>> fiscal_year(date(2025, 10, 1)), fiscal_year(date(2026, 4, 1))
    (2026, 2026)
    """
    return day.year + (day.month >= 10)


def release_days(year: int) -> tuple[date, ...]:
    """Return the days of a fiscal year on which the publisher has released or, from 2022 on, releases every year.

    >>> [str(day) for day in release_days(2021)]
    ['2020-10-01', '2021-01-01']
    """
    days = [date(year - 1, 10, 1), *(day for day in _MID_YEAR if fiscal_year(day) == year)]
    return (*days, date(year, 4, 1)) if year >= _APRIL_EVERY_YEAR_FROM else tuple(days)


def last_day(effective: date) -> date:
    """Return the last day before the publisher's next release day.

    >>> str(last_day(date(2025, 10, 1))), str(last_day(date(2026, 4, 1)))
    ('2026-03-31', '2026-09-30')
    """
    year = fiscal_year(effective)
    later = [day for day in (*release_days(year), *release_days(year + 1)) if day > effective]
    return min(later) - timedelta(days=1)


def describe(effective: date) -> str:
    """Return what a release is called.

    >>> describe(date(2026, 4, 1)), describe(date(2025, 10, 1))
    ('fiscal year 2026, April 1, 2026 update', 'fiscal year 2026')
    """
    year = fiscal_year(effective)
    if (effective.month, effective.day) == (10, 1):
        return f"fiscal year {year}"
    return f"fiscal year {year}, {effective:%B} {effective.day}, {effective.year} update"


def span(billable: Set[str], validity: Sequence[Validity]) -> tuple[date, date] | None:
    """Return the first and last day on which exactly these codes were valid, None where there is none the table knows.

    The first day of the table means 'or earlier', as in the table itself.
    """
    life = {row.code: row for row in validity}
    if not billable or not all(code in life for code in billable):
        return None
    first = max(life[code].valid_from for code in billable)
    last = min((life[code].valid_to or HORIZON.last for code in billable), default=HORIZON.last)
    # Between these days each code is valid; other codes that are valid too rule a day out.
    begins = sorted({first, *(row.valid_from for row in validity if first < row.valid_from <= last)})
    ends = {row.valid_to + timedelta(days=1) for row in validity if row.valid_to and first <= row.valid_to < last}
    days = sorted({*begins, *ends})
    fitting = [day for day in days if day <= last and len(valid_on(validity, day)) == len(billable)]
    if not fitting:
        return None
    after = [day for day in days if day > fitting[-1]]
    return fitting[0], min(last, after[0] - timedelta(days=1)) if after else last


def candidates(billable: Set[str], validity: Sequence[Validity], year: int) -> tuple[date, ...]:
    """Return the release days on which these codes came into force or stayed in force, in a fiscal year (0: any)."""
    found = span(billable, validity)
    if found is None:
        return ()
    first, last = found
    years = [year] if year else range(fiscal_year(first), fiscal_year(last) + 1)
    days = [day for each in years for day in release_days(each)]
    if first == HORIZON.first:  # "or earlier": fiscal years 2014 to 2016 have the same codes
        return tuple(day for day in days if day <= last) if year else (date(2013, 10, 1), date(2014, 10, 1), date(2015, 10, 1))
    return tuple(day for day in days if first <= day <= last)
