"""Numbers written as words, ordinals or Roman numerals, as digits: `second`, `2nd`, `II` and `two` are all `2`."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = {
    **dict(
        zip(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
            map(str, range(1, 13)),
            strict=True,
        )
    ),
    **dict(
        zip(
            [
                "first",
                "second",
                "third",
                "fourth",
                "fifth",
                "sixth",
                "seventh",
                "eighth",
                "ninth",
                "tenth",
                "eleventh",
                "twelfth",
            ],
            map(str, range(1, 13)),
            strict=True,
        )
    ),
}
_ROMAN: Final = {
    roman: str(number)
    for number, roman in enumerate(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii"], 1)
}  # fmt: skip
_ROMAN_LETTERED: Final = re.compile(r"\A(ii|iii|iv|vi|vii|viii|ix)([abc])\Z")
_ORDINAL: Final = re.compile(r"\A(\d{1,2})(?:st|nd|rd|th)\Z")
_AMBIGUOUS: Final = frozenset({"i", "v", "x"})
_CUES: Final = frozenset(
    [
        "type",
        "class",
        "stage",
        "grade",
        "degree",
        "bipolar",
        "factor",
        "group",
        "nerve",
        "grades",
        "stages",
        "types",
        "classes",
        "mucopolysaccharidosis",
        "category",
    ]
)


def numeral(word: str, before: str = "") -> str:
    """Return a number as digits, other words unchanged; `before` is the word before it, which tells I, V and X apart.

    >>> [numeral(word) for word in ("second", "2nd", "iii", "iiib", "x", "hip")]
    ['2', '2', '3', '3b', 'x', 'hip']
    >>> numeral("i", "type"), numeral("i", "have")
    ('1', 'i')
    """
    if word in _WORDS:
        return _WORDS[word]
    if word in _ROMAN:
        return _ROMAN[word] if word not in _AMBIGUOUS or before in _CUES else word
    if match := _ORDINAL.match(word):
        return match.group(1)
    if match := _ROMAN_LETTERED.match(word):
        return _ROMAN[match.group(1)] + match.group(2)
    return word
