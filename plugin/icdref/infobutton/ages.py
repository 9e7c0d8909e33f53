"""Ages as Infobutton sends them, and the MeSH age groups that they mean."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"\A[0-9]{1,7}(?:\.[0-9]{1,3})?\Z", re.ASCII)
_YEARS: Final = {"min": 1 / 525_960, "h": 1 / 8766, "d": 1 / 365.25, "wk": 7 / 365.25, "mo": 1 / 12, "a": 1.0}
_OLDEST: Final = 130.0
_NEWBORN_YEARS: Final = 28 / 365.25

_GROUPS: Final = (
    (_NEWBORN_YEARS, "D007231"),
    (2.0, "D007223"),
    (6.0, "D002675"),
    (13.0, "D002648"),
    (19.0, "D000293"),
    (25.0, "D055815"),
    (45.0, "D000328"),
    (65.0, "D008875"),
    (80.0, "D000368"),
    (_OLDEST, "D000369"),
)
"""Years up to which a group reaches, and its MeSH id. MeSH has adults from 19, young adults from 19 to 24 within them."""


def age_group(value: str, unit: str) -> str | None:
    """Return the MeSH id of the age group of an age, None where it is no age. Without a unit it is in years.

    >>> age_group("25", "a"), age_group("20", "d"), age_group("66", "a"), age_group("x", "a")
    ('D000328', 'D007231', 'D000368', None)
    """
    factor = _YEARS.get(unit.strip().lower() or "a")
    if factor is None or not _NUMBER.match(value):
        return None
    years = float(value) * factor
    return next((group for limit, group in _GROUPS if years < limit), None)
