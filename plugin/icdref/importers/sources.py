"""Reads `sources.toml`: the sources that all condition summaries cite."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from icdref.importers import condition_keys as keys
from icdref.importers.tables import Faults, read_table
from icdref.importers.toml_files import read_toml
from icdref.model import Source


def read_sources(path: Path, faults: Faults) -> tuple[Source, ...]:
    """Return the sources of the file in its order; with any fault nothing is returned."""
    raw = read_toml(path, faults)
    table = {} if raw is None else read_table(raw, keys.SOURCES, faults)
    return () if faults.found else tuple(_source(row) for row in table["source"])


def _source(row: dict[str, Any]) -> Source:
    stamp = row.pop("last_update", None)
    return Source(**row, last_update=_as_text(stamp))


def _as_text(stamp: date | None) -> str:
    """Return when a page was last changed, as it says: a day, or a day with the time in minutes.

    >>> _as_text(date(2024, 6, 7)), _as_text(datetime(2024, 6, 7, 2, 49))
    ('2024-06-07', '2024-06-07 02:49')
    """
    if isinstance(stamp, datetime):
        return stamp.isoformat(" ", "minutes")
    return stamp.isoformat() if stamp else ""
