"""Editions on disk, write side: add, activate, roll back. Everything goes through a temporary name, fsync and rename."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from icdref.issues import IcdRefError, edition_damaged, no_edition
from icdref.store.editions import CURRENT, EDITIONS, MANIFEST, PREVIOUS, Edition, manifest_id, pointer, read, sha256, verify

EXPORTS = "exports"
"""Tables made from an edition for bulk work, by its id; they can be made again."""
_TEMPORARY = ".tmp-"


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the data directory's lock: two commands that change editions never run at once."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def write_edition(data: Path, describe: Callable[[Path], dict[str, Any]]) -> Edition:
    """Write a new edition and return it; an edition with the same content is kept as it is.

    `describe` writes the files into the folder it is given and returns the manifest without `files`. An error in it, or a
    kill at any moment, leaves nothing but a temporary folder that the next write removes.
    """
    editions = data / EDITIONS
    editions.mkdir(parents=True, exist_ok=True)
    for leftover in editions.glob(f"{_TEMPORARY}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=editions))
    try:
        manifest = describe(folder)
        manifest["files"] = {
            path.name: {"sha256": sha256(path), "bytes": path.stat().st_size} for path in sorted(folder.iterdir())
        }
        identifier = manifest_id(manifest)
        (folder / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2))
        for path in folder.iterdir():
            path.chmod(0o444)
            fsync(path)
        fsync(folder)
        target = editions / identifier
        if target.exists():
            if _is_intact(data, identifier):
                return read(data, identifier)
            damaged = editions / f"{_TEMPORARY}damaged-{identifier}"
            target.rename(damaged)  # what is rebuilt takes its place
            shutil.rmtree(damaged, ignore_errors=True)
        folder.chmod(0o755)
        folder.rename(target)
        fsync(editions)
        return read(data, identifier)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_intact(data: Path, identifier: str) -> bool:
    try:
        verify(read(data, identifier))
    except IcdRefError:
        return False
    return True


def activate(data: Path, identifier: str) -> None:
    """Make an edition current after verifying every file of it; the one before becomes PREVIOUS."""
    edition = read(data, identifier)
    verify(edition)
    current = pointer(data, CURRENT)
    if current == identifier:
        return
    if current:
        _point(data, PREVIOUS, current)
    _point(data, CURRENT, identifier)


def roll_back(data: Path) -> str:
    """Make the previous edition current again and return its id. Raises IcdRefError when there is none."""
    previous, current = pointer(data, PREVIOUS), pointer(data, CURRENT)
    if not previous:
        raise IcdRefError(no_edition(f"{data} to roll back to"))
    verify(read(data, previous))
    _point(data, CURRENT, previous)
    if current:
        _point(data, PREVIOUS, current)
    return previous


def prune(data: Path, keep: int = 0, *, dry_run: bool = False) -> list[tuple[str, int]]:
    """Remove editions that are neither current nor previous, except the `keep` newest; return (id, bytes) of each.

    An edition disappears by rename first, so that a kill in between leaves none half removed.
    """
    named = {pointer(data, CURRENT), pointer(data, PREVIOUS)}
    spare = [folder for folder in (data / EDITIONS).glob("*") if folder.is_dir() and not folder.name.startswith(".")]
    spare = [folder for folder in spare if folder.name not in named]
    spare.sort(key=lambda folder: (-folder.stat().st_mtime_ns, folder.name))
    gone = [(folder.name, sum(path.stat().st_size for path in folder.iterdir())) for folder in spare[keep:]]
    for folder in () if dry_run else spare[keep:]:
        target = folder.with_name(f"{_TEMPORARY}{folder.name}")
        folder.rename(target)
        fsync(folder.parent)
        shutil.rmtree(target, ignore_errors=True)
        shutil.rmtree(data / EXPORTS / folder.name, ignore_errors=True)
    return gone


def fsync(path: Path) -> None:
    """Flush a file or a directory to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _point(data: Path, name: str, identifier: str) -> None:
    temporary = data / f".{name}.new"
    with temporary.open("w", encoding="ascii") as stream:
        stream.write(identifier + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(data / name)
    fsync(data)
    if pointer(data, name) != identifier:
        raise IcdRefError(edition_damaged(f"The pointer {name}"))
