"""The files of this checkout that are, or may be, committed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_NEVER = frozenset({".git", ".venv", ".hypothesis", ".benchmarks", ".icdref-data", "build", "dist", "__pycache__"})


def files() -> list[Path]:
    """Return every committable file and symbolic link, relative to the root, sorted."""
    try:
        command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
        found = {Path(name) for name in listed if name and os.path.lexists(ROOT / name)}
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive
        found = set(_walk())
    return sorted(found)


def copy(target: Path, wanted: list[Path]) -> None:
    """Copy files to another directory, links as links."""
    for path in wanted:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target / path, follow_symlinks=False)


def _walk() -> list[Path]:
    found = []
    for folder, names, here in os.walk(ROOT):
        links = [name for name in names if (Path(folder) / name).is_symlink()]
        names[:] = [
            name for name in names if name not in _NEVER and name not in links and not name.endswith(("_cache", ".egg-info"))
        ]
        found += [(Path(folder) / name).relative_to(ROOT) for name in (*here, *links)]
    return found
