"""Reading a request body with a cap and a deadline, so that no slow or endless body can hold anything but itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from typing import Final

from icdref import issues
from icdref.issues import IcdRefError

_DRAINED_PER_CAP: Final = 8


class BodyError(IcdRefError):
    """A body that is refused, with the status that says why."""

    def __init__(self, issue: issues.Issue, status: int) -> None:
        super().__init__(issue)
        self.status = status


async def read_body(
    chunks: AsyncIterable[bytes], declared: str | None, limit: int, seconds: float, *, drain: bool = True
) -> bytes:
    """Return the whole body, of at most `limit` bytes, that arrives within `seconds`.

    `declared` is the Content-Length, if any. A client that sends too much reads no answer before it has sent it, so with
    `drain` up to eight times the limit is read and thrown away first. Raises BodyError (413, 408; 400 where the client
    stopped before the length it declared). The end of a chunked body is taken on trust: granian does not tell a broken
    chunk from the last one, and closes the connection after the answer.
    """
    length = int(declared) if declared is not None and declared.isdecimal() else None
    too_large = BodyError(issues.body_too_large(limit), 413)
    if length is not None and length > limit and not drain:
        raise too_large
    parts: list[bytes] = []
    received = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in chunks:
                received += len(chunk)
                if received <= limit:
                    parts.append(chunk)
                    continue
                parts.clear()
                if not drain or received > limit * _DRAINED_PER_CAP:
                    break
    except TimeoutError:
        if received > limit:
            raise too_large from None
        raise BodyError(issues.body_too_slow(seconds), 408) from None
    if received > limit:
        raise too_large
    if length is not None and received != length:
        raise BodyError(issues.malformed_body("ended early", f"send all of the {length} bytes declared"), 400)
    return b"".join(parts)
