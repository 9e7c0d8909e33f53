"""The numbers in a text, whether written as digits or words, and whether a percentage follows from its two numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

_CODE = re.compile(r"\b[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?\b-?")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[a-záéíóúüñ]+(?:-[a-z]+)?")

_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty"
)
_SPANISH = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete"
    " dieciocho diecinueve veinte"
)
_TENS = {
    "en": "thirty forty fifty sixty seventy eighty ninety hundred",
    "es": "treinta cuarenta cincuenta sesenta setenta ochenta noventa cien",
}
_WORDS = {
    language: {word: str(value) for value, word in enumerate(small.split())}
    | {word: str(value) for value, word in zip(range(30, 110, 10), _TENS[language].split(), strict=True)}
    for language, small in (("en", _ENGLISH), ("es", _SPANISH))
}
_ARTICLES = {"one", "uno", "una", "un"}
"""Words that count only sometimes ("one of the muscles"); they are left out where a text is held against its sources."""


def numbers(text: str, language: str, *, articles: bool = True) -> set[str]:
    """Return the numbers of a text in one spelling: no separators, a point before decimals, no trailing zeros.

    Codes such as M61.05 are no numbers. `articles=False` leaves out the word "one".

    >>> sorted(numbers("In 1,295 people (3.50%) after six weeks, M61.05", "en"))
    ['1295', '3.5', '6']
    >>> sorted(numbers("En 1.295 personas (3,5 %), dos meses", "es"))
    ['1295', '2', '3.5']
    """
    bare = _CODE.sub(" ", text)
    found = {_normal(digits, language) for digits in _DIGITS.findall(bare)}
    words = _WORDS.get(language, {})
    for word in _WORD.findall(bare.casefold()):
        if articles or word not in _ARTICLES:
            found |= _spelt(word, words)
    return found


def _normal(digits: str, language: str) -> str:
    thousands, point = (".", ",") if language == "es" else (",", ".")
    if re.fullmatch(rf"\d{{1,3}}(?:\{thousands}\d{{3}})+(?:\{point}\d+)?", digits):
        digits = digits.replace(thousands, "")
    parts = digits.replace(",", ".").split(".")
    value = Decimal(parts[0] if len(parts) == 1 else f"{parts[0]}.{''.join(parts[1:])}")
    return f"{value.normalize():f}"


def _spelt(word: str, words: dict[str, str]) -> set[str]:
    if word in words:
        return {words[word]}
    tens, _, ones = word.partition("-")
    if tens in words and ones in words:
        return {str(int(words[tens]) + int(words[ones]))}
    return {words[part] for part in (tens, ones) if part in words}


_NUMBER = r"(\d{1,3}(?:,\d{3})+|\d+)"
_PERCENT = r"(\d+(?:\.\d+)?) ?%"
_PART_OF_WHOLE = (
    re.compile(rf"{_NUMBER} of (?:the |all )?{_NUMBER}\b[^()%.;]{{0,60}}\({_PERCENT}"),
    re.compile(rf"{_NUMBER}/{_NUMBER} \({_PERCENT}"),
)
_PERCENT_FIRST = re.compile(rf"{_PERCENT}[^()%.;]{{0,40}}\((?:[a-z ]*)?{_NUMBER}(?: of (?:the |all )?|/){_NUMBER}\b")


def wrong_percentages(text: str) -> Iterator[tuple[str, str]]:
    """Yield each passage whose percentage does not follow from its numbers, with the percentage that does.

    Half a unit of the last printed digit is allowed, whichever way it was rounded.

    >>> list(wrong_percentages("98 of 2,979 (3.5%) and 30 of 32 athletes (94%)"))
    [('98 of 2,979 (3.5%', '3.3')]
    """
    for pattern in _PART_OF_WHOLE:
        for match in pattern.finditer(text):
            part, whole, percent = match.groups()
            yield from _unless_right(match.group(), part, whole, percent)
    for match in _PERCENT_FIRST.finditer(text):
        percent, part, whole = match.groups()
        yield from _unless_right(match.group(), part, whole, percent)


def _unless_right(passage: str, part: str, whole: str, percent: str) -> Iterator[tuple[str, str]]:
    total = Decimal(whole.replace(",", ""))
    digits = len(percent.partition(".")[2])
    if not total:
        yield passage, "no number at all"
        return
    right = 100 * Decimal(part.replace(",", "")) / total
    if abs(right - Decimal(percent)) > Decimal("0.5") / 10**digits:
        yield passage, f"{right:.{digits}f}"
