"""The doors of EHRs, asked on TODAY: on the vendored data, and on the cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from icdref.config import Settings
from icdref.service.live import LiveService
from tests.conftest import TODAY, Compiled
from tests.doors.calling import Caller

BASE = "https://icdref.example.org"


def caller(data: Path, **settings: Any) -> Caller:
    """Return a caller of a data directory with an edition."""
    chosen = Settings(data=str(data), scrub_seconds=0, base_url=BASE, **settings)
    return Caller(chosen, LiveService(chosen, lambda: TODAY))


@pytest.fixture(scope="session")
def full_door(full: Compiled) -> Caller:
    """The vendored data."""
    return caller(full.data)


@pytest.fixture(scope="session")
def door(small: Compiled) -> Caller:
    """The cut."""
    return caller(small.data)
