"""The TOML files of the summaries as they stand in a folder, in a file, or in a git revision."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import click

_FOLDER = "fixtures/conditions"
_SUFFIX = ".toml"


def tables_of(where: str) -> dict[str, dict[str, Any]]:
    """Return summary id -> tables. `where` is a folder (with or without `conditions/` below it), a file, or a git revision."""
    path = Path(where)
    if path.is_file():
        return dict([_parsed(path.name, path.read_bytes())])
    if path.is_dir():
        folder = path / "conditions" if (path / "conditions").is_dir() else path
        return dict(_parsed(file.name, file.read_bytes()) for file in sorted(folder.glob(f"*{_SUFFIX}")))
    return dict(_parsed(name, content) for name, content in _in_revision(where))


def _in_revision(revision: str) -> Iterator[tuple[str, bytes]]:
    if revision.startswith("-"):
        raise click.BadParameter(f"{revision!r} is no folder, file or git revision")
    listed = _git("ls-tree", "-r", "--name-only", "--full-tree", revision, "--", _FOLDER)
    if listed is None:
        raise click.BadParameter(f"{revision!r} is no folder, file or git revision here")
    for name in listed.decode().splitlines():
        if name.endswith(_SUFFIX):
            yield PurePosixPath(name).name, _git("show", f"{revision}:{name}") or b""


def _git(*arguments: str) -> bytes | None:
    try:
        return subprocess.run(["git", *arguments], check=True, capture_output=True).stdout  # noqa: S603, S607
    except (OSError, subprocess.CalledProcessError):
        return None


def _parsed(name: str, content: bytes) -> tuple[str, dict[str, Any]]:
    try:
        return name.removesuffix(_SUFFIX), tomllib.loads(content.decode("utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{name} is not valid TOML: {error}") from None
