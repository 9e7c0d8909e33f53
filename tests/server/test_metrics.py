"""Counters in shared memory: summed over workers, bounded, never going backwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from icdref.server import shared
from icdref.server.metrics import BOUNDS, Metrics
from icdref.server.shared import SharedMemory


@pytest.fixture
def path(tmp_path: Path) -> Path:
    shared.create(tmp_path / "workers", 2)
    return tmp_path / "workers"


def observe(metrics: Metrics, route: str = "/a", count: int = 1, seconds: float = 0.0002, *, hit: bool = False) -> None:
    for _ in range(count):
        metrics.observe(route, "GET", 200, seconds, 10, hit=hit)


def test_requests_are_counted_by_route_method_and_class_of_status() -> None:
    metrics = Metrics()
    observe(metrics, count=3)
    observe(metrics, hit=True)
    metrics.observe("/a", "GET", 304, 0.5, 0, hit=True)
    metrics.observe("/a", "POST", 422, 99.0, 7, hit=False)
    totals = metrics.totals()
    assert {series: tally.requests for series, tally in totals.items()} == {
        ("/a", "GET", 2): 4,
        ("/a", "GET", 3): 1,
        ("/a", "POST", 4): 1,
    }
    assert totals["/a", "GET", 2].hits == 1
    assert totals["/a", "GET", 2].sent == 40
    assert totals["/a", "GET", 2].seconds == pytest.approx(0.0008)
    assert totals["/a", "POST", 4].buckets == [0] * len(BOUNDS) + [1]


def test_the_counters_of_all_workers_are_summed_and_outlive_them(path: Path) -> None:
    # Locks are per process, so two maps in one process share a slot: what a worker that replaces a dead one does.
    first = Metrics(SharedMemory(path))
    observe(first, count=2)
    successor = Metrics(SharedMemory(path))
    observe(successor, count=3)
    observe(successor, "/b")
    assert {series[0]: tally.requests for series, tally in successor.totals().items()} == {"/a": 5, "/b": 1}


def test_series_beyond_the_room_are_counted_together() -> None:
    metrics = Metrics()
    for number in range(1000):
        observe(metrics, f"/route/{number}")
    observe(metrics, "/" + "long" * 100)
    totals = metrics.totals()
    assert len(totals) < 300
    assert sum(tally.requests for tally in totals.values()) == 1001
    assert totals["(others)", "other", 0].requests > 700


def test_the_text_is_what_prometheus_reads() -> None:
    from prometheus_client.parser import text_string_to_metric_families

    metrics = Metrics()
    observe(metrics, '/odd"route\\', count=2, hit=True)
    observe(metrics, "/b", seconds=9.0)
    text, media_type = metrics.exposition("abc")
    assert media_type.startswith("text/plain")
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }
    assert samples["icdref_requests_total", ("method", "GET"), ("route", '/odd"route\\'), ("status", "2xx")] == 2
    assert samples["icdref_cache_hits_total", ("route", '/odd"route\\')] == 2
    assert samples["icdref_request_seconds_bucket", ("le", "2.5"), ("route", "/b")] == 0
    assert samples["icdref_request_seconds_bucket", ("le", "+Inf"), ("route", "/b")] == 1
    assert samples["icdref_request_seconds_sum", ("route", "/b")] == 9
    assert samples["icdref_edition_info", ("edition", "abc")] == 1
    assert samples[("icdref_worker_starts_total",)] == 1


def test_the_one_that_completes_the_workers_announces_once(path: Path) -> None:
    memory = SharedMemory(path)
    assert (memory.workers, memory.slots) == (2, 6)
    assert not memory.mark_ready()
    memory.words[memory.part(1)] = 1  # another worker became ready meanwhile
    assert memory.mark_ready()
    assert not memory.mark_ready()
    assert shared.times_ready(path) == 3


def test_one_process_without_a_launcher_is_complete_by_itself() -> None:
    memory = SharedMemory()
    assert (memory.slots, memory.starts) == (1, 1)
    assert memory.mark_ready()


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"something else entirely" * 10)
    assert SharedMemory(other).slots == 1
    assert other.read_bytes() == b"something else entirely" * 10
