"""The application on the vendored data, asked on TODAY."""

from __future__ import annotations

import flask
import pytest

from icdref.config import Settings
from icdref.service.live import LiveService
from icdref.web.app import create_app
from tests.conftest import TODAY, Compiled
from tests.web.client import FHIR, FHIR_5, Client


@pytest.fixture(scope="session")
def live(full: Compiled) -> LiveService:
    """The running service that every application of a session shares."""
    found = LiveService(Settings(data=str(full.data), scrub_seconds=0), lambda: TODAY)
    found.now().since -= 3600  # as if it had run for an hour, so that dates of answers are settled
    return found


@pytest.fixture(scope="session")
def app(full: Compiled, live: LiveService) -> flask.Flask:
    """The application of `icdref serve`."""
    return create_app(Settings(data=str(full.data), scrub_seconds=0), live)


@pytest.fixture(scope="session")
def client(app: flask.Flask, live: LiveService) -> Client:
    """A client of the application that checks every answer."""
    return Client(app, live.now())


@pytest.fixture(scope="session", params=[FHIR, FHIR_5], ids=["r4", "r5"])
def both(app: flask.Flask, live: LiveService, request: pytest.FixtureRequest) -> Client:
    """A client of each FHIR base in turn: `both.base` is where it asks."""
    return Client(app, live.now(), base=request.param)
