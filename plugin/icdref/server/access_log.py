"""One line per request, and what may never be in it: query strings, values in paths, headers, bodies.

Lines are collected and written by a thread, so that a log that nobody reads (a full pipe, a slow disk) can never hold up
an answer; what does not fit in the meantime is dropped and counted.
"""

from __future__ import annotations

import os
import select
import stat
import threading
import time
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Final

_PENDING_BYTES: Final = 4 * 1024 * 1024
_WHOLE_WRITE: Final = select.PIPE_BUF  # a pipe keeps a write together up to here, so lines of two workers never mix


class AccessLog:
    """A log of requests on a file descriptor. Call `write` per request, `flush` now and then, `close` at the end."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._piece = 1024 * 1024 if stat.S_ISREG(os.fstat(file).st_mode) else _WHOLE_WRITE
        self._lines: list[str] = []
        self._second = 0
        self._stamp = ""
        self._queued = 0  # bytes, counted by the caller's thread only
        self._written = 0  # bytes, counted by the writing thread only
        self._dropped = 0
        self._blocks: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._drain, name="access-log", daemon=True)
        self._thread.start()

    def write(
        self, route: str, method: str, status: int, seconds: float, sent: int, *, hit: bool, edition: str, request_id: str
    ) -> None:
        """Note one request."""
        now = int(time.time())
        if now != self._second:
            self._second = now
            self._stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        word = route.replace(" ", "_")
        self._lines.append(
            f"at={self._stamp} method={method} route={word} status={status} ms={seconds * 1000:.2f} bytes={sent}"
            f" edition={edition} id={request_id} cache={'hit' if hit else 'miss'}\n"
        )

    def flush(self) -> None:
        """Hand the lines so far to the thread; drop them while it is more than 4 MB behind."""
        if not self._lines:
            return
        lines, self._lines = self._lines, []
        if self._queued - self._written > _PENDING_BYTES:
            self._dropped += len(lines)
            return
        if self._dropped:
            lines.append(f"at={self._stamp} dropped={self._dropped}\n")
            self._dropped = 0
        block = "".join(lines).encode("utf-8", "backslashreplace")
        self._queued += len(block)
        self._blocks.put(block)

    def close(self, seconds: float = 1.0) -> None:
        """Write what is left, waiting no longer than `seconds` for it."""
        self.flush()
        self._blocks.put(None)
        self._thread.join(seconds)

    def _drain(self) -> None:
        while (block := self._blocks.get()) is not None:
            for piece in pieces(block, self._piece):
                try:
                    _write(self._file, piece)
                except OSError:  # the reader has gone; the service goes on
                    break
            self._written += len(block)


def pieces(block: bytes, limit: int) -> Iterator[bytes]:
    r"""Yield `block` cut at line ends into pieces of at most `limit` bytes (a longer line alone is one piece).

    >>> list(pieces(b"ab\ncd\nefgh\n", 6))
    [b'ab\ncd\n', b'efgh\n']
    """
    begin = 0
    while begin < len(block):
        end = len(block) if len(block) - begin <= limit else block.rfind(b"\n", begin, begin + limit) + 1
        if end <= begin:
            end = block.find(b"\n", begin) + 1 or len(block)
        yield block[begin:end]
        begin = end


def _write(file: int, data: bytes) -> None:
    while data:
        try:
            data = data[os.write(file, data) :]
        except BlockingIOError:
            select.select([], [file], [])
