"""The edition that is measured: compiled once into a directory, and the codes in it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import icdref

ICDREF = [sys.executable, "-c", "from icdref.cli import main; main()"]
"""The command line of the icdref that this interpreter imports."""

SYSTEM = "http://hl7.org/fhir/sid/icd-10-cm"


@contextmanager
def compiled(directory: str | None) -> Iterator[Path]:
    """Yield a data directory with an edition: `directory` if given, else a temporary one, compiled now."""
    if directory:
        yield Path(directory)
        return
    with TemporaryDirectory(prefix="icdref-bench-") as temporary:
        build(Path(temporary))
        yield Path(temporary)


def build(data: Path) -> None:
    """Compile the embedded edition into a data directory."""
    environ = os.environ | {"ICDREF_DATA": str(data)}
    done = subprocess.run([*ICDREF, "build"], env=environ, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        sys.exit(f"icdref build failed:\n{done.stdout}{done.stderr}")


def serve_command(workers: int) -> list[str]:
    """Return the command that serves with a number of workers; `server` fills in the port."""
    return [*ICDREF, "serve", "--port", "{port}", "--workers", str(workers)]


def random_codes(data: Path, count: int) -> list[str]:
    """Return `count` billable codes of the newest release, the same ones at every call."""
    service = icdref.open_service(data=str(data))
    codes = list(service.concepts.billable_codes(len(service.releases.all) - 1))
    return random.Random(20261122).sample(codes, min(count, len(codes)))
