"""How a word sounds: a key that spellings of one pronunciation share, for words written as they are heard."""

from __future__ import annotations

import re
from typing import Final

_RULES: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(?:ps|cz)", "s"),
        (r"^(?:pn|kn|gn|mn)", "n"),
        (r"^wr", "r"),
        (r"^x", "s"),
        (r"^eu", "u"),
        (r"ph", "f"),
        (r"rrh|rh", "r"),
        (r"gh(?=[aeiou])", "g"),
        (r"ght", "t"),
        (r"sch(?=[aeiou])", "sk"),
        (r"sch", "s"),
        (r"sc(?=[eiy])", "s"),
        (r"ck|cq|qu|q", "k"),
        (r"ch(?=[rl])", "k"),
        (r"tch|ch", "k"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"x", "ks"),
        (r"z", "s"),
        (r"dg|g(?=[eiy])", "j"),
        (r"ti(?=[ao])|si(?=[ao])|ci(?=[ao])", "sh"),
        (r"ae|oe|ea|ee|ei|ie|ey", "e"),
        (r"ou|oo|eu|ue", "u"),
        (r"y|igh", "i"),
        (r"th", "t"),
        (r"h", ""),
        (r"(.)\1+", r"\1"),
        (r"(?<=..)e$", ""),
    )
)


def sound(word: str) -> str:
    """Return the sound of a word.

    >>> sound("hemmorage") == sound("hemorrhage"), sound("fibrodisplasia") == sound("fibrodysplasia")
    (True, True)
    >>> sound("soriasis") == sound("psoriasis"), sound("numonia") == sound("pneumonia")
    (True, True)
    """
    for pattern, replacement in _RULES:
        word = pattern.sub(replacement, word)
    return word
