"""Reads files that people wrote: bytes with a size limit, UTF-8 text, TOML. Every failure is a fault, never an exception."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from icdref.importers.tables import Faults

LARGEST_FILE = 1024 * 1024
"""The longest summary is about 40 kB; anything much larger is not one, and is refused before it is parsed."""


def read_bytes(path: Path, faults: Faults) -> bytes | None:
    """Return the bytes of a regular file, or None with a fault."""
    if not path.is_file():
        faults.add("", path.name, "is missing or is not a regular file", f"add the file {faults.file}", rule=1)
        return None
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        faults.add("", path.name, f"can not be read ({error.strerror})", "make it readable", rule=1)
        return None
    if len(content) > LARGEST_FILE:
        faults.add("", path.name, f"is larger than {LARGEST_FILE} bytes", "split it", rule=1)
        return None
    return content


def decode(content: bytes, faults: Faults) -> str | None:
    """Return the text of a UTF-8 file with line feeds only, or None with a fault."""
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        faults.add(f"line {line}", content[error.start : error.end].hex(), "is not UTF-8", "save the file as UTF-8", rule=1)
        return None


def read_toml(path: Path, faults: Faults) -> dict[str, Any] | None:
    """Return the tables of a TOML file, or None with a fault."""
    content = read_bytes(path, faults)
    text = None if content is None else decode(content, faults)
    return None if text is None else parse_toml(text, faults)


def parse_toml(text: str, faults: Faults) -> dict[str, Any] | None:
    """Return the tables of a TOML text, or None with a fault."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = str(error) or "nested too deeply"
        faults.add("", "", f"is not valid TOML: {reason}", "correct the place named", rule=1)
        return None
