"""The parts of granian's RSGI interface that the front uses, as types: granian exports no names for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

Headers = list[tuple[str, str]]


class Fields(Protocol):
    """The header fields of a request, names in lower case. Values that are not ASCII are not there."""

    def get(self, key: str, /) -> str | None:
        """Return the first value of a field, None where it was not sent."""

    def items(self) -> Headers:
        """Return all fields, repeated ones too."""

    def __contains__(self, key: str, /) -> bool: ...


class Scope(Protocol):
    """One request without its body. `path` is decoded as UTF-8, what is not UTF-8 replaced; `query_string` is raw."""

    method: str
    path: str
    query_string: str

    @property
    def headers(self) -> Fields:
        """Return the header fields."""


class Exchange(Protocol):
    """The connection, for the length of one request: yields the body in chunks and takes the answer, once."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def response_empty(self, status: int, headers: Headers) -> None:
        """Answer without a body."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer with a body; its length is set here, and for HEAD it is not sent."""
