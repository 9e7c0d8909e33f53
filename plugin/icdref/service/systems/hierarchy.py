"""The tree of a code system: who stands above and below whom, in an order that puts branches together.

A CodeSystem resource nests concepts, or names parents and children as properties, or both; a concept may have several
parents, and a careless one may stand above itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from icdref.service.systems.ordinals import Ordinals


@dataclass(frozen=True)
class Hierarchy:
    """Parents and children by ordinal. `order` maps an ordinal to the position of the concept in its resource."""

    order: tuple[int, ...]
    parents: tuple[tuple[int, ...], ...]
    children: tuple[tuple[int, ...], ...]

    @cached_property
    def is_flat(self) -> bool:
        """Tell whether no concept stands above another."""
        return not any(self.parents)

    def descendants(self, ordinal: int) -> Ordinals:
        """Return everything below a concept, without itself."""
        return Ordinals.of(self._reach(ordinal, self.children))

    def ancestors(self, ordinal: int) -> Ordinals:
        """Return everything above a concept, without itself."""
        return Ordinals.of(self._reach(ordinal, self.parents))

    def subsumes(self, above: int, below: int) -> bool:
        """Tell whether one concept is the other or stands above it."""
        return above == below or above in self._reach(below, self.parents)

    @staticmethod
    def _reach(start: int, links: tuple[tuple[int, ...], ...]) -> set[int]:
        found: set[int] = set()
        waiting = list(links[start])
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting += links[each]
        found.discard(start)
        return found


def hierarchy(links: Sequence[Sequence[int]]) -> Hierarchy:
    """Return the tree of concepts given by the positions of their parents, branches together, in order of definition.

    >>> hierarchy([(), (2,), ()]).order
    (0, 2, 1)
    """
    below: list[list[int]] = [[] for _ in links]
    for position, parents in enumerate(links):
        for parent in dict.fromkeys(parents):
            below[parent].append(position)
    order: list[int] = []
    seen = [False] * len(links)
    roots = [position for position, parents in enumerate(links) if not parents]
    for start in (*roots, *range(len(links))):  # the second round takes what stands in a circle
        waiting = [start]
        while waiting:
            each = waiting.pop()
            if not seen[each]:
                seen[each] = True
                order.append(each)
                waiting += reversed(below[each])
    ordinal = [0] * len(links)
    for place, position in enumerate(order):
        ordinal[position] = place
    return Hierarchy(
        tuple(order),
        tuple(tuple(ordinal[parent] for parent in dict.fromkeys(links[position])) for position in order),
        tuple(tuple(ordinal[child] for child in below[position]) for position in order),
    )
