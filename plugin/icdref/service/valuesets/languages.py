"""Languages asked for and languages of texts: how well one fits the other.

Source: BCP 47 (RFC 5646), HTTP Accept-Language (RFC 9110). A range `*` at the end of a request for an expansion stands for
"else anything", as the public terminology servers read it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

_TAG: Final = re.compile(r"\A(?:\*|[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)\Z", re.ASCII)
_MOST: Final = 20
_ISO_639_1: Final = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu "
    "fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj "
    "kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv ny "
    "oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl "
    "tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_OF_TWO_LETTERS: Final = frozenset(_ISO_639_1.split())
"""The languages of ISO 639-1 and what they were called before; longer codes are not checked."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language tag, taken apart. `quality` is that of an Accept-Language; `implied` where nobody asked for it."""

    code: str
    language: str
    script: str = ""
    region: str = ""
    rest: tuple[str, ...] = ()
    quality: float = 1.0
    implied: bool = False

    @property
    def is_any(self) -> bool:
        """Tell whether it stands for every language."""
        return self.code == "*"

    def fits(self, other: Language, depth: str) -> bool:
        """Tell whether two tags agree as far as `depth`: full, region or language."""
        if self.language != other.language:
            return False
        if depth == "language":
            return True
        if self.script != other.script or self.region != other.region:
            return False
        return depth == "region" or self.rest == other.rest


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages that somebody asked for, best first."""

    asked: tuple[Language, ...]

    def __str__(self) -> str:
        return ", ".join(_shown(each) for each in self.asked if not each.implied and not each.is_any)

    @property
    def parameter(self) -> str:
        """Return them as one code, for the parameters of an expansion."""
        return ", ".join(_shown(each) for each in self.asked if not each.implied)


@lru_cache(maxsize=1024)
def language(tag: str) -> Language | None:
    """Return a tag taken apart, None where it is not one.

    >>> language("de-CH").region, language("not a tag")
    ('CH', None)
    """
    if len(tag) > 80 or not _TAG.match(tag):
        return None
    first, *parts = tag.split("-")
    script = parts.pop(0).title() if parts and len(parts[0]) == 4 and parts[0].isalpha() else ""
    is_region = bool(parts) and ((len(parts[0]) == 2 and parts[0].isalpha()) or (len(parts[0]) == 3 and parts[0].isdecimal()))
    region = parts.pop(0).upper() if is_region else ""
    return Language(tag, first.lower(), script, region, tuple(part.lower() for part in parts))


def languages(header: str, *, open_ended: bool) -> Languages | None:
    """Return what an Accept-Language or displayLanguage asks for, None where it is malformed or no language.

    `open_ended` adds "else anything", which is what an expansion needs and a validation must not have.

    >>> str(languages("fr;q=0.5, de", open_ended=True))
    'de, fr; q=0.5'
    """
    found: list[Language] = []
    for entry in header.split(",")[:_MOST]:
        tag, _, quality = entry.strip().partition(";")
        parsed = language(tag.strip())
        if parsed is None or (len(parsed.language) == 2 and parsed.language not in _OF_TWO_LETTERS):
            return None
        found.append(replace(parsed, quality=_quality(quality)))
    if open_ended and not any(each.is_any for each in found):
        found.append(Language("*", "*", quality=0.01, implied=True))
    return Languages(tuple(sorted(found, key=lambda each: -each.quality)))


def _quality(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return max(0.0, min(float(value), 1.0)) if name.strip() == "q" else 1.0
    except ValueError:
        return 1.0


def _shown(each: Language) -> str:
    return each.code if each.quality == 1.0 else f"{each.code}; q={each.quality:g}"
