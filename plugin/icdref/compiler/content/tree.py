"""What the rules ask of a release: does a code exist, what stands above it, which billable codes stand below it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from icdref.model import Concept


class Tree(Protocol):
    """The hierarchy of one ICD-10-CM release, codes with their dot; blocks and chapters may be included."""

    def exists(self, code: str) -> bool:
        """Tell whether the release has the code."""
        ...

    def ancestors(self, code: str) -> Sequence[str]:
        """Return the codes above a code, nearest first."""
        ...

    def billable_below(self, code: str) -> Sequence[str]:
        """Return the billable codes at or below a code."""
        ...

    def billable_codes_of(self, category: str) -> Sequence[str]:
        """Return all billable codes of a category."""
        ...


class ConceptTree:
    """The hierarchy of concepts in memory, as an importer yields them, in book order."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self._parents: dict[str, str] = {}
        self._children: defaultdict[str, list[str]] = defaultdict(list)
        self._billable: set[str] = set()
        for concept in concepts:
            self._parents[concept.code] = concept.parent
            self._children[concept.parent].append(concept.code)
            if concept.billable:
                self._billable.add(concept.code)

    def exists(self, code: str) -> bool:
        """Tell whether the concepts have the code."""
        return code in self._parents

    def ancestors(self, code: str) -> Sequence[str]:
        """Return the codes above a code, nearest first; an unknown code has none."""
        found: list[str] = []
        while code := self._parents.get(code, ""):
            found.append(code)
        return found

    def billable_below(self, code: str) -> Sequence[str]:
        """Return the billable codes at or below a code, in book order."""
        return list(self._walk(code))

    def billable_codes_of(self, category: str) -> Sequence[str]:
        """Return all billable codes of a category, in book order."""
        return self.billable_below(category)

    def _walk(self, code: str) -> Iterator[str]:
        if code in self._billable:
            yield code
        for child in self._children.get(code, ()):
            yield from self._walk(child)
