"""ICD-10-CM code grammar: what a code looks like, how spellings are normalised, where the dot stands.

Whether a code *exists* is a question for a release; this module only knows shapes.
Source: ICD-10-CM Official Guidelines, sections I.A.2 to I.A.5; HL7's rule that the dot is part of the code.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

ICD10CM: Final = "http://hl7.org/fhir/sid/icd-10-cm"
ICD9CM: Final = "http://hl7.org/fhir/sid/icd-9-cm"
ICD10_WHO: Final = "http://hl7.org/fhir/sid/icd-10"
SNOMED_CT: Final = "http://snomed.info/sct"

ICD10CM_OID: Final = "2.16.840.1.113883.6.90"

_SYSTEM_OIDS: Final = {
    ICD10CM_OID: ICD10CM,
    "2.16.840.1.113883.6.103": ICD9CM,
    "2.16.840.1.113883.6.3": ICD10_WHO,
    "2.16.840.1.113883.6.96": SNOMED_CT,
}

LONGEST_INPUT: Final = 64
"""No code is longer than 8 characters; anything much longer is refused before it is looked at."""

# A letter may stand second or later (QA0.0101, C4A, M1A.9XX0); `^[A-Z][0-9]` would lose 20 codes of FY2026.
_CODE: Final = re.compile(r"\A[A-Z][0-9A-Z]{2}(?:\.?[0-9A-Z]{1,4})?\Z")
_BARE: Final = re.compile(r"\A[A-Z][0-9A-Z]{2,6}\Z")
_BLOCK: Final = re.compile(r"\A[A-Z][0-9A-Z]{2}-[A-Z][0-9A-Z]{2}\Z")
_CHAPTER: Final = re.compile(r"\A(?:[1-9]|1[0-9]|2[0-2])\Z")


@lru_cache(maxsize=128)
def to_system(text: str) -> str:
    """Return the FHIR URI of a code system given as URI, OID or urn:oid; unknown systems come back unchanged.

    >>> to_system("urn:oid:2.16.840.1.113883.6.90")
    'http://hl7.org/fhir/sid/icd-10-cm'
    >>> to_system("http://loinc.org")
    'http://loinc.org'
    """
    return _SYSTEM_OIDS.get(text.strip().removeprefix("urn:oid:"), text.strip())


def normalise(text: str) -> str | None:
    """Return the canonical spelling of an ICD-10-CM code, block or chapter, or None when the shape is wrong.

    Blanks around the code, lower case and a missing dot are forgiven; nothing else is. Non-ASCII input is refused
    before upper-casing, because upper-casing maps some foreign letters onto ASCII ones.

    >>> normalise(" m6100 ")
    'M61.00'
    >>> normalise("t07xxxa")
    'T07.XXXA'
    >>> normalise("m60-m63")
    'M60-M63'
    >>> normalise("M61.00X12") is None
    True
    """
    if len(text) > LONGEST_INPUT or not text.isascii():
        return None
    spelling = text.strip(" \t").upper()
    if _CODE.match(spelling):
        return with_dot(spelling)
    if _BLOCK.match(spelling) or _CHAPTER.match(spelling):
        return spelling
    return None


def from_bare(text: str) -> str | None:
    """Return the code, with its dot, of a text that is exactly a code without dot, as fixed-column files have it; else None.

    >>> from_bare("M61569"), from_bare("M61"), from_bare("m61569"), from_bare("A00-A09"), from_bare("M61.5")
    ('M61.569', 'M61', None, None, None)
    """
    if not _BARE.match(text):
        return None
    return text if len(text) == 3 else f"{text[:3]}.{text[3:]}"


def with_dot(code: str) -> str:
    """Return the code with its dot after the third character, where it has more than three.

    >>> with_dot("M61569"), with_dot("M61"), with_dot("M61.5")
    ('M61.569', 'M61', 'M61.5')
    """
    bare = code.replace(".", "")
    return bare if len(bare) <= 3 else f"{bare[:3]}.{bare[3:]}"


def with_dot_of(system: str, code: str) -> str:
    """Return a code of another classification with the dot where an ICD has it; E codes of ICD-9-CM after the fourth.

    >>> with_dot_of(ICD9CM, "E8120"), with_dot_of(ICD10_WHO, "M610"), with_dot_of(SNOMED_CT, "70917000")
    ('E812.0', 'M61.0', '70917000')
    """
    if system not in (ICD9CM, ICD10_WHO):
        return code
    bare = without_dot(code)
    head = 4 if system == ICD9CM and bare.startswith("E") else 3
    return bare if len(bare) <= head else f"{bare[:head]}.{bare[head:]}"


def without_dot(code: str) -> str:
    """Return the code as the publisher's fixed-column files write it.

    >>> without_dot("M61.569")
    'M61569'
    """
    return code.replace(".", "")


def is_block(code: str) -> bool:
    """Tell whether the text has the shape of a block such as M60-M63."""
    return _BLOCK.match(code) is not None


def is_chapter(code: str) -> bool:
    """Tell whether the text is a chapter number, 1 to 22."""
    return _CHAPTER.match(code) is not None


def pad_seventh(leaf: str, character: str) -> str:
    """Return the full code of a leaf with its seventh character, filled with the placeholder X to six.

    >>> pad_seventh("T07", "A"), pad_seventh("S52.501", "B")
    ('T07.XXXA', 'S52.501B')
    """
    return with_dot(without_dot(leaf).ljust(6, "X") + character)
