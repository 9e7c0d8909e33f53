"""Activating editions under load, with a real server: no answer fails, none mixes two editions, roll back restores the bytes."""

from __future__ import annotations

import threading
import time

import pytest

from icdref.compiler.editions import activate, roll_back
from tests.cut import Cut
from tests.server.serving import running

pytestmark = pytest.mark.slow

SWITCHES = 20
PATHS = ("/fhir/r4/CodeSystem/$lookup?code=A00.0&version=2025-10-01", "/fhir/r4/CodeSystem/$validate-code?code=M61.00")
NOTICED_SECONDS = 15


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A data directory with two editions that answer differently; the first is current."""
    folder = tmp_path_factory.mktemp("activation")
    cut = Cut(folder)
    first = cut.compile(folder / "data")
    name = "codesets/icd-10-cm/2025-10-01/tabular.xml"
    cut.edit(name, "Cholera due to Vibrio cholerae 01, biovar cholerae", "Cholera of the second edition")
    second = cut.compile(folder / "data")
    activate(folder / "data", first.id)
    return folder / "data", first.id, second.id


def until(server, path, wanted):
    """Return the body of the first answer of an edition, waiting until the server has noticed the switch."""
    end = time.monotonic() + NOTICED_SECONDS
    while time.monotonic() < end:
        answer = server.ask(path)
        if wanted.encode() in answer.body:
            return answer.body
        time.sleep(0.05)
    raise AssertionError(f"edition {wanted} never answered")


def test_no_answer_fails_or_mixes_editions_while_they_are_switched(two, tmp_path):
    data, first, second = two
    with running(tmp_path, "icdref.web.app:create_app", data=data, workers=2, scrub_seconds=0) as server:
        known = {path: {until(server, path, first)} for path in PATHS}
        activate(data, second)
        for path in PATHS:
            known[path].add(until(server, path, second))
        assert all(len(bodies) == 2 for bodies in known.values())
        wrong: list[tuple[str, int, bytes]] = []
        asked = [0]
        done = threading.Event()

        def poll(path):
            while not done.is_set():
                answer = server.ask(path)
                asked[0] += 1
                if answer.status != 200 or answer.body not in known[path]:
                    wrong.append((path, answer.status, answer.body[:200]))

        threads = [threading.Thread(target=poll, args=(path,)) for path in PATHS * 2]
        for thread in threads:
            thread.start()
        try:
            for number in range(SWITCHES):
                activate(data, (first, second)[number % 2])
                time.sleep(0.6)  # a worker has noticed by then
        finally:
            done.set()
            for thread in threads:
                thread.join()
    assert wrong == []
    assert asked[0] > SWITCHES


def test_a_roll_back_restores_every_byte(two, tmp_path):
    data, first, second = two
    activate(data, first)
    with running(tmp_path, "icdref.web.app:create_app", data=data, workers=1, scrub_seconds=0) as server:
        before = [until(server, path, first) for path in PATHS]
        activate(data, second)
        between = [until(server, path, second) for path in PATHS]
        roll_back(data)
        after = [until(server, path, first) for path in PATHS]
    assert before == after
    assert all(old != new for old, new in zip(before, between, strict=True))
