"""Tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown, numbers to the right."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    shown = [
        [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        for line in lines
    ]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join("| " + " | ".join(line) + " |" for line in [shown[0], rule, *shown[1:]])


def publish(result: dict[str, Any], text: str, *, as_json: bool) -> None:
    """Print the result."""
    sys.stdout.write((json.dumps(result, indent=2) if as_json else text) + "\n")


def verdict(value: float, bound: float, *, at_least: bool) -> str:
    """Return the bound with whether it was kept."""
    kept = value >= bound if at_least else value <= bound
    return f"{'>=' if at_least else '<='} {bound:g} {'ok' if kept else 'MISSED'}"
