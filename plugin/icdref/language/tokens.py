"""From text to words: what stands between blanks, with possessives, hyphens, slashes, numbers and commas settled."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from icdref.language.fold import fold, singular
from icdref.language.numerals import numeral

STOP_WORDS: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "due",
        "for",
        "from",
        "had",
        "has",
        "have",
        "having",
        "he",
        "her",
        "his",
        "i",
        "in",
        "is",
        "it",
        "its",
        "me",
        "my",
        "of",
        "on",
        "or",
        "our",
        "patient",
        "patients",
        "pt",
        "pts",
        "she",
        "that",
        "the",
        "their",
        "them",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "was",
        "we",
        "were",
        "with",
        "you",
        "your",
    ]
)
"""Words that carry no meaning of their own in a title or a question."""

COMMA: Final = ","
"""The token that stands for any mark between two parts of a sentence."""

_NUMBER_SIGN: Final = re.compile(r"# +(?=[a-z])")
_POSSESSIVE: Final = re.compile(r"'s\b")
_JOINED: Final = re.compile(r"\b(non|post|pre|anti|sub|multi|micro|hyper|hypo|intra|inter|peri|para|un|re|x)-(?=[a-z])")
_SHORTHAND: Final = r"(?<![a-z0-9/])(?:w/out|w/in|[a-z]{1,2}(?:/[a-z]{1,2})+)(?![a-z0-9/])"
_CODE: Final = r"(?=[a-z]{0,2}[0-9])[a-z][0-9a-z]{2}\.[0-9a-z]{1,4}(?![0-9a-z])"
_TOKEN: Final = re.compile(rf"{_CODE}|{_SHORTHAND}|\d+\.\d+|[a-z0-9]+|[,;:]")


class Token(NamedTuple):
    """One token of a text: `raw` as folded, `word` in the form that the index keeps."""

    raw: str
    word: str

    @property
    def stop(self) -> bool:
        """Tell whether it carries no meaning of its own; the I of "type I" is a number and does."""
        return self.word in STOP_WORDS


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text; commas and the like come as COMMA.

    >>> [token.word for token in tokens("Crohn's disease, non-ulcerative; 2nd-degree s/p T4")]
    ['crohn', 'disease', ',', 'nonulcerative', ',', '2', 'degree', 's/p', 't4']
    """
    plain = fold(text.replace("°", " degree ").replace("&", " and ").replace("#", " # "))
    plain = _NUMBER_SIGN.sub(" fracture ", plain)
    plain = _JOINED.sub(r"\1", _POSSESSIVE.sub("", plain).replace("'", ""))
    found: list[Token] = []
    before = ""
    for match in _TOKEN.finditer(plain):
        raw = match.group()
        word = COMMA if raw in ",;:" else _word(raw, before)
        found.append(Token(raw, word))
        before = raw
    return found


def content_words(text: str) -> list[str]:
    """Return the words of a text without stop words and commas, in order.

    >>> content_words("Fracture of the shafts of both femurs")
    ['fracture', 'shaft', 'both', 'femur']
    """
    return [token.word for token in tokens(text) if token.word != COMMA and not token.stop]


def bag_key(words: Iterable[str]) -> int:
    """Return a number that stands for a set of words, whatever their order: equal sets, equal numbers."""
    digest = hashlib.blake2b(" ".join(sorted(set(words))).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


@lru_cache(maxsize=32_768)
def _word(raw: str, before: str) -> str:
    digits = numeral(raw, before)
    return digits if digits != raw else singular(raw)
