"""Reading bodies: the cap, the deadline and the declared length."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from icdref.server.bodies import BodyError, read_body


async def chunks(*parts: bytes, taken: list[int] | None = None) -> AsyncIterator[bytes]:
    for part in parts:
        if taken is not None:
            taken.append(len(part))
        yield part


async def stalled() -> AsyncIterator[bytes]:
    yield b"a"
    await asyncio.sleep(60)


def read(source: AsyncIterator[bytes], declared: str | None = None, *, drain: bool = True, seconds: float = 5) -> bytes:
    return asyncio.run(read_body(source, declared, 10, seconds, drain=drain))


def refusal(source: AsyncIterator[bytes], declared: str | None = None, *, drain: bool = True, seconds: float = 5) -> int:
    with pytest.raises(BodyError) as refused:
        read(source, declared, drain=drain, seconds=seconds)
    return refused.value.status


def test_a_body_up_to_the_cap_is_read_whole() -> None:
    assert read(chunks(b"12345", b"67890")) == b"1234567890"
    assert read(chunks(b"12345"), "5") == b"12345"
    assert read(chunks()) == b""


def test_a_body_over_the_cap_is_drained_to_eight_times_the_cap() -> None:
    taken: list[int] = []
    assert refusal(chunks(*[b"12345"] * 100, taken=taken)) == 413
    assert 80 < sum(taken) <= 90


def test_a_client_that_waits_for_leave_is_not_drained() -> None:
    taken: list[int] = []
    assert refusal(chunks(*[b"12345"] * 100, taken=taken), "500", drain=False) == 413
    assert taken == []


def test_a_stalled_body_is_refused() -> None:
    assert refusal(stalled(), seconds=0.01) == 408


def test_a_body_shorter_or_longer_than_declared_is_refused() -> None:
    assert refusal(chunks(b"123"), "4") == 400
    assert refusal(chunks(b"12345"), "4") == 400
    assert read(chunks(b"123"), "not a number") == b"123"
