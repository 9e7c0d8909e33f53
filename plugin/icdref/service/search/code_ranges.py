"""Codes by how they begin, with or without the dot: the documents below, in the order of the book."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from icdref import codes
from icdref.store.concepts import ConceptStore
from icdref.store.search import SearchStore

_BEGINNING: Final = re.compile(r"\A[A-Z](?=[0-9A-Z]?[0-9])[0-9A-Z]{1,2}(?:\.?[0-9A-Z]{0,4})?\.?[*-]?\Z", re.IGNORECASE)
_LONGEST: Final = 9
_THIRD: Final = string.digits + string.ascii_uppercase


@dataclass(frozen=True, slots=True)
class CodeRange:
    """Documents whose codes begin alike, in book order; `seventh` is set where the beginning reaches into encounters."""

    beginning: str
    numbers: Sequence[int] = ()
    seventh: frozenset[str] | None = None


class CodeRanges:
    """Finds codes by their beginning in one edition."""

    def __init__(self, store: SearchStore, concepts: ConceptStore) -> None:
        self._store = store
        self._concepts = concepts

    def find(self, text: str, release: int) -> CodeRange:
        """Return the documents whose codes begin with a text, none where the text is no beginning of a code.

        `M60-M63` is all of a block. A wrong code gives none, too: what it may have been meant to be is for the caller.
        """
        typed = text.strip().upper()
        if codes.is_block(typed):
            return CodeRange(typed, self._below(typed, release))
        if len(typed) > _LONGEST or not typed.isascii() or not _BEGINNING.match(typed):
            return CodeRange("")
        bare = codes.without_dot(typed.rstrip(".*-"))
        beginning = codes.with_dot(bare)
        if len(bare) == 2:
            return CodeRange(beginning, [number for third in _THIRD for number in self._below(bare + third, release)])
        if numbers := self._below(beginning, release):
            return CodeRange(beginning, numbers)
        return self._inside(bare, beginning, release)

    def _below(self, code: str, release: int) -> Sequence[int]:
        """Return the documents of a code, block or chapter and all below it, in book order."""
        stored = self._concepts.concept(code, release)
        if stored is None or (self._store.number(code, release) is None and not codes.is_block(code)):
            return ()
        return self._store.numbers_between(stored.position, stored.last)

    def _inside(self, bare: str, beginning: str, release: int) -> CodeRange:
        """Return what a beginning that is no code itself reaches: codes further down, or one code with encounters."""
        for length in range(len(bare) - 1, 2, -1):
            above = codes.with_dot(bare[:length])
            stored = self._concepts.concept(above, release)
            if stored is None:
                continue
            numbers = [
                number
                for number in self._store.numbers_between(stored.position, stored.last)
                if self._store.code(number).startswith(beginning)
            ]
            if numbers:
                return CodeRange(beginning, numbers)
            extended = [child for child in stored.children if child.startswith(beginning)]
            number = self._store.number(above, release)
            if extended and number is not None:
                return CodeRange(beginning, (number,), frozenset(child[-1] for child in extended))
            return CodeRange("")
        return CodeRange("")
