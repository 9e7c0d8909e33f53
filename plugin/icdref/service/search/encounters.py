"""Seventh characters that say which encounter: found through the code they extend, by the words of their meaning."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from icdref.language.fold import fold
from icdref.language.tokens import content_words
from icdref.service.search.slots import union
from icdref.store.search import SearchStore

WORDS: Final = frozenset(
    {"initial", "subsequent", "sequela", "open", "closed", "routine", "delayed", "healing", "nonunion", "malunion", "encounter"}
)
"""Words that may ask for an encounter; other words of the meanings (fracture, type) are too common to say anything."""

_SURE_FROM: Final = 5
"""Words of a meaning from which on it is sure that the end of a question is one."""

_MARKS: Final = re.compile(r"[^a-z0-9 ]")
_PLAIN_ENDING: Final = re.compile(r"[ ,]+(?:initial encounter|subsequent encounter|sequela) *\Z", re.IGNORECASE)
_PREFIX: Final = "seventh "


class Encounters:
    """The encounters of an edition. Each is the name of a set in the index: `seventh A initial encounter`."""

    def __init__(self, store: SearchStore) -> None:
        self._store = store

    @cached_property
    def every(self) -> dict[str, frozenset[str]]:
        """Return the name of every encounter with the words of its meaning."""
        names = (name for name in self._store.set_names() if name.startswith(_PREFIX))
        return {name: frozenset(content_words(meaning(name))) for name in names}

    @cached_property
    def taken(self) -> int:
        """Return the documents that take an encounter."""
        return union(self._store.named(name) for name in self.every)

    def named(self, text: str) -> frozenset[str]:
        """Return the encounters whose meaning has all words of a text that can ask for an encounter."""
        words = WORDS & set(content_words(text))
        return frozenset(name for name, known in self.every.items() if words and words <= known)

    @cached_property
    def _by_meaning(self) -> dict[str, frozenset[str]]:
        """Return the encounters by the end of a title that has their meaning, the longest first.

        Titles have it behind a comma. A long one is sure without: `open fracture type IIIA IIIB or IIIC with nonunion`.
        """
        by_ending: dict[str, frozenset[str]] = {}
        for text in sorted({fold(meaning(name)) for name in self.every}, key=lambda text: (-len(text), text)):
            names = frozenset(name for name in self.every if fold(meaning(name)) == text)
            by_ending[f", {text}"] = names
            if len(text.split()) >= _SURE_FROM:
                by_ending[f" {_plain(text)}"] = names
        return by_ending

    def at_the_end(self, text: str) -> tuple[str, frozenset[str]]:
        """Return a title without the full meaning of an encounter behind it, and the encounters of that meaning."""
        folded = " ".join(fold(text).split())
        plain = _plain(folded)
        for ending, names in self._by_meaning.items():
            if folded.endswith(ending):
                return folded.removesuffix(ending), names
            if not ending.startswith(",") and plain.endswith(ending):
                return plain.removesuffix(ending), names
        return text, frozenset()


def without_encounter(text: str) -> str:
    """Return a text without the plain name of an encounter at its end.

    >>> without_encounter("Contusion of right hip initial encounter")
    'Contusion of right hip'
    """
    return _PLAIN_ENDING.sub("", text)


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub(" ", text).split())


def character(name: str) -> str:
    """Return the seventh character of an encounter.

    >>> character("seventh A initial encounter")
    'A'
    """
    return name[len(_PREFIX)]


def meaning(name: str) -> str:
    """Return the meaning of an encounter.

    >>> meaning("seventh A initial encounter")
    'initial encounter'
    """
    return name[len(_PREFIX) + 2 :]
