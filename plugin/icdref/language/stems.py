"""Stems: what words of one family have in common, for matching that ranks below the word itself."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

# Longest first. What is left must keep four letters, so short words stay whole. Harmless where it joins too much, because
# a word of the same stem always ranks below the word asked.
_SUFFIXES: Final = tuple(
    sorted(
        [
            "ization",
            "isation",
            "ications",
            "ication",
            "ational",
            "ional",
            "ations",
            "ation",
            "atically",
            "ically",
            "atory",
            "ative",
            "atous",
            "atic",
            "ating",
            "iated",
            "ated",
            "ates",
            "ition",
            "itive",
            "ical",
            "ious",
            "eous",
            "iety",
            "ions",
            "ion",
            "ive",
            "iva",
            "ivum",
            "atica",
            "ing",
            "ity",
            "ies",
            "ied",
            "ous",
            "ant",
            "ent",
            "ans",
            "ancy",
            "ency",
            "ance",
            "ence",
            "ment",
            "able",
            "ible",
            "ate",
            "ish",
            "ism",
            "ary",
            "ory",
            "ial",
            "ian",
            "ium",
            "ia",
            "al",
            "ic",
            "ed",
            "es",
            "y",
            "a",
            "e",
            "o",
        ],
        key=len,
        reverse=True,
    )
)
_SHORTEST: Final = 4


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return the stem of a singular word.

    >>> len({stem(word) for word in ("infection", "infected", "infective", "infectious", "infect")})
    1
    >>> stem("allergy") == stem("allergic"), stem("trauma") == stem("traumatic"), stem("hip")
    (True, True, 'hip')
    """
    if len(word) <= _SHORTEST or not word.isalpha():
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST:
            word = word[: -len(suffix)]
            break
    return word[:-1] if len(word) > _SHORTEST and word[-1] == word[-2] else word
