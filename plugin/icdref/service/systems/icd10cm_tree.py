"""A release of ICD-10-CM as sets of concepts: whole, by level, by what is in force on a day. Worked out once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from itertools import accumulate

from icdref.model import Kind
from icdref.service.systems.ordinals import Ordinals
from icdref.store.trees import BILLABLE, LATERALITIES, NO_PARENT, OWN_BLOCK, Tree


class ReleaseTree:
    """The sets of one release on one day. `day` None: the release as such, in which every code is in force.

    A code that only the validity table knows is in force by its date; it has an ordinal past those of the tree and stands
    below the longest beginning of its own that the tree has.
    """

    def __init__(self, tree: Tree, day: date | None) -> None:
        self.tree = tree
        self._day = day.toordinal() if day else 0

    @cached_property
    def everything(self) -> Ordinals:
        """Return every code, those without title too: chapters and blocks are none."""
        return self.listed | self.titleless

    @cached_property
    def listed(self) -> Ordinals:
        """Return every code that the release has, in tabular order."""
        return Ordinals.span(0, len(self.tree)) - self.abstract

    @cached_property
    def abstract(self) -> Ordinals:
        """Return the chapters and blocks."""
        return Ordinals.of(at for at in range(len(self.tree)) if self.tree.kind(at) in (Kind.CHAPTER, Kind.BLOCK))

    @cached_property
    def titleless(self) -> Ordinals:
        """Return the codes in force that the release does not have: valid, without title."""
        if not self._day:
            return Ordinals()
        size, first, last = len(self.tree), self.tree.beyond_from, self.tree.beyond_to
        return Ordinals.of(size + at for at in range(len(first)) if _holds(first[at], last[at], self._day))

    @cached_property
    def billable(self) -> Ordinals:
        """Return the codes that a claim may carry, in force or not."""
        return self.marked(BILLABLE) | self.titleless

    @cached_property
    def inactive(self) -> Ordinals:
        """Return the codes that are not in force. A header is in force as long as one billable code below it is."""
        if not self._day:
            return Ordinals()
        tree, day = self.tree, self._day
        holds = [_holds(first, last, day) for first, last in zip(tree.valid_from, tree.valid_to, strict=True)]
        below = list(accumulate(map(int, holds), initial=0))
        return Ordinals.of(at for at in range(len(tree)) if below[tree.ends[at]] == below[at])

    @cached_property
    def leaves(self) -> Ordinals:
        """Return the concepts with nothing below them."""
        ends = self.tree.ends
        return Ordinals.of(at for at in range(len(self.tree)) if ends[at] == at + 1) | self.titleless

    @cached_property
    def own_blocks(self) -> Ordinals:
        """Return the categories that are a block of their own."""
        return self.marked(OWN_BLOCK)

    def children(self, ordinal: int) -> list[int]:
        """Return the concepts directly below, codes without title last."""
        if ordinal >= len(self.tree):
            return []
        return [*self.tree.children(ordinal), *(at for at in self.titleless if self.parent(at) == ordinal)]

    def has_ended(self, ordinal: int) -> bool:
        """Tell whether a code's last day has passed; a header and a code whose first day is to come have no last day."""
        last = self.tree.valid_to[ordinal] if ordinal < len(self.tree) else 0
        return bool(last) and last < self._day

    def marked(self, mark: int) -> Ordinals:
        """Return the concepts of the tree that carry a mark."""
        return Ordinals.of(at for at, marks in enumerate(self.tree.marks) if marks & mark)

    def of_kind(self, kind: str) -> Ordinals:
        """Return the concepts of a level."""
        return Ordinals.of(at for at in range(len(self.tree)) if self.tree.kind(at) == kind)

    def on_side(self, side: str) -> Ordinals:
        """Return the codes whose title names a side."""
        if side not in LATERALITIES[1:]:
            return Ordinals()
        number = LATERALITIES.index(side)
        return Ordinals.of(at for at, found in enumerate(self.tree.sides) if found == number)

    def at_sites(self, wanted: Callable[[str], bool]) -> Ordinals:
        """Return the codes whose title gives a body site that is wanted."""
        numbers = {number for number, name in enumerate(self.tree.site_names) if name and wanted(name)}
        return Ordinals.of(at for at, site in enumerate(self.tree.sites) if site in numbers)

    def branch(self, ordinal: int) -> Ordinals:
        """Return a concept and everything below it."""
        if ordinal >= len(self.tree):
            return Ordinals.of((ordinal,))
        own = Ordinals.span(ordinal, self.tree.ends[ordinal])
        return own | Ordinals.of(at for at in self.titleless if (above := self.parent(at)) is not None and above in own)

    def parent(self, ordinal: int) -> int | None:
        """Return the concept directly above, None for a chapter and for a new code whose category is new too."""
        tree = self.tree
        if ordinal < len(tree):
            return None if tree.parents[ordinal] == NO_PARENT else tree.parents[ordinal]
        code = tree.beyond[ordinal - len(tree)]
        beginnings = (code[:length].rstrip(".") for length in range(len(code) - 1, 2, -1))
        return next((at for each in beginnings if (at := tree.places.get(each)) is not None and at < len(tree)), None)

    def ancestors(self, ordinal: int) -> list[int]:
        """Return the concepts above, nearest first."""
        found: list[int] = []
        above = self.parent(ordinal)
        while above is not None:
            found.append(above)
            above = self.parent(above)
        return found

    def chapter(self, ordinal: int) -> int | None:
        """Return the chapter that a concept stands in, itself for a chapter; None in a release without chapters."""
        top = (self.ancestors(ordinal) or [ordinal])[-1]
        return top if top < len(self.tree) and self.tree.kind(top) == Kind.CHAPTER else None

    def block(self, ordinal: int) -> int | None:
        """Return the block that a concept stands in: its own category where that is a block of its own."""
        path = [at for at in (ordinal, *self.ancestors(ordinal)) if at < len(self.tree)]
        own = next((at for at in path if self.tree.marks[at] & OWN_BLOCK), None)
        return own if own is not None else next((at for at in path if self.tree.kind(at) == Kind.BLOCK), None)

    def code(self, ordinal: int) -> str:
        """Return the code of a concept."""
        size = len(self.tree)
        return self.tree.codes[ordinal] if ordinal < size else self.tree.beyond[ordinal - size]

    def place(self, code: str) -> int | None:
        """Return the ordinal of a code; None where neither the release has it nor is it in force on the day."""
        found = self.tree.places.get(code)
        return found if found is None or found < len(self.tree) or found in self.titleless else None

    def places(self, codes: Iterable[str]) -> Ordinals:
        """Return the ordinals of the codes among these that there are."""
        return Ordinals.of(at for code in codes if (at := self.place(code)) is not None)


def _holds(first: int, last: int, day: int) -> bool:
    return bool(first) and first <= day and (not last or day <= last)
