"""The error of all importers: what is wrong with an input, where, and what would be right."""

from __future__ import annotations


class ImportFault(Exception):
    """An input that is refused whole; `file` and `line` say where (line 0: the file as a whole)."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}" if line else f"{file}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason
