"""Sets of document numbers as one large integer each: bit n stands for document n.

Measured on 49,000 documents: one intersection or union of two such sets takes 1 µs, counting one 3 µs; reading one from the
index 5 to 60 µs. On disk a set is either its bytes or, where few bits are set, the list of numbers.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator

_DENSE = b"D"
_SPARSE = b"S"
_ID_BYTES = 4
# Reading a list costs 0.1 µs for each number, reading bytes next to nothing; this keeps both small.
_SPARSE_SHARE = 64
_PIECE_BITS = 2048
_PIECE = (1 << _PIECE_BITS) - 1


def encode(ids: Iterable[int], size: int) -> bytes:
    """Return a set as bytes; `size` is the number of documents there are."""
    numbers = array("I", sorted(ids))
    if len(numbers) * _SPARSE_SHARE < size:
        if sys.byteorder == "big":
            numbers.byteswap()
        return _SPARSE + numbers.tobytes()
    return _DENSE + _bytes(numbers).rstrip(b"\0")


def decode(record: bytes) -> int:
    """Return the set of a record made by `encode`."""
    if record[:1] == _DENSE:
        return int.from_bytes(record[1:], "little")
    numbers = array("I")
    numbers.frombytes(record[1:])
    if sys.byteorder == "big":
        numbers.byteswap()
    return from_numbers(numbers)


def from_numbers(numbers: Iterable[int]) -> int:
    """Return the set of these numbers."""
    return int.from_bytes(_bytes(array("I", numbers)), "little")


def members(bits: int) -> Iterator[int]:
    """Yield the numbers in a set, smallest first.

    >>> list(members(0b101001))
    [0, 3, 5]
    """
    start = 0
    while bits:
        # A piece at a time: who wants only the first members of a large set does not pay for the others.
        digits = bin(bits & _PIECE)[:1:-1]
        found = digits.find("1")
        while found >= 0:
            yield start + found
            found = digits.find("1", found + 1)
        bits >>= _PIECE_BITS
        start += _PIECE_BITS


def _bytes(numbers: array[int]) -> bytearray:
    found = bytearray((max(numbers) >> 3) + 1 if numbers else 0)
    for number in numbers:
        found[number >> 3] |= 1 << (number & 7)
    return found
