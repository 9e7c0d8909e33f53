"""Editions on disk, read side: what is installed, which one is current, and whether its files are what they were.

    editions/<id>/manifest.json + index.sqlite     immutable, content-addressed: the id is the hash of the manifest
    CURRENT, PREVIOUS                              one line each: an edition id; replaced by rename

The last known good is a rule about these files, never about memory.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from icdref.issues import IcdRefError, edition_damaged, no_edition
from icdref.store.records import SCHEMA_VERSION

EDITIONS = "editions"
CURRENT = "CURRENT"
PREVIOUS = "PREVIOUS"
MANIFEST = "manifest.json"
_ID = re.compile(r"\A[0-9a-f]{12}\Z")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition on disk; `manifest` as written by the compiler."""

    id: str
    folder: Path
    manifest: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Served:
    """The edition to serve, and why it is not the one that CURRENT names where it is not."""

    edition: Edition
    degraded: str = ""


def manifest_id(manifest: dict[str, Any]) -> str:
    """Return the id of an edition: the first 12 hex digits of the SHA-256 of its canonical manifest."""
    return hashlib.sha256(orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex, reading a megabyte at a time."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def pointer(data: Path, name: str) -> str:
    """Return the edition id that CURRENT or PREVIOUS names, '' where the file is missing or is no id."""
    try:
        text = (data / name).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return text if _ID.match(text) else ""


def read(data: Path, identifier: str) -> Edition:
    """Return an edition after checking its manifest against its id. Raises IcdRefError (edition-damaged)."""
    folder = data / EDITIONS / identifier
    try:
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        raise IcdRefError(edition_damaged(f"The manifest of edition {identifier}")) from None
    if not _ID.match(identifier) or not isinstance(manifest, dict) or manifest_id(manifest) != identifier:
        raise IcdRefError(edition_damaged(f"The manifest of edition {identifier}"))
    return Edition(identifier, folder, manifest)


def verify(edition: Edition) -> None:
    """Hash every file of an edition. Raises IcdRefError (edition-damaged) naming the first that differs."""
    if edition.manifest.get("schema") != SCHEMA_VERSION:
        raise IcdRefError(edition_damaged(f"Edition {edition.id} is of another index schema; run 'icdref build'; it"))
    for name, expected in sorted(edition.manifest["files"].items()):
        path = edition.folder / name
        try:
            actual = sha256(path)
        except OSError:
            actual = "missing"
        if actual != expected["sha256"]:
            raise IcdRefError(edition_damaged(f"The file {name} of edition {edition.id}"))


def served(data: Path) -> Served:
    """Return the verified edition to serve: CURRENT, else PREVIOUS with the reason. Raises IcdRefError when neither holds."""
    current, previous = pointer(data, CURRENT), pointer(data, PREVIOUS)
    reason = "CURRENT is missing or unreadable"
    for identifier in (current, previous):
        if not identifier:
            continue
        try:
            edition = read(data, identifier)
            verify(edition)
        except IcdRefError as error:
            reason = error.issue.text
            continue
        return Served(edition, "" if identifier == current else reason)
    raise IcdRefError(no_edition(str(data)) if not (current or previous) else edition_damaged(reason))


def installed(data: Path) -> tuple[Edition, ...]:
    """Return every edition with a readable manifest, by id."""
    found = []
    for folder in sorted((data / EDITIONS).glob("*")):
        try:
            found.append(read(data, folder.name))
        except IcdRefError:
            continue
    return tuple(found)
