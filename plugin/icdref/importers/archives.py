"""Every file in what an operator hands over: a file, a folder, a zip, a .tgz, an .xz; read as streams, never unpacked to disk.

Bounds on size, ratio, number and nesting are checked while reading, so that no archive can fill memory or disk.
"""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from icdref.importers.errors import ImportFault

LARGEST_MEMBER = 96 * 1024 * 1024
"""Bytes of one unpacked file; the largest official one (the order file) has 15 MB."""
LARGEST_TOTAL = 192 * 1024 * 1024
"""Bytes of everything in one archive."""
MOST_MEMBERS = 10_000
LARGEST_RATIO = 200
_RATIO_COUNTS_FROM = 1024 * 1024
_DEEPEST = 2


@dataclass(frozen=True, slots=True)
class Member:
    """One file by the name it has in messages (`cms.zip/order.txt`) and its unpacked content."""

    name: str
    content: bytes


@dataclass(slots=True)
class _Budget:
    """What may still be read."""

    members: int = MOST_MEMBERS
    total: int = LARGEST_TOTAL
    names: set[str] = field(default_factory=set)

    def take(self, name: str, size: int) -> None:
        """Count one file. Raises ImportFault when a bound is passed."""
        self.members -= 1
        self.total -= size
        if self.members < 0:
            raise ImportFault(name, 0, f"more than {MOST_MEMBERS} files")
        if self.total < 0:
            raise ImportFault(name, 0, f"more than {LARGEST_TOTAL} bytes when unpacked")


def members(path: Path) -> Iterator[Member]:
    """Yield every file at a path, archives opened, in a fixed order. Raises ImportFault for what cannot or must not be read."""
    if path.is_dir():
        files = sorted(found for found in path.rglob("*") if found.is_file() and not found.is_symlink())
        if not 0 < len(files) <= MOST_MEMBERS:
            raise ImportFault(str(path), 0, f"the folder holds {len(files)} files; from 1 to {MOST_MEMBERS} can be read")
    elif path.is_file():
        files = [path]
    else:
        raise ImportFault(str(path), 0, "there is no such file or folder")
    for found in files:
        budget = _Budget()
        member = _read(found, budget)
        named = found.relative_to(path.parent).as_posix() if path.is_dir() else member.name
        yield from _opened(Member(named, member.content), budget, 0)


def is_spreadsheet(content: bytes) -> bool:
    """Tell whether a zip is a workbook (.xlsx)."""
    return content.startswith(b"PK\x03\x04") and b"xl/workbook.xml" in content


def _read(path: Path, budget: _Budget) -> Member:
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_MEMBER + 1)
    except OSError as error:
        raise ImportFault(str(path), 0, f"cannot be read: {error.strerror}") from None
    if len(content) > LARGEST_MEMBER:
        raise ImportFault(str(path), 0, f"larger than {LARGEST_MEMBER} bytes")
    budget.take(str(path), len(content))
    return Member(path.name, content)


def _opened(member: Member, budget: _Budget, depth: int) -> Iterator[Member]:
    content = member.content
    packed = content.startswith((b"PK\x03\x04", b"\x1f\x8b", b"\xfd7zXZ\x00"))
    if not packed or is_spreadsheet(content):
        yield member
        return
    if depth >= _DEEPEST:
        raise ImportFault(member.name, 0, f"archives are nested deeper than {_DEEPEST} levels")
    if content.startswith(b"PK"):
        yield from _zip(member, budget, depth)
        return
    inner = _unpacked(member)
    budget.take(member.name, len(inner))
    name = member.name.removesuffix(".xz").removesuffix(".gz")
    if inner[257:262] == b"ustar":
        yield from _tar(Member(member.name, inner), budget, depth)
    else:
        yield from _opened(Member(name, inner), budget, depth + 1)


def _unpacked(member: Member) -> bytes:
    try:
        if member.content.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=io.BytesIO(member.content)) as stream:
                inner = stream.read(LARGEST_MEMBER + 1)
        else:
            decompressor = lzma.LZMADecompressor(memlimit=128 * 1024 * 1024)
            inner = decompressor.decompress(member.content, LARGEST_MEMBER + 1)
            if len(inner) <= LARGEST_MEMBER and not decompressor.eof:
                raise ImportFault(member.name, 0, "the compressed file is cut short")
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise ImportFault(member.name, 0, f"the compressed file is damaged: {error}") from None
    _refuse_bomb(member.name, len(inner), len(member.content))
    return inner


def _zip(member: Member, budget: _Budget, depth: int) -> Iterator[Member]:
    try:
        with zipfile.ZipFile(io.BytesIO(member.content)) as archive:
            listed = [info for info in archive.infolist() if not info.is_dir()]
            _refuse_names(member.name, [info.filename for info in listed])
            for info in listed:
                name = f"{member.name}/{info.filename}"
                if info.flag_bits & 1:
                    raise ImportFault(name, 0, "is encrypted")
                _refuse_bomb(name, info.file_size, info.compress_size)
                with archive.open(info) as stream:
                    content = stream.read(LARGEST_MEMBER + 1)
                _refuse_bomb(name, len(content), info.compress_size)
                if len(content) != info.file_size:
                    raise ImportFault(name, 0, f"{len(content)} bytes, but the archive says {info.file_size}")
                budget.take(name, len(content))
                yield from _opened(Member(name, content), budget, depth + 1)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise ImportFault(member.name, 0, f"the zip is damaged: {error}") from None


def _tar(member: Member, budget: _Budget, depth: int) -> Iterator[Member]:
    try:
        with tarfile.open(fileobj=io.BytesIO(member.content)) as archive:
            for info in archive:
                if info.isdir():
                    continue
                name = f"{member.name}/{info.name}"
                if not info.isreg():
                    raise ImportFault(name, 0, "is a link or a device, not a file")
                _refuse_names(member.name, [info.name])
                if name in budget.names:
                    raise ImportFault(name, 0, "is there twice")
                budget.names.add(name)
                stream = archive.extractfile(info)
                content = stream.read(LARGEST_MEMBER + 1) if stream else b""
                if len(content) != info.size:
                    raise ImportFault(name, 0, f"{len(content)} bytes, but the archive says {info.size}")
                budget.take(name, len(content))
                yield from _opened(Member(name, content), budget, depth + 1)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ImportFault(member.name, 0, f"the archive is damaged: {error}") from None


def _refuse_bomb(name: str, size: int, packed: int) -> None:
    if size > LARGEST_MEMBER:
        raise ImportFault(name, 0, f"more than {LARGEST_MEMBER} bytes when unpacked")
    if size > _RATIO_COUNTS_FROM and size > LARGEST_RATIO * max(packed, 1):
        raise ImportFault(name, 0, f"unpacks to more than {LARGEST_RATIO} times its size")


def _refuse_names(archive: str, names: list[str]) -> None:
    """Refuse names that point out of the archive, and names that stand twice: either is an attack or a fault."""
    if len(names) > MOST_MEMBERS:
        raise ImportFault(archive, 0, f"more than {MOST_MEMBERS} files")
    seen: set[str] = set()
    for name in names:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0] or "\0" in name:
            raise ImportFault(archive, 0, f"the member {name!r} points out of the archive")
        if str(path) in seen:
            raise ImportFault(archive, 0, f"the member {name!r} is there twice")
        seen.add(str(path))
