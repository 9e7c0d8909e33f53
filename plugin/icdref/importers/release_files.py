"""Release folders: `release.toml` and the files it names, each verified by SHA-256 before anything reads it.

No checksum, no import. Compressed files are unpacked in memory under a cap, never to disk.
"""

from __future__ import annotations

import hashlib
import lzma
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from icdref.importers.errors import ImportFault
from icdref.model import Release, SourceFile

LARGEST_CONTENT = 256 * 1024 * 1024
"""Bytes of one unpacked file; the largest official file (the order file) has 15 MB."""

_REQUIRED = {
    "schema": str,
    "system": str,
    "version": str,
    "title": str,
    "publisher": str,
    "fiscal_year": int,
    "effective_from": date,
    "licence": str,
    "source": str,
    "file": list,
}


def read_release(folder: Path) -> Release:
    """Return the release that a folder's `release.toml` describes. Raises ImportFault naming the key that is wrong."""
    path = folder / "release.toml"
    table = _toml(path)
    for key, kind in _REQUIRED.items():
        if not isinstance(table.get(key), kind):
            raise ImportFault(str(path), 0, f"key {key!r} is missing or not a {kind.__name__}")
    if table["schema"] != "release/1":
        raise ImportFault(str(path), 0, f"schema is {table['schema']!r}, not 'release/1'")
    if table["version"] != table["effective_from"].isoformat():
        raise ImportFault(str(path), 0, f"version {table['version']!r} is not the effective date {table['effective_from']}")
    return Release(
        system=table["system"],
        version=table["version"],
        title=table["title"],
        publisher=table["publisher"],
        effective_from=table["effective_from"],
        effective_to=table.get("effective_to"),
        fiscal_year=table["fiscal_year"],
        licence=table["licence"],
        source=table["source"],
        files=tuple(_source_file(row, path) for row in table["file"]),
    )


def read_files(folder: Path) -> tuple[SourceFile, ...]:
    """Return the files that a folder's `files.toml` lists: tables that belong to no single release."""
    path = folder / "files.toml"
    return tuple(_source_file(row, path) for row in _toml(path).get("file", []))


def read_content(folder: Path, file: SourceFile) -> bytes:
    """Return the unpacked content of a file after checking its SHA-256. Raises ImportFault."""
    path = folder / file.name
    if path.parent.resolve() != folder.resolve():
        raise ImportFault(str(path), 0, "the file lies outside its folder")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ImportFault(str(path), 0, f"cannot be read: {error.strerror}") from None
    actual = hashlib.sha256(raw).hexdigest()
    if actual != file.sha256:
        raise ImportFault(
            str(path), 0, f"SHA-256 is {actual}, but {file.sha256} was expected: the file is damaged or was replaced"
        )
    return unpack(raw, str(path)) if path.suffix == ".xz" else raw


def unpack(raw: bytes, file: str) -> bytes:
    """Return the content of xz data, at most LARGEST_CONTENT bytes. Raises ImportFault."""
    decompressor = lzma.LZMADecompressor(memlimit=512 * 1024 * 1024)
    try:
        content = decompressor.decompress(raw, LARGEST_CONTENT)
    except lzma.LZMAError as error:
        raise ImportFault(file, 0, f"not readable as xz: {error}") from None
    if not decompressor.eof:
        raise ImportFault(file, 0, f"cut short, or more than {LARGEST_CONTENT} bytes when unpacked")
    return content


def _source_file(row: Any, path: Path) -> SourceFile:
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("name", "sha256", "content")):
        raise ImportFault(str(path), 0, "each [[file]] needs name, sha256 and content")
    return SourceFile(row["name"], row["sha256"], row["content"])


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ImportFault(str(path), 0, f"cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImportFault(str(path), 0, f"not readable as TOML: {error}") from None
