"""Counters of the requests of all workers, and their text for Prometheus.

A request costs a few additions to words of shared memory (0.6 µs); everything else happens when somebody asks. Labels are
route templates, methods and status classes, never a value that a client sent.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from icdref.server.shared import FIRST_FREE, WORDS, SharedMemory

if TYPE_CHECKING:
    from prometheus_client import Metric

Series = tuple[str, str, int]
"""What one set of counters is about: route template, method, first digit of the status."""

BOUNDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5)
"""Upper bounds of the latency buckets, in seconds; the last bucket has none."""

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""The methods that have a label of their own; any other word that a client sends is counted as 'other'."""

_BUCKETS = len(BOUNDS) + 1
_NANOSECONDS, _HITS, _BYTES, _COUNTERS = _BUCKETS, _BUCKETS + 1, _BUCKETS + 2, _BUCKETS + 3
_NAME_WORDS = 16
_SERIES_WORDS = 32
_CAPACITY = (WORDS - FIRST_FREE) // _SERIES_WORDS
_OVERFLOW: Final = ("(others)", "other", 0)


@dataclass(slots=True)
class Tally:
    """The counters of one series, summed over the workers."""

    counters: list[int] = field(default_factory=lambda: [0] * _COUNTERS)

    @property
    def requests(self) -> int:
        """Return how many requests were counted."""
        return sum(self.counters[:_BUCKETS])

    @property
    def buckets(self) -> list[int]:
        """Return the requests per latency bucket, not cumulative."""
        return self.counters[:_BUCKETS]

    @property
    def seconds(self) -> float:
        """Return the time that all requests took together."""
        return self.counters[_NANOSECONDS] / 1e9

    @property
    def hits(self) -> int:
        """Return how many requests the cache answered."""
        return self.counters[_HITS]

    @property
    def sent(self) -> int:
        """Return the bytes of all bodies together."""
        return self.counters[_BYTES]

    def add(self, other: list[int]) -> None:
        """Add the counters of another worker or series."""
        self.counters = [mine + theirs for mine, theirs in zip(self.counters, other, strict=True)]


class Metrics:
    """The counters of this worker, and the sums of all."""

    def __init__(self, memory: SharedMemory | None = None) -> None:
        self._memory = memory or SharedMemory()
        self._words = self._memory.words
        self._places: dict[Series, int] = dict(self._series(self._memory.slot))

    def observe(self, route: str, method: str, status: int, seconds: float, sent: int, *, hit: bool) -> None:
        """Count one request: `sent` bytes of body in `seconds`; `hit` when the cache answered.

        `route` is a template and `method` one of METHODS or 'other': both become labels.
        """
        place = self._places.get((route, method, status // 100)) or self._place(route, method, status // 100)
        words = self._words
        words[place + bisect_left(BOUNDS, seconds)] += 1
        words[place + _NANOSECONDS] += int(seconds * 1e9)
        words[place + _BYTES] += sent
        if hit:
            words[place + _HITS] += 1

    def totals(self) -> dict[Series, Tally]:
        """Return the counters of every series, summed over all workers."""
        totals: dict[Series, Tally] = {}
        for slot in range(self._memory.slots):
            for series, place in self._series(slot):
                totals.setdefault(series, Tally()).add(list(self._words[place : place + _COUNTERS]))
        return totals

    def exposition(self, edition: str = "") -> tuple[bytes, str]:
        """Return the metrics as text, and its media type."""
        # Imported at the first scrape: a server that nobody scrapes saves the memory.
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415
        from prometheus_client.exposition import CONTENT_TYPE_LATEST  # noqa: PLC0415

        registry = CollectorRegistry()
        registry.register(_Collector(lambda: _families(self.totals(), self._memory, edition)))
        return generate_latest(registry), CONTENT_TYPE_LATEST

    def _place(self, route: str, method: str, status: int) -> int:
        """Return the words of a series seen for the first time, those of '(others)' once there is no more room."""
        series = (route, method, status)
        name = "\t".join(map(str, series)).encode()
        number = len(self._places)
        if len(name) > _NAME_WORDS * 8 or number >= _CAPACITY - 1:
            series, name = _OVERFLOW, "\t".join(map(str, _OVERFLOW)).encode()
            number = _CAPACITY - 1
        place = self._places.get(series)
        if place is None:
            begin = self._memory.base + FIRST_FREE + number * _SERIES_WORDS
            self._memory.bytes[begin * 8 : begin * 8 + len(name)] = name
            place = begin + _NAME_WORDS
            self._places[series] = place
        return place

    def _series(self, slot: int) -> Iterator[tuple[Series, int]]:
        first = self._memory.part(slot) + FIRST_FREE
        for begin in range(first, first + _CAPACITY * _SERIES_WORDS, _SERIES_WORDS):
            name = bytes(self._memory.bytes[begin * 8 : (begin + _NAME_WORDS) * 8]).rstrip(b"\0")
            if name.count(b"\t") == 2:
                route, method, status = name.decode().split("\t")
                yield (route, method, int(status)), begin + _NAME_WORDS


class _Collector:
    """What prometheus_client asks for: an object with `collect`."""

    def __init__(self, families: Callable[[], Iterator[Metric]]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """Yield every family of metrics."""
        return self._families()


def _families(totals: dict[Series, Tally], memory: SharedMemory, edition: str) -> Iterator[Metric]:
    from prometheus_client.core import (  # noqa: PLC0415
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
    )

    requests = CounterMetricFamily("icdref_requests", "Requests answered", labels=("route", "method", "status"))
    by_route: dict[str, Tally] = {}
    for (route, method, status), tally in sorted(totals.items()):
        requests.add_metric((route, method, f"{status}xx"), tally.requests)
        by_route.setdefault(route, Tally()).add(tally.counters)
    yield requests
    latency = HistogramMetricFamily("icdref_request_seconds", "From the request to its answer", labels=("route",))
    hits = CounterMetricFamily("icdref_cache_hits", "Requests answered from the cache", labels=("route",))
    sent = CounterMetricFamily("icdref_sent_bytes", "Bytes of the bodies answered", labels=("route",))
    bounds = [*map(str, BOUNDS), "+Inf"]
    for route, tally in by_route.items():
        buckets = list(zip(bounds, accumulate(tally.buckets), strict=True))
        latency.add_metric((route,), buckets, sum_value=tally.seconds)
        hits.add_metric((route,), tally.hits)
        sent.add_metric((route,), tally.sent)
    yield from (latency, hits, sent)
    starts = CounterMetricFamily("icdref_worker_starts", "Workers started, those that replaced a dead one included")
    starts.add_metric((), memory.starts)
    yield starts
    info = GaugeMetricFamily("icdref_edition_info", "The edition that is served", labels=("edition",))
    info.add_metric((edition,), 1)
    yield info
