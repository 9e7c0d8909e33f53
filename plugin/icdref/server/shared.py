"""A small file in memory that all workers of one server write their own part of: counters, and who is ready.

The launcher makes the file and names it in the environment; each worker claims one slot by a lock that the operating
system drops when the process dies. A worker that replaces a dead one goes on with its slot, so that no counter runs
backwards. Without a launcher (tests, one process) the same layout lies in anonymous memory.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from contextlib import suppress
from pathlib import Path
from typing import Final

ENVIRONMENT: Final = "ICDREF_SHARED_FILE"
WORDS: Final = 8192
"""Unsigned 64-bit words in the part of one worker."""

_MAGIC = 0x0000315245464943  # "CIFER1", little-endian
_HEADER_WORDS = 512
_HEADER = struct.Struct("<QQQ")  # magic, slots, workers expected
_ANNOUNCED = 3  # header word
_READY, _STARTS, _TIMES_READY = 0, 1, 2  # words in a worker's part
FIRST_FREE: Final = 8
"""The first word of a worker's part that its owner may use as it likes."""


class SharedMemory:
    """The memory of all workers, with the part that this process owns."""

    def __init__(self, path: str | Path | None = None) -> None:
        """Map the file at `path` and claim a slot in it; without a path (or a free slot) use memory of our own."""
        self._file: int | None = None
        self._path = Path(path) if path else None
        self.slots, self.workers, self.slot = 1, 1, 0
        if self._path:
            self._file = self._claim(self._path)
        memory = mmap.mmap(-1 if self._file is None else self._file, (_HEADER_WORDS + self.slots * WORDS) * 8)
        self.bytes = memoryview(memory)
        self.words = self.bytes.cast("Q")
        self.base = self.part(self.slot)
        self.words[self.base + _READY] = 0
        self.words[self.base + _STARTS] += 1

    def part(self, slot: int) -> int:
        """Return the word at which the part of a worker begins."""
        return _HEADER_WORDS + slot * WORDS

    def mark_ready(self) -> bool:
        """Say that this worker answers; return True in the one worker that completes the number expected."""
        if self._file is not None:
            fcntl.lockf(self._file, fcntl.LOCK_EX, 1, 0)
        try:
            self.words[self.base + _READY] = 1
            self.words[self.base + _TIMES_READY] += 1
            complete = self.ready >= self.workers and not self.words[_ANNOUNCED]
            if complete:
                self.words[_ANNOUNCED] = 1
            return complete
        finally:
            if self._file is not None:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, 0)

    @property
    def ready(self) -> int:
        """Return how many workers have said that they answer."""
        return sum(self.words[self.part(slot) + _READY] for slot in range(self.slots))

    @property
    def starts(self) -> int:
        """Return how many workers were ever started: one more than expected for each that died."""
        return sum(self.words[self.part(slot) + _STARTS] for slot in range(self.slots))

    def remove(self) -> None:
        """Remove the file and its directory, where the launcher that made them no longer can."""
        if self._file is not None and self._path is not None:
            with suppress(OSError):  # another worker was first
                self._path.unlink()
                self._path.parent.rmdir()

    def _claim(self, path: Path) -> int | None:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        magic, slots, workers = _HEADER.unpack(os.pread(file, _HEADER.size, 0))
        for slot in range(slots if magic == _MAGIC else 0):
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, (_HEADER_WORDS + slot * WORDS) * 8)
            except OSError:
                continue
            self.slots, self.workers, self.slot = slots, workers, slot
            return file
        os.close(file)
        return None


def create(path: Path, workers: int) -> None:
    """Write an empty file for `workers` workers and as many successors that start before the former have ended."""
    slots = 2 * workers + 2
    with path.open("xb") as file:
        file.write(_HEADER.pack(_MAGIC, slots, workers))
        file.truncate((_HEADER_WORDS + slots * WORDS) * 8)


def times_ready(path: Path) -> int:
    """Return how many times a worker said that it answers, read from outside: the launcher owns no slot."""
    with path.open("rb") as file:
        data = file.read()
    _, slots, _ = _HEADER.unpack_from(data)
    return sum(struct.unpack_from("<Q", data, (_HEADER_WORDS + slot * WORDS + _TIMES_READY) * 8)[0] for slot in range(slots))
