"""What changed between two versions of the summaries, statement by statement: the unit that editors and reviewers look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Tables = Mapping[str, Mapping[str, Any]]
"""Summary id -> the tables of its TOML file; they need not be without fault."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: in which summary and statement ('' for the rest of the file), to which key, from what to what."""

    summary: str
    statement: str
    what: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        place = self.statement or self.summary
        lines = [f"{place}: {self.what}"]
        lines += [f"  - {self.before}"] if self.before else []
        lines += [f"  + {self.after}"] if self.after else []
        return "\n".join(lines)


def differences(before: Tables, after: Tables) -> Iterator[Difference]:
    """Yield every change, by summary, in the order of the newer file; removals come last."""
    for summary in sorted({*before, *after}):
        old, new = before.get(summary, {}), after.get(summary, {})
        if not old or not new:
            yield Difference(summary, "", "summary added" if new else "summary removed")
        yield from _statements(summary, _rows(old), _rows(new))
        if old and new:
            for key in sorted({*old, *new} - {"statement"}):
                if old.get(key) != new.get(key):
                    yield Difference(summary, "", f"{key} changed", _shown(old.get(key)), _shown(new.get(key)))


def _rows(table: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    rows = table.get("statement", [])
    return {str(row.get("id", "")): row for row in rows if isinstance(row, dict)}


def _statements(summary: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for identifier, row in new.items():
        if identifier not in old:
            yield Difference(summary, identifier, f"added to {row.get('section', '')}", after=_shown(row.get("text")))
            continue
        for key in dict.fromkeys((*row, *old[identifier])):
            if row.get(key) != old[identifier].get(key):
                yield Difference(summary, identifier, f"{key} changed", _shown(old[identifier].get(key)), _shown(row.get(key)))
    for identifier, row in old.items():
        if identifier not in new:
            yield Difference(summary, identifier, f"removed from {row.get('section', '')}", before=_shown(row.get("text")))


def _shown(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)
