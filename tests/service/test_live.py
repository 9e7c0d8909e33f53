"""A running process: it notices an activation, switches between two requests and never serves what is damaged."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from icdref.compiler.editions import activate, roll_back
from icdref.config import Settings
from icdref.issues import IcdRefError
from icdref.service.live import LiveService
from icdref.service.matching import Asked
from icdref.service.service import Service
from icdref.store.editions import CURRENT, MANIFEST, PREVIOUS, pointer
from icdref.store.index import INDEX_NAME
from tests.conftest import TODAY
from tests.cut import Cut

PATIENCE = 30.0
"""Seconds to wait for what happens well within one; only a test that fails waits that long."""


@pytest.fixture(scope="module")
def editions(tmp_path_factory) -> tuple[Path, str, str]:
    """A data directory with two editions that give one code different titles; nothing is activated."""
    folder = tmp_path_factory.mktemp("live")
    cut = Cut(folder)
    first = cut.compile(folder / "data")
    changed = cut.edit("codesets/icd-10-cm/2026-04-01/tabular.xml", "<desc>Cholera</desc>", "<desc>Kholera</desc>")
    return folder / "data", first.id, changed.compile(folder / "data").id


@pytest.fixture
def data(editions, tmp_path) -> Path:
    """A data directory of its own with both editions, the first one current."""
    source, first, _ = editions
    (tmp_path / "editions").mkdir()
    for edition in (source / "editions").iterdir():
        (tmp_path / "editions" / edition.name).mkdir()
        for path in edition.iterdir():
            copy = tmp_path / "editions" / edition.name / path.name
            copy.write_bytes(path.read_bytes())
    activate(tmp_path, first)
    return tmp_path


def live(data: Path, **settings) -> LiveService:
    return LiveService(Settings(**{"data": str(data), "scrub_seconds": 0} | settings), lambda: TODAY)


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def title(service: Service) -> str:
    return service.terminology.lookup("A00", version="2026").concept.display


def flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


def test_the_current_edition_answers_from_the_start(data, editions):
    service = live(data).now()
    assert (service.edition.id, service.degraded, title(service)) == (editions[1], "", "Cholera")


def test_an_activation_is_noticed_and_the_next_request_sees_it(data, editions):
    running = live(data)
    before = running.now()
    activate(data, editions[2])
    wait_until(lambda: running.now().edition.id == editions[2])
    assert title(running.now()) == "Kholera"
    assert (before.edition.id, title(before)) == (editions[1], "Cholera")


def test_a_roll_back_is_noticed_too(data, editions):
    activate(data, editions[2])
    running = live(data)
    assert running.now().edition.id == editions[2]
    roll_back(data)
    wait_until(lambda: running.now().edition.id == editions[1])


def test_a_process_that_nobody_asks_switches_too(data, editions):
    running = live(data)
    activate(data, editions[2])
    # Not by now(), which looks for itself.
    wait_until(lambda: running._service.edition.id == editions[2])
    assert running.now().edition.id == editions[2]


def test_where_nobody_watches_the_first_answer_after_a_long_time_is_of_the_current_edition(data, editions, monkeypatch):
    monkeypatch.setattr("icdref.service.live._watch", lambda _: None)  # as in a process that was forked
    running = live(data)
    activate(data, editions[2])
    running._looked -= 60
    assert running.now().edition.id == editions[2]


def test_a_service_that_is_gone_is_watched_no_more(data):
    def watching() -> int:
        return sum(thread.name == "icdref-watch" for thread in threading.enumerate())

    before = watching()
    running = live(data)
    assert watching() == before + 1
    del running
    wait_until(lambda: gc.collect() >= 0 and watching() <= before)


def test_one_service_never_mixes_two_editions(data, editions):
    running = live(data)
    titles = {editions[1]: "Cholera", editions[2]: "Kholera"}
    mixed: list[object] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            service = running.now()
            answers = [service.terminology.lookup("A00", version="2026") for _ in range(3)]
            knowledge = service.knowledge.for_codes([Asked("M61.00"), Asked("A00")])
            seen = {answer.choice.edition for answer in answers} | {trace.edition for trace in knowledge.traces}
            if seen != {service.edition.id} or {answer.concept.display for answer in answers} != {titles[service.edition.id]}:
                mixed.append(seen)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for identifier in (editions[2], editions[1], editions[2]):
            activate(data, identifier)
            wait_until(lambda wanted=identifier: running.now().edition.id == wanted)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert mixed == []


@pytest.mark.parametrize("name", [INDEX_NAME, MANIFEST])
def test_a_start_with_a_damaged_current_serves_previous_as_degraded(data, editions, name):
    activate(data, editions[2])
    flip(data / "editions" / editions[2] / name, 300)
    service = live(data).now()
    assert (service.edition.id, service.state) == (editions[1], "degraded")
    assert editions[2] in service.degraded
    assert title(service) == "Cholera"


def test_a_start_without_anything_to_serve_is_refused(data, editions):
    flip(data / "editions" / editions[1] / INDEX_NAME, 9000)
    with pytest.raises(IcdRefError) as caught:
        live(data)
    assert caught.value.issue.detail == "edition-damaged"


def test_a_damaged_activation_leaves_the_running_edition_in_place(data, editions):
    running = live(data)
    flip(data / "editions" / editions[2] / INDEX_NAME, 9000)
    (data / PREVIOUS).write_text(f"{editions[1]}\n", "ascii")
    (data / ".CURRENT.new").write_text(f"{editions[2]}\n", "ascii")
    (data / ".CURRENT.new").replace(data / CURRENT)  # as if the disk went bad between activation and now
    wait_until(lambda: running.now().state == "degraded")
    assert running.now().edition.id == editions[1]
    assert title(running.now()) == "Cholera"


def test_a_current_that_vanishes_or_turns_to_rubbish_is_survived(data, editions):
    activate(data, editions[2])
    running = live(data)
    (data / CURRENT).write_bytes(b"\xff\xff")
    wait_until(lambda: running.now().state == "degraded")
    assert running.now().edition.id == editions[1]
    activate(data, editions[2])
    wait_until(lambda: running.now().edition.id == editions[2])
    assert running.now().degraded == ""


def test_the_scrub_finds_a_disk_that_goes_bad_and_switches_away(data, editions):
    activate(data, editions[2])
    running = live(data, scrub_seconds=1)
    assert running.now().edition.id == editions[2]
    flip(data / "editions" / editions[2] / INDEX_NAME, 9000)
    wait_until(lambda: running.now().edition.id == editions[1])
    assert running.now().state == "degraded"
    assert pointer(data, CURRENT) == editions[2]


def test_the_scrub_marks_a_service_that_has_no_other_edition(data, editions):
    running = live(data, scrub_seconds=1)
    flip(data / "editions" / editions[1] / INDEX_NAME, 9000)
    wait_until(lambda: running.now().unservable)
    assert running.now().state == "degraded"
    flip(data / "editions" / editions[1] / INDEX_NAME, 9000)  # the scrub goes on, and would go on complaining
