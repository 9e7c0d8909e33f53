"""The ranked search of codes, restricted to a set of concepts: the same order for every page, the total always right.

Search knows documents, and for each document the seventh characters that extend it; a set of concepts is turned into the
documents that are in it, by seventh character.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property, lru_cache

from icdref import codes
from icdref.model import Release
from icdref.results import ReleaseChoice, SearchResult
from icdref.service.search.code_search import CodeSearch, Only
from icdref.service.systems.icd10cm_tree import ReleaseTree
from icdref.service.systems.ordinals import Ordinals
from icdref.service.systems.protocol import Ranked
from icdref.store.bits import from_numbers
from icdref.store.trees import Tree

_PAGE = 10_000


class Documents:
    """Where the concepts of a release stand in the search index. Worked out at the first search within a part of them."""

    def __init__(self, search: CodeSearch, tree: Tree, release: Release) -> None:
        self._search = search
        self._tree = tree
        self._release = release

    @cached_property
    def places(self) -> list[tuple[int, str]]:
        """Return (document, seventh character) of every concept of the tree; -1 for what no search finds."""
        tree, numbers = self._tree, self._search.numbers(self._release)
        found: list[tuple[int, str]] = []
        for ordinal, code in enumerate(tree.codes):
            number = numbers.get(code, -1)
            if number < 0 and ordinal and tree.parents[ordinal] < ordinal:
                base = found[tree.parents[ordinal]][0]
                extends = base >= 0 and codes.pad_seventh(tree.codes[tree.parents[ordinal]], code[-1]) == code
                found.append((base, code[-1]) if extends else (-1, ""))
            else:
                found.append((number, ""))
        return found


class RankedSearch:
    """Searches within sets of one release. The documents of the last few sets are kept: requests repeat theirs."""

    def __init__(self, search: CodeSearch, documents: Documents, sets: ReleaseTree, choice: ReleaseChoice) -> None:
        self._search = search
        self._documents_of = documents
        self._sets = sets
        self._choice = choice
        self._known = lru_cache(maxsize=32)(self._documents)
        self._last: tuple[Ordinals, dict[str, int]] | None = None

    def search(self, text: str, within: Ordinals, offset: int = 0, count: int | None = None) -> Ranked:
        """Return what a text finds within a set, best first; `count` None: all from `offset` on."""
        members = self._only(within)
        found, total = self._search.codes(text, members, self._choice, offset, _PAGE if count is None else count)
        while count is None and offset + len(found) < total:
            more, _ = self._search.codes(text, members, self._choice, offset + len(found), _PAGE)
            found += more
        return Ranked(tuple(place for code in found if (place := self._sets.place(code)) is not None), total)

    def explained(self, text: str, within: Ordinals, offset: int, count: int) -> SearchResult:
        """Return a page of what a text finds within a set, with the reasons."""
        return self._search.search(text, count=count, offset=offset, only=self._only(within), choice=self._choice)

    def _only(self, within: Ordinals) -> Only:
        return Only(every_encounter=True, among=None if within == self._whole else self._within(within))

    @cached_property
    def _whole(self) -> Ordinals:
        return self._sets.listed

    def _within(self, within: Ordinals) -> dict[str, int]:
        """Return the documents of a set. Filters hand out the same object again and again; hashing a large one takes 1 ms."""
        last = self._last
        if last is None or last[0] is not within:
            self._last = last = (within, self._known(within))
        return last[1]

    def _documents(self, within: Ordinals) -> dict[str, int]:
        by_seventh: dict[str, list[int]] = defaultdict(list)
        places = self._documents_of.places
        for ordinal in within & Ordinals.span(0, len(places)):
            number, seventh = places[ordinal]
            if number >= 0:
                by_seventh[seventh].append(number)
        return {seventh: from_numbers(numbers) for seventh, numbers in by_seventh.items()}
