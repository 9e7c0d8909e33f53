"""The picture of a code's validity is to scale, and says the same in words."""

from datetime import date

import pytest

from icdref.model import Validity, ValidityHorizon
from icdref.web.pages.timeline import WIDTH, timeline

HORIZON = ValidityHorizon(date(2015, 10, 1), date(2027, 3, 31))


def picture(first: date, last: date | None, day: date = date(2026, 11, 22)):
    return timeline(Validity("A00.0", first, last), HORIZON, day, is_today=False)


def test_without_validity_there_is_no_picture():
    assert timeline(None, HORIZON, date(2026, 1, 1), is_today=True) is None


def test_a_code_of_all_times_fills_the_line():
    found = picture(date(2015, 10, 1), None)
    assert found.bar[0] + found.bar[1] == pytest.approx(WIDTH - 6, abs=0.2)
    assert (found.opens, found.closes) == (True, True)


def test_the_bar_is_to_scale():
    half = date(2015, 10, 1) + (HORIZON.last - HORIZON.first) / 2
    assert picture(half, None).bar[1] == pytest.approx((WIDTH - 12) / 2, abs=0.5)


def test_a_code_that_was_valid_for_days_can_still_be_seen():
    assert picture(date(2020, 4, 1), date(2020, 4, 2)).bar[1] >= 2


@pytest.mark.parametrize("day", [date(2014, 1, 1), date(2027, 4, 1)])
def test_a_day_that_the_table_does_not_reach_is_not_marked(day):
    assert picture(date(2015, 10, 1), None, day).mark is None


def test_the_words_name_the_last_day_and_the_day_asked():
    words = picture(date(2018, 10, 1), date(2020, 9, 30)).words
    assert words == "Valid from 2018-10-01 to 2020-09-30; not valid on 2026-11-22."


def test_labels_do_not_run_over_the_edge():
    assert picture(date(2015, 10, 1), None, date(2027, 3, 1)).mark_anchor == "end"
    assert picture(date(2015, 10, 1), None, date(2015, 10, 2)).mark_anchor == "start"
