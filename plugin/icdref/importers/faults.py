"""What is wrong with the curated content: one record per fault, with the place, the value and the fix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ERROR = "error"
WARNING = "warning"
INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the content, for the person who edits it.

    `file` is relative to the content directory; `where` is a statement id or a key path ('' for the file as a whole).
    `severity` is error, warning or information; only errors refuse the content. `rule` is the number of the rule in
    docs/reference/content-check.md.
    """

    file: str
    where: str
    value: str
    message: str
    fix: str
    severity: str = ERROR
    rule: int = 0

    def __str__(self) -> str:
        """Return the fault as one line: file, place, what is wrong, what would be right."""
        place = f"{self.file} {self.where}" if self.where else self.file
        return f"{place}: {self.message}; fix: {self.fix}"


class ContentError(Exception):
    """Content that can not be read; `faults` lists everything that is wrong with it, not only the first fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def shown(value: object, limit: int = 60) -> str:
    r"""Return a value of a file fit for a message: in double quotes, escaped, cut to `limit` characters.

    >>> print(shown("A"), shown(7), shown("two\nlines"))
    "A" 7 "two\nlines"
    """
    text = str(value)
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    if not isinstance(value, str):
        return text
    escaped = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return f'"{escaped}"'


def errors_of(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults that refuse the content, leaving out warnings and information."""
    return tuple(fault for fault in faults if fault.severity == ERROR)
