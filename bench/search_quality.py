"""How well search finds codes: hit@1, hit@5, MRR and wrong sides over a labelled set, by kind of query.

`python bench/search_quality.py [FILE]`; FILE is a TSV with the columns query, expected, kind. `expected` has `|` for any of
and a trailing `-` for the code or one below it. Without a file: tests/search/queries.tsv.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

import icdref
from icdref.service.service import Service

QUERIES = Path(__file__).parents[1] / "tests" / "search" / "queries.tsv"
_SIDES = {"left": "right", "right": "left"}


def is_expected(code: str, expected: str) -> bool:
    """Tell whether a code is one that the label allows."""
    stems = expected.split("|")
    return any(code == stem or (stem.endswith("-") and code.startswith(stem.rstrip("-").rstrip("."))) for stem in stems)


def score(service: Service, path: Path) -> dict[str, dict[str, float]]:
    """Return the counts of each kind of query, and of all: queries, hit1, hit5, the sum of reciprocal ranks, wrong sides."""
    found: dict[str, dict[str, float]] = defaultdict(
        lambda: {"queries": 0, "hit1": 0, "hit5": 0, "reciprocal": 0, "wrong_side": 0}
    )
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            hits = service.search.search(row["query"], count=10).hits
            rank = next((place for place, hit in enumerate(hits, 1) if is_expected(hit.code, row["expected"])), 0)
            words = row["query"].lower().split()
            asked = [other for side, other in _SIDES.items() if side in words and other not in words]
            wrong = sum(any(other in hit.display.lower().split() for other in asked) for hit in hits)
            for name in (row["kind"], "all"):
                counts = found[name]
                counts["queries"] += 1
                counts["hit1"] += rank == 1
                counts["hit5"] += 0 < rank <= 5
                counts["reciprocal"] += 1 / rank if rank else 0
                counts["wrong_side"] += wrong
    return found


if __name__ == "__main__":
    table = score(icdref.open_service(scrub_seconds=0), Path(sys.argv[1]) if len(sys.argv) > 1 else QUERIES)
    print(f"{'kind':<14}{'queries':>8}{'hit@1':>8}{'hit@5':>8}{'MRR':>8}{'wrong side':>12}")
    for kind, counts in sorted(table.items(), key=lambda item: item[0] == "all"):
        size = counts["queries"]
        shares = (counts["hit1"] / size, counts["hit5"] / size, counts["reciprocal"] / size)
        print(f"{kind:<14}{size:>8.0f}" + "".join(f"{share:>8.3f}" for share in shares) + f"{counts['wrong_side']:>12.0f}")
