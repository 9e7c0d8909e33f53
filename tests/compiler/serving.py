"""A client of the application on a data directory that a test has filled itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from icdref.config import Settings
from icdref.service.live import LiveService
from icdref.web.app import create_app
from tests.conftest import TODAY
from tests.web.client import FHIR, Client


def client_of(data: Path, today: date = TODAY, base: str = FHIR) -> Client:
    """Return a client that asks the current edition of a data directory as on a day."""
    settings = Settings(data=str(data), scrub_seconds=0)
    live = LiveService(settings, lambda: today)
    return Client(create_app(settings, live), live.now(), base=base)
