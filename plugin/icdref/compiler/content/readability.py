"""How hard a patient text is to read, as a school grade: Flesch-Kincaid for English, Crawford for Spanish.

Both need only sentences, words and syllables. Syllables are counted by rules, not by a dictionary; on the texts here the
rules are within a few per cent of a count by hand, which moves a grade by a few tenths.
Sources: Kincaid et al. 1975 (Research Branch Report 8-75); Crawford 1984 (Lectura y Vida 5(4)).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_ENGLISH_WORD = re.compile(r"[a-zà-öø-ÿ]+(?:['’][a-z]+)?")
_SPANISH_WORD = re.compile(r"[a-záéíóúüñ]+")
_VOWEL_GROUP = re.compile(r"[aeiouyà-öø-ÿ]+")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)|\n\s*\n|\n(?=- )")
_MARKUP = re.compile(r"^## .*$|^- ", re.MULTILINE)
_LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")

_SILENT = (
    (re.compile(r"(?<=[sxzcg])es$|(?<=[sc]h)es$"), "is"),
    (re.compile(r"(?<=[^aeiouyl])es$|(?<=[aeiouy]l)es$"), "s"),
    (re.compile(r"(?<=[^tdaeiouy])ed$"), "d"),
    (re.compile(r"(?<=[^aeiouyl])e$|(?<=[aeiouy]l)e$"), ""),
    (re.compile(r"(?<=[^aeiouy])e(?=ly$|ment$|ful$|less$)"), ""),
)
"""Endings whose e is not sounded (needs, bones, healed, bone, safely), against those where it is (bruises, muscles, needed)."""

_HIATUS = re.compile(r"(?<![cgstx])ia|io(?!us|n)|iu|ea$|eo(?!p)|ua(?=[lt])|[aeou]ing|[iy]ing")
"""Neighbouring vowels that are two syllables, as in diabetes, area, usual and being."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The sentences, words and syllables of a text."""

    sentences: int
    words: int
    syllables: int


def grade(markdown: str, language: str) -> float | None:
    """Return the reading grade of a patient text; None for a language without a formula. An empty text has grade 0.

    >>> round(grade("The cat sat on the mat.", "en"), 1)
    -1.4
    """
    formula = _FORMULAS.get(language)
    if formula is None:
        return None
    counts = count(markdown, language)
    return formula(counts) if counts.words else 0.0


def count(markdown: str, language: str) -> Counts:
    """Return the counts of a text's paragraphs and lists; headings are labels, not sentences, and are left out."""
    text = _MARKUP.sub("\n\n", _LINK.sub(r"\1", markdown)).casefold()
    pattern, syllables = (_SPANISH_WORD, spanish_syllables) if language == "es" else (_ENGLISH_WORD, english_syllables)
    sentences = [words for part in _SENTENCE_END.split(text) if (words := pattern.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    return Counts(len(sentences), len(words), sum(map(syllables, words)))


def english_syllables(word: str) -> int:
    """Return the syllables of an English word in small letters.

    >>> [english_syllables(word) for word in ("bone", "muscle", "ossified", "needed", "hurts", "traumatic", "area")]
    [1, 2, 3, 2, 1, 3, 3]
    """
    stem = re.sub(r"['’].*", "", word)
    if len(stem) > 2:
        for ending, instead in _SILENT:
            stem = ending.sub(instead, stem)
    groups = len(_VOWEL_GROUP.findall(stem)) + len(_HIATUS.findall(stem))
    return max(1, groups)


def spanish_syllables(word: str) -> int:
    """Return the syllables of a Spanish word in small letters: strong vowels and accented weak ones are nuclei.

    >>> [spanish_syllables(word) for word in ("hueso", "músculo", "guitarra", "día", "cirugía", "muy", "quiere", "aéreo")]
    [2, 3, 3, 2, 4, 1, 2, 4]
    """
    sounded = re.sub(r"(?<=q)u(?=[eiéí])|(?<=g)u(?=[eiéí])", "", word)
    sounded = re.sub(r"y(?![aeiouáéíóúü])", "i", sounded)
    nuclei = 0
    for group in re.findall(r"[aeiouáéíóúü]+", sounded):
        strong = len(re.findall(r"[aeoáéóíú]", group))
        nuclei += max(1, strong)
    return max(1, nuclei)


def _flesch_kincaid(counts: Counts) -> float:
    return 0.39 * counts.words / counts.sentences + 11.8 * counts.syllables / counts.words - 15.59


def _crawford(counts: Counts) -> float:
    per_hundred = 100 / counts.words
    return -0.205 * counts.sentences * per_hundred + 0.049 * counts.syllables * per_hundred - 3.407


_FORMULAS: dict[str, Callable[[Counts], float]] = {"en": _flesch_kincaid, "es": _crawford}
