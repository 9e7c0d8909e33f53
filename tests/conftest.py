"""What many tests share: the vendored release compiled once per session, and a small cut that compiles in no time."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from icdref.compiler.compile import compile_edition
from icdref.compiler.editions import activate
from icdref.compiler.sources import Sources
from icdref.config import Settings
from icdref.service.service import Service
from icdref.store.editions import CURRENT, Edition, pointer, read
from tests.checkout import ROOT
from tests.cut import Cut

TODAY = date(2026, 11, 22)
"""The day on which the tests ask: fiscal year 2027 has begun, and the newest release installed is that of April 2026."""

_KEPT = 2

SHARED_DATA = ROOT.parent / "shared" / "data"
"""Official files that may be read where they lie, never copied: order files, older releases."""


@dataclass(frozen=True)
class Compiled:
    """A data directory with one compiled, activated edition. Nobody writes into it."""

    data: Path
    edition: Edition

    def service(self, today: date = TODAY, **settings: Any) -> Service:
        """Return a service of the edition, as on a day."""
        return Service(self.edition, Settings(data=str(self.data), scrub_seconds=0, **settings), lambda: today)


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The vendored data, compiled once for all workers of a run, and kept for the next run while nothing that goes in changes."""
    kept = ROOT / ".pytest_cache" / "editions"
    kept.mkdir(parents=True, exist_ok=True)
    data = kept / _made_from()
    with _alone(kept / "lock"):
        identifier = pointer(data, CURRENT)
        if not identifier:
            for old in sorted(kept.glob("[0-9a-f]*"), key=lambda each: each.stat().st_mtime)[:-_KEPT]:
                shutil.rmtree(old)
            identifier = compile_edition(data, Sources(ROOT / "codesets", ROOT / "fixtures")).id
            activate(data, identifier)
    return Compiled(data, read(data, identifier))


@pytest.fixture(scope="session")
def full_service(full: Compiled) -> Service:
    """The service of the vendored data on TODAY."""
    return full.service()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The cut, compiled once per worker."""
    folder = tmp_path_factory.mktemp("small")
    edition = Cut(folder).compile(folder / "data")
    activate(folder / "data", edition.id)
    return Compiled(folder / "data", edition)


@pytest.fixture(scope="session")
def small_service(small: Compiled) -> Service:
    """The service of the cut on TODAY."""
    return small.service()


@pytest.fixture
def cut(tmp_path: Path) -> Cut:
    """A copy of the cut to make faults in."""
    return Cut(tmp_path)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of official files beside the checkout; tests that need it are skipped where it is absent."""
    if not (SHARED_DATA / "MANIFEST.json").is_file():
        pytest.skip("the official files in ../shared/data are not here")
    return SHARED_DATA


def _made_from() -> str:
    """Return a hash of everything that an edition's bytes depend on: the data and the code that compiles it."""
    package = ROOT / "plugin" / "icdref"
    folders = [
        ROOT / "codesets",
        ROOT / "fixtures",
        *(package / layer for layer in ("compiler", "importers", "language", "store")),
    ]
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    found = hashlib.sha256()
    for path in sorted((*paths, *package.glob("*.py"))):
        found.update(f"{path.relative_to(ROOT)}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
