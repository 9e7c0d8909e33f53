"""What the safety tests share: every code of M61, and everything that is kept back."""

from __future__ import annotations

import tomllib

import pytest

from tests.checkout import ROOT
from tests.safety.containment import Store


@pytest.fixture(scope="session")
def m61(full_service):
    """Every code of M61 in the release that answers, headers too."""
    number = full_service.releases.number(full_service.terminology.choose().release)
    stored = full_service.concepts.concept("M61", number)
    return [each.concept.code for each in full_service.concepts.below(stored, number)]


@pytest.fixture(scope="session")
def store(full_service):
    """Every text that an answer may contain."""
    return Store(full_service)


@pytest.fixture(scope="session")
def quarantined():
    """The claims of grade X, which no answer may contain."""
    folder = ROOT / "fixtures" / "quarantine"
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))]
    return [row["text"] for table in tables for row in table.get("statement", ())]
