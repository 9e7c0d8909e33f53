from __future__ import annotations

from datetime import date

import pytest

from icdref.config import Settings
from icdref.service.service import Service, utc_today


@pytest.mark.parametrize(
    ("today", "state"), [(date(2026, 4, 1), "fresh"), (date(2026, 9, 30), "fresh"), (date(2026, 10, 1), "stale")]
)
def test_a_service_is_fresh_until_its_newest_release_has_ended(small, today, state):
    assert small.service(today).state == state


def test_a_service_of_another_edition_than_the_current_one_is_degraded(small):
    assert Service(small.edition, Settings(), lambda: date(2026, 10, 1), "CURRENT is damaged").state == "degraded"


def test_today_is_asked_anew_for_every_answer(small):
    days = iter([date(2026, 9, 30), *[date(2026, 10, 1)] * 100])
    service = Service(small.edition, Settings(), lambda: next(days))
    assert service.terminology.lookup("M72.2").active is True
    assert service.terminology.lookup("M72.2").active is False


def test_the_vendored_edition_is_stale_today_and_still_answers(full_service):
    assert full_service.state == "stale"
    assert full_service.terminology.lookup("M61.569").active is True


def test_today_is_the_day_in_utc():
    assert isinstance(utc_today(), date)
