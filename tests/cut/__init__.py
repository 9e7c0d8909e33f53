"""A small code set in the publishers' formats, with one of every oddity, that compiles in a fraction of a second.

codesets/icd-10-cm/2026-04-01   an excerpt of the vendored release
codesets/icd-10-cm/2024-10-01   written by hand and made up, as is 2025-10-01: what changes between releases
codesets/validity, maps         made up to fit
conditions.py                   the condition summaries
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from icdref.compiler.compile import compile_edition
from icdref.compiler.sources import Sources
from icdref.store.editions import Edition
from tests.cut.conditions import write_conditions

CODESETS = Path(__file__).parent / "codesets"
NEWEST = "icd-10-cm/2026-04-01"

_LISTED = re.compile(r'(name\s*=\s*"([^"]+)".*?sha256\s*=\s*")([^"]*)"', re.DOTALL)


class Cut:
    """A copy of the cut in a temporary folder, sound until it is edited."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(CODESETS, folder / "codesets")
        write_conditions(folder / "fixtures")

    @property
    def sources(self) -> Sources:
        """Return the copy as the compiler reads it."""
        return Sources(self.folder / "codesets", self.folder / "fixtures")

    @property
    def newest(self) -> Path:
        """Return the folder of the newest release."""
        return self.folder / "codesets" / NEWEST

    def edit(self, name: str, old: str, new: str) -> Cut:
        """Replace the first occurrence of a text, which must be there, and bring the checksums up to date."""
        path = self.folder / name
        content = path.read_text("utf-8")
        assert old in content, old
        path.write_text(content.replace(old, new, 1), "utf-8")
        stamp(self.folder / "codesets")
        return self

    def drop(self, *versions: str) -> Cut:
        """Take releases out."""
        for version in versions:
            shutil.rmtree(self.folder / "codesets" / "icd-10-cm" / version)
        return self

    def compile(self, data: Path) -> Edition:
        """Compile the copy into a data directory."""
        return compile_edition(data, self.sources, complete=False)


def stamp(codesets: Path) -> None:
    """Write the SHA-256 of every listed file into the release.toml or files.toml that lists it."""
    for listing in (*codesets.rglob("release.toml"), *codesets.rglob("files.toml")):
        content = listing.read_text("utf-8")
        for start, name, listed in _LISTED.findall(content):
            actual = hashlib.sha256((listing.parent / name).read_bytes()).hexdigest()
            content = content.replace(f'{start}{listed}"', f'{start}{actual}"')
        listing.write_text(content, "utf-8")
