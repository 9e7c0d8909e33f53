"""How good the search is: the share of labelled queries whose right code comes first, or among the first five, by kind.

Without a file, the labelled set of the tests; with one, any file of the same columns (query, expected, kind, note). `--commit`
raises tests/search/score.json, below which the tests do not let the search fall.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path

from common.edition import compiled
from common.report import publish

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.search.labelled import COUNT, read, score, table  # noqa: E402

from icdref.config import Settings  # noqa: E402
from icdref.service.live import LiveService  # noqa: E402

COMMITTED = ROOT / "tests" / "search" / "score.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "tests" / "search" / "queries.tsv")
    parser.add_argument("--data", help="data directory with an edition (default: compile one)")
    parser.add_argument("--failed", action="store_true", help="list the queries whose right code does not come first")
    parser.add_argument("--commit", action="store_true", help="raise the score that the tests hold")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with compiled(options.data) as data:
        search = LiveService(Settings(data=str(data), scrub_seconds=0)).now().search
        scores = score(read(options.file), lambda text: search.search(text, count=COUNT).hits)
    result = {
        kind: {
            "queries": each.queries,
            "hit@1": floored(each.first / each.queries),
            "hit@5": floored(each.five / each.queries),
            "mrr": floored(each.mrr),
            "wrong side": each.wrong_side,
        }
        for kind, each in sorted(scores.items())
    }
    publish(result, table(scores), as_json=options.json)
    if options.failed:
        for query, rank, codes in scores["all"].failed:
            print(f"[{rank or '-'}] {query.text}: wanted {'|'.join(query.expected)}, got {' '.join(codes)}")
    if options.commit:
        raise_score(result["all"])


def floored(share: float) -> float:
    """Return a share with four digits, never more than it is: what is committed must stay reached."""
    return math.floor(share * 10_000) / 10_000


def raise_score(reached: dict[str, float]) -> None:
    """Write the score, unless it would fall."""
    if COMMITTED.exists():
        before = json.loads(COMMITTED.read_text("utf-8"))
        fallen = [name for name in ("hit@1", "hit@5", "mrr") if reached[name] < before[name]]
        if fallen and reached["queries"] <= before["queries"]:
            sys.exit(f"not written: {', '.join(fallen)} would fall below the committed score")
    COMMITTED.write_text(json.dumps(reached, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
