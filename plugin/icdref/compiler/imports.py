"""What an operator imported: files kept with their checksums below `imports/`, so that every edition can be built again.

    imports/<system>/<slot>/<sha>/release.toml   one release of a code system, slot = its effective date
    imports/<system>/<slot>/<sha>/files.toml     a table that belongs to no single release, slot = what it is

A folder appears by rename, whole or not at all, and is never changed afterwards.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from icdref.compiler.editions import fsync
from icdref.importers.errors import ImportFault
from icdref.importers.release_files import read_content
from icdref.model import SourceFile

IMPORTS = "imports"
RELEASE_TOML = "release.toml"
TABLE_TOML = "files.toml"
_TEMPORARY = ".tmp-"
_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Part:
    """One file to keep: what it is, its name, its content and how many rows it has."""

    content: str
    name: str
    data: bytes
    rows: int

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the content."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Parcel:
    """Files that belong together: one release, or one table. `meta` is written into the TOML file beside them."""

    system: str
    slot: str
    meta: Mapping[str, str | int | date]
    parts: tuple[Part, ...]
    is_release: bool = False

    @property
    def id(self) -> str:
        """Return the name of its folder: equal content has an equal name."""
        digest = hashlib.sha256()
        for part in sorted(self.parts, key=lambda part: part.digest):
            digest.update(f"{part.content} {part.digest}\n".encode())
        digest.update(json.dumps({key: str(value) for key, value in self.meta.items()}, sort_keys=True).encode())
        return digest.hexdigest()[:_ID_LENGTH]

    @property
    def where(self) -> tuple[str, str, str]:
        """Return the folder's path below `imports/`."""
        return (self.system, self.slot, self.id)


@dataclass(frozen=True, slots=True)
class Imported:
    """One folder below `imports/` as its TOML file describes it."""

    folder: Path
    system: str
    slot: str
    meta: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Return the name of the folder."""
        return self.folder.name

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """Return its files."""
        return tuple(SourceFile(row["name"], row["sha256"], row["content"]) for row in self.meta["file"])

    @property
    def digests(self) -> dict[str, str]:
        """Return content -> SHA-256 of the unpacked file."""
        return {row["content"]: row["content_sha256"] for row in self.meta["file"]}

    def verify(self) -> None:
        """Hash every file. Raises ImportFault naming the first that is not what was imported."""
        for file in self.files:
            content = read_content(self.folder, file)
            if hashlib.sha256(content).hexdigest() != self.digests[file.content]:
                raise ImportFault(str(self.folder / file.name), 0, "its content is not what was imported")


def imported(data: Path) -> tuple[Imported, ...]:
    """Return everything that was imported into a data directory, by system, slot and id. Raises ImportFault when unreadable."""
    root = data / IMPORTS
    return tuple(_described(path) for path in sorted([*root.glob(f"*/*/*/{RELEASE_TOML}"), *root.glob(f"*/*/*/{TABLE_TOML}")]))


def stage(data: Path, parcels: Iterable[Parcel]) -> Path:
    """Write parcels into a temporary folder below `imports/` and return it; `settle` makes them part of the imports."""
    staged = staging(data)
    add(staged, parcels)
    return staged


def staging(data: Path) -> Path:
    """Return a new temporary folder below `imports/`; what an interrupted import left there is removed."""
    root = data / IMPORTS
    root.mkdir(parents=True, exist_ok=True)
    sweep(data)
    return Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=root))


def add(staged: Path, parcels: Iterable[Parcel]) -> None:
    """Write parcels into a temporary folder."""
    for parcel in parcels:
        folder = staged.joinpath(*parcel.where)
        folder.mkdir(parents=True)
        rows = [_written(folder, number, part) for number, part in enumerate(parcel.parts)]
        name = RELEASE_TOML if parcel.is_release else TABLE_TOML
        (folder / name).write_text(_toml(parcel.meta, rows), "utf-8")
        for path in folder.iterdir():
            fsync(path)
        fsync(folder)


def staged_folders(staged: Path) -> tuple[Imported, ...]:
    """Return what a staged folder holds."""
    return tuple(
        _described(path) for path in sorted([*staged.glob(f"*/*/*/{RELEASE_TOML}"), *staged.glob(f"*/*/*/{TABLE_TOML}")])
    )


def settle(data: Path, staged: Path, replaced: Iterable[Imported] = ()) -> None:
    """Move staged parcels to their places, then remove what they replace."""
    for found in staged_folders(staged):
        target = data / IMPORTS / found.system / found.slot
        target.mkdir(parents=True, exist_ok=True)
        if not (target / found.id).exists():
            found.folder.rename(target / found.id)
        fsync(target)
        fsync(target.parent)
    fsync(data / IMPORTS)
    remove(data, replaced)


def remove(data: Path, gone: Iterable[Imported]) -> None:
    """Take imports out: each folder disappears by rename, then its files are deleted."""
    for old in gone:
        old.folder.rename(data / IMPORTS / f"{_TEMPORARY}{old.id}")
        fsync(old.folder.parent)
    sweep(data)


def sweep(data: Path) -> None:
    """Remove what an interrupted import left behind. Call it only while holding the import lock."""
    for leftover in (data / IMPORTS).glob(f"{_TEMPORARY}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _written(folder: Path, number: int, part: Part) -> dict[str, str | int]:
    name = f"{number + 1}-{part.content}.xz"
    packed = lzma.compress(part.data, preset=1)
    with (folder / name).open("wb") as stream:
        stream.write(packed)
        stream.flush()
        os.fsync(stream.fileno())
    return {
        "name": name,
        "content": part.content,
        "sha256": hashlib.sha256(packed).hexdigest(),
        "content_sha256": part.digest,
        "from": part.name,
        "rows": part.rows,
    }


def _toml(meta: Mapping[str, str | int | date], rows: Iterable[Mapping[str, str | int]]) -> str:
    lines = ["# Written by `icdref codeset import`; the checksums hold the files to what was imported.", *_keys(meta)]
    for row in rows:
        lines += ["", "[[file]]", *_keys(row)]
    return "\n".join(lines) + "\n"


def _keys(table: Mapping[str, str | int | date]) -> list[str]:
    return [
        f"{key} = {value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)}"
        for key, value in table.items()
    ]


def _described(path: Path) -> Imported:
    try:
        meta = tomllib.loads(path.read_text("utf-8"))
        rows = meta["file"]
        if not all(isinstance(row[key], str) for row in rows for key in ("name", "sha256", "content", "content_sha256")):
            raise TypeError
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError):
        raise ImportFault(str(path), 0, "not readable; run 'icdref codeset verify', then import the file again") from None
    folder = path.parent
    return Imported(folder, folder.parent.parent.name, folder.parent.name, meta)
