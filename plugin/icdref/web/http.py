"""The request and the answer as our handlers see them: no framework, so that Flask and the server's front can share them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Request:
    """One HTTP request. `path` is below the mount prefix and decoded; `query` is raw; header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        """Return a header's value, '' where it was not sent."""
        return self.headers.get(name, "")


@dataclass(slots=True)
class Answer:
    """One HTTP answer. `route` is the template for logs and metrics, never the path with a client's values in it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    route: str = ""
