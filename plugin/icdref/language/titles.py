"""What a title says, word by word: what it is about, what it rules out, and how much each word narrows it."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from icdref.language.tokens import COMMA, Token, tokens

NEGATORS: Final = frozenset(["without", "not", "no", "w/o", "w/out"])
"""Words after which a title or a question rules something out."""

NOT = "!"
"""What stands before a word that is ruled out."""

_SCOPE_ENDS: Final = frozenset({COMMA, "with", "but", "on", "in", "due", "of"})
# "without loss of consciousness" rules out all of it, "without foreign body of hand" only the foreign body.
_CARRY_ON: Final = frozenset(["loss", "evidence", "mention", "rupture", "signs", "diagnosis", "involvement", "disruption"])
NOT_RULED_OUT: Final = frozenset(["elsewhere", "otherwise", "stated", "applicable", "resuscitate"])
"""What follows a "not" that rules nothing out: "not elsewhere classified"."""
_ENCLOSED: Final = re.compile(r"(\([^()]*\)|\[[^\[\]]*\])")
_DIGIT: Final = re.compile(r"[0-9]")
_PHRASE_END: Final = re.compile(r"[,;:]")
_SPINE_RANGE: Final = re.compile(r"\b([CTLS])(\d{1,2})-(?:\1)?(\d{1,2})\b")
_DECIMAL_RANGE: Final = re.compile(r"\b(\d{2})\.0-(\d{2})\.9\b")
_STAGE_RANGE: Final = re.compile(r"\bstage (\d) through stage (\d)\b")
_NUMBERED: Final = frozenset(["type", "stage", "degree", "trimester", "grade", "class", "bipolar"])

_BURDEN: Final = {
    word: burden
    for burden, listed in (
        (0.1, "unspecified nos nec elsewhere classified classifiable site uncomplicated type"),
        (0.25, "part side encounter condition specified stated region"),
        (0.3, "right left bilateral"),
        (0.5, "other adult current disorder disease syndrome male female"),
        # Words that put a title into another setting: who does not say them does not mean it.
        (1.5, "congenital secondary screening exposure contact juvenile family familial neoplastic drug induced"),
        (3.0, "subsequent"),
        (2.0, "history sequela following postprocedural intraoperative tuberculous syphilitic gonococcal complicating donor"),
        (3.0, "pregnancy childbirth puerperium newborn neonatal maternal fetus fetal obstetric"),
    )
    for word in listed.split()
}
_ENCLOSED_BURDEN: Final = 0.1
_TYPE_BURDEN: Final = 0.3
_NEGATED_BURDEN: Final = 0.15


@dataclass(frozen=True, slots=True)
class Analysis:
    """The words of a title: `burden` says for each word how much it narrows the title, together `total`."""

    burden: dict[str, float]
    total: float
    literal: tuple[str, ...]
    loose: tuple[str, ...]


def analyse(title: str) -> Analysis:
    """Return the words of a title or inclusion term.

    `literal` are all words, `loose` those that stand in no brackets and are not "unspecified" or NOS; ruled-out words begin
    with NOT. Numbers appear beside what they count, too (`stage#3`), and ranges of vertebrae one by one.

    >>> analysis = analyse("Type 1 diabetes mellitus with ketoacidosis without coma")
    >>> analysis.literal
    ('type', '1', 'diabetes', 'mellitus', 'ketoacidosis', '!coma')
    >>> analyse("Laceration without foreign body of hand").literal
    ('laceration', '!foreign', '!body', 'hand')
    >>> analyse("Essential (primary) hypertension").loose
    ('essential', 'hypertension')
    >>> [word for word in analyse("Complete lesion at T2-T4 level").burden if word.startswith("t")]
    ['t2', 't4', 't3']
    """
    burden: dict[str, float] = {}
    literal: list[str] = []
    loose: list[str] = []
    total = 0.0
    for word, enclosed in _words(title):
        if word not in burden:
            burden[word] = _TYPE_BURDEN if literal[-1:] == ["type"] else _burden(word, enclosed=enclosed)
            total += burden[word]
        literal.append(word)
        if not enclosed and _BURDEN.get(word, 1.0) > 0.1:
            loose.append(word)
    if _DIGIT.search(" ".join(literal)):  # few have one
        for word in (*_numbered(literal), *_ranged(title)):
            total -= burden.get(word, 0.0)
            burden[word] = 0.0
    return Analysis(burden, total, tuple(literal), tuple(loose))


def numbered(cue: str, number: str) -> str:
    """Return the word for a number beside what it counts, '' where they do not belong together.

    >>> numbered("stage", "3b"), numbered("2", "degree"), numbered("of", "3")
    ('stage#3b', 'degree#2', '')
    """
    if cue in _NUMBERED and number[:1].isdigit():
        return f"{cue}#{number}"
    if number in _NUMBERED and cue[:1].isdigit():
        return f"{number}#{cue}"
    return ""


def burden_of(word: str) -> float:
    """Return how much a word narrows a title that it stands in.

    >>> burden_of("hip"), burden_of("unspecified"), burden_of("pregnancy"), burden_of("!coma")
    (1.0, 0.1, 3.0, 0.15)
    """
    return _NEGATED_BURDEN if word.startswith(NOT) else _BURDEN.get(word, 1.0)


def _burden(word: str, *, enclosed: bool) -> float:
    return min(_ENCLOSED_BURDEN, burden_of(word)) if enclosed else burden_of(word)


def _words(title: str) -> Iterator[tuple[str, bool]]:
    """Yield the words of a title in order, with whether they stand in brackets."""
    negated = False
    for part in _ENCLOSED.split(title):
        enclosed = part[:1] in ("(", "[")
        for number, phrase in enumerate(_PHRASE_END.split(part)):
            words, negated = _phrase_words(phrase, negated=negated and not number)
            for word in words:
                yield word, enclosed


@lru_cache(maxsize=8_192)
def _phrase_words(phrase: str, *, negated: bool) -> tuple[tuple[str, ...], bool]:
    """Return the words of a phrase, and whether what follows it is ruled out, too: titles next to each other share most phrases.

    `negated` tells that what stands before rules it out. No comma stands in a phrase, and none matters for a word beyond it.
    """
    words: list[str] = []
    found = tokens(phrase)
    for place, token in enumerate(found):
        if token.word in _SCOPE_ENDS and not (token.word == "of" and place and found[place - 1].raw in _CARRY_ON):
            negated = False
        if token.raw in NEGATORS:
            negated = _next_word(found, place) not in NOT_RULED_OUT
        elif token.word != COMMA and not token.stop:
            words.append(NOT + token.word if negated else token.word)
    return tuple(words), negated


def _next_word(found: list[Token], place: int) -> str:
    return next((token.raw for token in found[place + 1 :] if not token.stop), "")


def _numbered(words: list[str]) -> Iterator[str]:
    for one, other in itertools.pairwise(words):
        if both := numbered(one, other):
            yield both


def _ranged(title: str) -> Iterator[str]:
    for letter, first, last in _SPINE_RANGE.findall(title):
        yield from (f"{letter.lower()}{number}" for number in range(int(first), min(int(last), int(first) + 12) + 1))
    for low, high in _DECIMAL_RANGE.findall(title):
        yield from map(str, range(int(low), min(int(high), int(low) + 12) + 1))
    for first, last in _STAGE_RANGE.findall(title):
        for number in range(int(first), int(last) + 1):
            yield from (str(number), f"stage#{number}")


def to_ascii(title: str) -> str:
    """Return a title as the order file prints it: accents dropped, everything else as it is.

    >>> to_ascii("Ménière's disease, right ear")
    "Meniere's disease, right ear"
    """
    return title if title.isascii() else unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
