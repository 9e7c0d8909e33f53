"""How a code of a code system is spelt where our maps hold it."""

from __future__ import annotations

from icdref import codes
from icdref.canonicals import MESH_SYSTEM

MESH_OID = "2.16.840.1.113883.6.177"


def system_of(text: str) -> str:
    """Return the URI of a code system given as URI or OID.

    >>> system_of("urn:oid:2.16.840.1.113883.6.177")
    'https://www.nlm.nih.gov/mesh'
    """
    return MESH_SYSTEM if text.strip().removeprefix("urn:oid:") == MESH_OID else codes.to_system(text)


def spelt(system: str, text: str) -> str:
    """Return a code as maps spell it: letters and dot of an ICD put right, every other code as it was sent.

    >>> spelt(codes.ICD9CM, "72812"), spelt(codes.ICD10CM, "m61051"), spelt("http://loinc.org", " 4548-4 ")
    ('728.12', 'M61.051', '4548-4')
    """
    code = text.strip()
    if system == codes.ICD10CM:
        return codes.normalise(code) or code
    if system in (codes.ICD9CM, codes.ICD10_WHO):
        return codes.with_dot_of(system, code.upper())
    return code
