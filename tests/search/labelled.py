"""Labelled queries and how a search does on them. Used by the tests and by bench/search_quality.py.

A file has the columns query, expected, kind and note, separated by tabs. In `expected`, `|` stands between codes any of
which is right, and a trailing `-` means the code or anything below it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from icdref.results import SearchHit

HEADER = ("query", "expected", "kind", "note")
COUNT = 10

Find = Callable[[str], Sequence[SearchHit]]


@dataclass(frozen=True)
class Query:
    text: str
    expected: tuple[str, ...]
    kind: str
    note: str = ""


@dataclass
class Score:
    """How many queries there are, and for how many the right code comes first, among the first five, or at all in ten."""

    queries: int = 0
    first: int = 0
    five: int = 0
    reciprocal: float = 0.0
    wrong_side: int = 0
    failed: list[tuple[Query, int, tuple[str, ...]]] = field(default_factory=list)

    @property
    def mrr(self) -> float:
        return self.reciprocal / self.queries if self.queries else 0.0


def read(path: Path) -> list[Query]:
    lines = path.read_text("utf-8").splitlines()
    assert tuple(lines[0].split("\t")) == HEADER, f"{path.name}: the header is not {HEADER}"
    found = []
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        assert len(cells) == len(HEADER), f"{path.name}:{number}: {len(cells)} columns"
        text, expected, kind, note = cells
        found.append(Query(text, tuple(expected.split("|")), kind, note))
    return found


def is_right(code: str, expected: Iterable[str]) -> bool:
    """Tell whether a code is expected.

    >>> is_right("I48.91", ["I48-"]), is_right("I48", ["I48.91"]), is_right("S93.401A", ["S93.401-"])
    (True, False, True)
    """
    for each in expected:
        if each.endswith("-"):
            above = each[:-1]
            if code == above or code.startswith(above if "." in above else f"{above}."):
                return True
        elif code == each:
            return True
    return False


def score(queries: Iterable[Query], find: Find) -> dict[str, Score]:
    """Return the score of each kind and, under "all", of all queries."""
    found: dict[str, Score] = defaultdict(Score)
    for query in queries:
        hits = find(query.text)
        rank = next((place for place, hit in enumerate(hits, 1) if is_right(hit.code, query.expected)), 0)
        wrong = sum(1 for hit in hits if names_other_side(query.text, hit.display))
        for each in (found["all"], found[query.kind]):
            each.queries += 1
            each.first += rank == 1
            each.five += 0 < rank <= 5
            each.reciprocal += 1 / rank if rank else 0.0
            each.wrong_side += wrong
            if rank != 1:
                each.failed.append((query, rank, tuple(hit.code for hit in hits[:5])))
    return dict(found)


_RIGHT = re.compile(r"(?<!not )\b(?:right|rt|r)\b", re.IGNORECASE)
_LEFT = re.compile(r"(?<!not )\b(?:left|lt|l)\b(?!\d)", re.IGNORECASE)


def names_other_side(question: str, title: str) -> bool:
    """Tell whether a title names one side and the question only the other."""
    right, left = bool(_RIGHT.search(question)), bool(_LEFT.search(question))
    if right == left:
        return False
    words = set(re.findall(r"[a-z]+", title.lower()))
    other = "left" if right else "right"
    return other in words and {"left": "right", "right": "left"}[other] not in words


def table(scores: dict[str, Score]) -> str:
    rows = [f"{'kind':14} {'n':>4} {'hit@1':>7} {'hit@5':>7} {'MRR':>6} {'wrong side':>11}"]
    for kind in [*sorted(scores.keys() - {"all"}), "all"]:
        each = scores[kind]
        share = f"{each.first / each.queries:7.1%} {each.five / each.queries:7.1%}"
        rows.append(f"{kind:14} {each.queries:4} {share} {each.mrr:6.3f} {each.wrong_side:11}")
    return "\n".join(rows)
