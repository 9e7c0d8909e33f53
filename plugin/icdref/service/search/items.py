"""From a question to its tokens, with what an unknown one may stand for: a British spelling, a slip, two words in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from icdref.language.fold import singular
from icdref.language.small_words import NEGATING, SIDES
from icdref.language.tokens import COMMA, STOP_WORDS, Token, tokens
from icdref.service.search.phrases import Item, PhraseBook
from icdref.service.search.spelling import Correction, Speller

MOST_WORDS: Final = 32
"""Words of a question that are read; what comes after them is left out."""

_MIXED: Final = re.compile(r"\A(?:([a-z]{2,})(\d{1,2}[a-z]?)|(\d{1,2})([a-z]{3,}))\Z")
_SHORTEST_SPLIT: Final = 6
_SHORTEST_JOINED: Final = 6
_AS_TYPED: Final = 0.3
_PREFIXES: Final = frozenset({"non", "post", "pre", "anti", "sub", "hyper", "hypo", "intra", "peri", "para", "poly", "micro"})


class Itemiser:
    """Turns questions into items with the vocabulary of an edition."""

    def __init__(self, speller: Speller, book: PhraseBook) -> None:
        self._speller = speller
        self._book = book

    def items(self, text: str) -> list[Item]:
        """Return the items of a question, at most MOST_WORDS."""
        found = self._joined([part for token in tokens(text) for part in self._parts(token)][:MOST_WORDS])
        return [self._item(token, last=place == len(found) - 1) for place, token in enumerate(found)]

    def _joined(self, found: Sequence[Token]) -> list[Token]:
        """Return the tokens with two joined where only the one word is known: `non hodgkin`, `post concussion`, `in grown`."""
        joined: list[Token] = []
        for token in found:
            before = joined[-1] if joined else None
            both = f"{before.raw}{token.raw}" if before else ""
            if (
                before
                and both.isalpha()
                and len(both) >= _SHORTEST_JOINED
                and self._belong(before.raw, token.raw, singular(both))
            ):
                joined[-1] = Token(both, singular(both))
            else:
                joined.append(token)
        return joined

    def _belong(self, one: str, other: str, both: str) -> bool:
        if one in _PREFIXES:
            return self._speller.knows(both)
        if not self._speller.has(both) or one in SIDES or other in SIDES:
            return False
        apart = one in STOP_WORDS or not self._speller.has(singular(one)) or not self._speller.has(singular(other))
        return apart or any(phrase.codes for phrase in self._book.single(both))

    def _item(self, token: Token, *, last: bool) -> Item:
        if token.word == COMMA or token.stop:
            return Item(token.raw, (token.word,), stop=True, unfinished=last)
        if token.raw in SIDES or token.raw in NEGATING or self._speller.has(token.word):
            return Item(token.raw, (token.word,), unfinished=last)
        if spelling := self._speller.american(token.raw):
            return Item(token.raw, (spelling,), unfinished=last, corrected=True, slips=(0.0,))
        begins = bool(self._speller.words_beginning(token.raw, 1))
        near = () if begins and last else self._corrections(token)
        if begins or self._is_known(token):
            # It may be the beginning of a word, or of a known family; a slip only where it is a small one.
            near = tuple(each for each in near if each.slips <= 1)
            words, slips = (token.word, *(each.word for each in near)), (_AS_TYPED, *(each.slips for each in near))
            return Item(token.raw, words, False, last or begins, bool(near), slips if near else ())
        words, slips = tuple(each.word for each in near), tuple(each.slips for each in near)
        return Item(token.raw, words or (token.word,), False, last or not near, bool(near), slips)

    def _corrections(self, token: Token) -> tuple[Correction, ...]:
        """Return what a token may have been meant to be, as it is or without what looks like a plural: `pancreatits`."""
        near = self._speller.corrections(token.word)
        if token.word == token.raw:
            return near
        slips = {each.word: each for each in (*near, *self._speller.corrections(token.raw))}
        least = min((each.slips for each in slips.values()), default=0.0)
        as_typed = [each for each in self._speller.corrections(token.raw) if each.slips <= least]
        return tuple(dict.fromkeys((*as_typed, *near)))

    def _parts(self, token: Token) -> Iterator[Token]:
        """Yield a token, or its parts where nothing knows it as it is: `ckd3`, `n/v`, `bedsore`."""
        if other := next((phrase.texts[0] for phrase in self._book.written(token.raw) if phrase.kind == "spelling"), ""):
            yield from tokens(other)
        elif token.word == COMMA or self._is_known(token):
            yield token
        elif "/" in token.raw:
            yield from tokens(token.raw.replace("/", " "))
        elif match := _MIXED.match(token.raw):
            yield from tokens(" ".join(filter(None, match.groups())))
        elif both := self._split(token.raw):
            yield from tokens(both)
        else:
            yield token

    def _is_known(self, token: Token) -> bool:
        return token.raw in SIDES or token.raw in NEGATING or self._speller.knows(token.word)

    def _split(self, raw: str) -> str:
        """Return two known words written as one with a blank between them, '' where there are none."""
        if len(raw) < _SHORTEST_SPLIT or not raw.isalpha() or self._speller.american(raw):
            return ""
        if self._speller.words_beginning(raw, 1) or any(each.slips <= 1 for each in self._speller.corrections(raw)):
            return ""
        pairs = ((raw[:at], raw[at:]) for at in range(len(raw) - 3, 2, -1))
        return next((f"{a} {b}" for a, b in pairs if self._speller.has(singular(a)) and self._speller.has(singular(b))), "")
