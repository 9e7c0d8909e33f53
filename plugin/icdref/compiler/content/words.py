"""Texts as plain words: folded for comparison, cut into runs, hashed, and split into sentences."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator

RUN_LENGTH = 8
"""Words in a row that no text of ours may share with a seed page (rule 18)."""

_WORD = re.compile(r"[^\W_]+")


def folded_words(text: str) -> list[str]:
    """Return the words of a text without case, accents and punctuation, for comparing texts.

    >>> folded_words("Münchmeyer's disease (O. m. b.)")
    ['munchmeyer', 's', 'disease', 'o', 'm', 'b']
    """
    # taken apart before and after folding: some letters change case only once they are plain, and some fold into accents
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return _WORD.findall("".join(char for char in folded if not unicodedata.combining(char)).casefold())


def runs(text: str, length: int = RUN_LENGTH) -> Iterator[str]:
    """Yield every run of `length` folded words of a text, joined by blanks.

    >>> list(runs("one two, Three", 2))
    ['one two', 'two three']
    """
    words = folded_words(text)
    for start in range(len(words) - length + 1):
        yield " ".join(words[start : start + length])


def hashed(run: str) -> str:
    """Return the 64-bit hash of a run, as 16 hexadecimal digits: enough to compare texts, and not the text itself."""
    return hashlib.blake2b(run.encode(), digest_size=8).hexdigest()


def holds_phrase(words: list[str], phrase: list[str]) -> bool:
    """Tell whether the folded words of a text hold the folded words of a phrase in a row.

    >>> holds_phrase(["a", "muscle", "angiogenesis"], ["muscle", "angiogenesis"])
    True
    """
    return bool(phrase) and f" {' '.join(phrase)} " in f" {' '.join(words)} "
