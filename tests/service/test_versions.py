"""The versions of a summary: which there are, since when, and which of them withdrawal takes away."""

from __future__ import annotations

from datetime import date

import pytest

from icdref.config import Settings
from icdref.service.service import Service
from icdref.store.withdrawals import RESTORE, WITHDRAW, Event, Withdrawals
from tests.conftest import TODAY, Compiled
from tests.revised import DAYS, NAME, RESTS, keep, revised


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return revised(tmp_path_factory.mktemp("revised"))


def service(compiled: Compiled, *events: tuple[str, str, str], today: date = TODAY) -> Service:
    """Return a service after some events: (action, statement, instant)."""
    made = tuple(Event(action, statement, "a test", at, "nobody") for action, statement, at in events)
    return Service(compiled.edition, Settings(scrub_seconds=0), lambda: today, withdrawals=Withdrawals(made))


def listed(found: Service) -> list[tuple[str, str, str]]:
    return [(each.view.version, each.since, each.until) for each in found.knowledge.history(NAME)]


def instant(version: str) -> str:
    return f"{DAYS[version]}T00:00:00Z"


def test_versions_are_listed_newest_first_each_until_the_next(compiled: Compiled) -> None:
    assert listed(service(compiled)) == [
        ("0.10.0", instant("0.10.0"), ""),
        ("0.2.0", instant("0.2.0"), instant("0.10.0")),
        ("0.1.0", instant("0.1.0"), instant("0.2.0")),
    ]


def test_each_version_says_what_it_said_and_a_former_one_that_it_is_no_longer_current(compiled: Compiled) -> None:
    found = service(compiled)
    for version, text in RESTS.items():
        shown = found.knowledge.version(NAME, version)
        assert shown is not None
        texts = {statement.text for section in shown.view.sections for statement in section.statements}
        assert text in texts
        assert not texts & (set(RESTS.values()) - {text})
        former = f"This is the former version {version} of the text; the current one is 0.10.0."
        assert (former in shown.view.banner) is (version != "0.10.0")
    assert found.knowledge.version(NAME, "9.9.9") is None
    assert found.knowledge.version("nobody", "0.1.0") is None


def test_a_withdrawal_makes_a_new_version_and_takes_away_those_that_hold_the_statement(compiled: Compiled) -> None:
    found = service(compiled, (WITHDRAW, "bab.tx.1", "2026-08-01T09:00:00Z"))
    assert listed(found) == [("0.10.0-w1", "2026-08-01T09:00:00Z", "")]
    assert all(found.knowledge.versions.existed(NAME, each) for each in (*DAYS, "0.10.0-w1", "0.10.0-w7"))
    assert not found.knowledge.versions.existed(NAME, "0.3.0")


def test_restoring_brings_the_versions_back(compiled: Compiled) -> None:
    found = service(compiled, (WITHDRAW, "bab.tx.1", "2026-08-01T09:00:00Z"), (RESTORE, "bab.tx.1", "2026-08-02T10:00:00Z"))
    assert [each[:2] for each in listed(found)] == [
        ("0.10.0", "2026-08-02T10:00:00Z"),
        ("0.2.0", instant("0.2.0")),
        ("0.1.0", instant("0.1.0")),
    ]


def test_a_statement_of_another_summary_changes_nothing(compiled: Compiled) -> None:
    assert listed(service(compiled, (WITHDRAW, "oth.def.1", "2026-08-01T09:00:00Z"))) == listed(service(compiled))


def test_nothing_is_left_of_an_expired_summary(compiled: Compiled) -> None:
    assert service(compiled, today=date(2028, 11, 22)).knowledge.history(NAME)
    assert service(compiled, today=date(2028, 11, 23)).knowledge.history(NAME) == ()


def test_a_text_changed_since_its_release_has_a_version_of_its_own(cut, tmp_path) -> None:
    keep(cut)
    cut.edit(f"fixtures/conditions/{NAME}.toml", RESTS["0.1.0"], "Rest for 6 weeks comes before all.")
    found = Service(cut.compile(tmp_path / "data"), Settings(scrub_seconds=0), lambda: TODAY)
    now, before = found.knowledge.history(NAME)
    assert now.view.version.startswith("0.1.0-")
    assert before.view.version == "0.1.0"
    assert len({now.view.version, before.view.version}) == 2
