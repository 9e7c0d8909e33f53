"""What a `release.toml` beside a publisher's files states: the day that none of the files does, and their checksums."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from icdref.compiler.imports import Part
from icdref.importers.errors import ImportFault

FILE: Final = "release.toml"


@dataclass(frozen=True, slots=True)
class Stated:
    """The first day of a release, and the SHA-256 of its files by name, as far as they are given."""

    file: str
    effective: date
    sums: Mapping[str, str]

    def check(self, folder: str, parts: Sequence[Part], said: date | None) -> None:
        """Refuse files of another content, files that are missing, and another day. Raises ImportFault."""
        if said and said != self.effective:
            raise ImportFault(self.file, 0, f"says {self.effective}, but --effective-date is {said}")
        there = {part.name.removeprefix(f"{folder}/"): part for part in parts}
        for name, wanted in self.sums.items():
            part = there.get(name) or there.get(name.removesuffix(".xz").removesuffix(".gz"))
            if part is None:
                raise ImportFault(self.file, 0, f"lists {name}, which is not there or holds no data")
            if wanted and hashlib.sha256(part.data).hexdigest() != wanted:
                raise ImportFault(part.name, 0, f"its content is not the one that {FILE} states")


def read_stated(content: bytes, file: str) -> Stated:
    """Return what a release.toml states. Raises ImportFault where it has no effective_from."""
    try:
        table = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImportFault(file, 0, f"not readable as TOML: {error}") from None
    day = table.get("effective_from")
    if type(day) is not date:
        raise ImportFault(file, 0, "needs effective_from, the first day of the release, such as 2025-10-01")
    rows = table.get("file", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("name"), str) for row in rows):
        raise ImportFault(file, 0, "each [[file]] needs a name")
    # A packed file is held against the sum of its content, where one is given.
    packed = (".xz", ".gz")
    sums = {
        row["name"]: str(row.get("content_sha256", "" if row["name"].endswith(packed) else row.get("sha256", ""))) for row in rows
    }
    return Stated(file, day, sums)
