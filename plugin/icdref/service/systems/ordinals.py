"""Sets of concepts of one code system, as ranges of their positions: counted, combined and paged without listing them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate


@dataclass(frozen=True)
class Ordinals:
    """A set of positions, in ascending order. `starts` and `ends` bound its ranges: ends lie one past, no two ranges touch.

    A branch of a tree in pre-order is one range, so that is-a costs the same for 1 and for 98,186 concepts.

    >>> branch = Ordinals.span(10, 20) - Ordinals.of([12])
    >>> len(branch), 12 in branch, branch.page(1, 3)
    (9, False, (11, 13, 14))
    """

    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    @classmethod
    def span(cls, start: int, end: int) -> Ordinals:
        """Return the positions from `start` up to, not including, `end`."""
        return cls((start,), (end,)) if start < end else cls()

    @classmethod
    def of(cls, positions: Iterable[int]) -> Ordinals:
        """Return the set of some positions, given in any order, repeats allowed."""
        return cls.joined((position, position + 1) for position in sorted(positions))

    @classmethod
    def joined(cls, ranges: Iterable[tuple[int, int]]) -> Ordinals:
        """Return the set of ranges (start, end) that come in ascending order of start; they may touch and overlap."""
        starts: list[int] = []
        ends: list[int] = []
        for start, end in ranges:
            if start >= end:
                continue
            if ends and start <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)
        return cls(tuple(starts), tuple(ends))

    @cached_property
    def _sizes(self) -> list[int]:
        """Return how many positions lie before each range, and last how many there are: a set is counted and paged often."""
        return list(accumulate((end - start for start, end in zip(self.starts, self.ends, strict=True)), initial=0))

    def __len__(self) -> int:
        return self._sizes[-1]

    def __bool__(self) -> bool:
        return bool(self.starts)

    def __contains__(self, position: int) -> bool:
        place = bisect_right(self.starts, position)
        return place > 0 and position < self.ends[place - 1]

    def __iter__(self) -> Iterator[int]:
        for start, end in zip(self.starts, self.ends, strict=True):
            yield from range(start, end)

    def __or__(self, other: Ordinals) -> Ordinals:
        return Ordinals.joined(sorted((*zip(self.starts, self.ends, strict=True), *zip(other.starts, other.ends, strict=True))))

    def __and__(self, other: Ordinals) -> Ordinals:
        few, many = (self, other) if len(self.starts) <= len(other.starts) else (other, self)
        if len(few.starts) == 1 and many.starts and few.starts[0] <= many.starts[0] and many.ends[-1] <= few.ends[0]:
            return many
        starts: list[int] = []
        ends: list[int] = []
        for start, end in zip(few.starts, few.ends, strict=True):
            first, last = bisect_right(many.ends, start), bisect_left(many.starts, end)
            if first < last:
                starts += many.starts[first:last]
                ends += many.ends[first:last]
                starts[first - last] = max(starts[first - last], start)
                ends[-1] = min(ends[-1], end)
        return Ordinals(tuple(starts), tuple(ends))

    def __sub__(self, other: Ordinals) -> Ordinals:
        if not self.starts:
            return self
        return self & other.outside(self.starts[0], self.ends[-1])

    def outside(self, start: int, end: int) -> Ordinals:
        """Return the positions from `start` to `end` that are not in this set."""
        edges = Ordinals.span(start, end) & self
        return Ordinals.joined(zip((start, *edges.ends), (*edges.starts, end), strict=True))

    @cached_property
    def _clipped(self) -> dict[int, Ordinals]:
        return {}

    def below(self, end: int) -> Ordinals:
        """Return the positions below `end`: always the same object, so that what was worked out from it is found again."""
        if end not in self._clipped:
            self._clipped[end] = self & Ordinals.span(0, end)
        return self._clipped[end]

    def page(self, offset: int, count: int) -> tuple[int, ...]:
        """Return at most `count` positions from the `offset`th on; past the end there are none."""
        sizes = self._sizes
        place = max(bisect_right(sizes, offset) - 1, 0)
        found: list[int] = []
        skipped = offset - sizes[place]
        while place < len(self.starts) and len(found) < count:
            first = self.starts[place] + skipped
            found += range(first, min(self.ends[place], first + count - len(found)))
            place, skipped = place + 1, 0
        return tuple(found)
