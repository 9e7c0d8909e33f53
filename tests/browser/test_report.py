"""The report on accessibility in the documentation is about the pages that are tested, and names no finding."""

from __future__ import annotations

from tests.browser.paths import PAGES, WIDTHS
from tests.checkout import ROOT

MOST_BYTES = 1_500_000


def test_the_report_covers_every_page_and_names_no_finding() -> None:
    lines = (ROOT / "docs" / "reference" / "accessibility.md").read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")][1:]
    seen = {row[0]: 0 for row in rows}
    for name, _, _, *findings in rows:
        seen[name] += 1
        assert findings == ["0"] * 4, f"{name}: run `python tools/look.py` after mending it"
    assert seen == dict.fromkeys(PAGES, len(WIDTHS) + 1)


def test_screenshots_stay_small() -> None:
    assert sum(path.stat().st_size for path in (ROOT / "docs" / "screenshots").glob("*.png")) < MOST_BYTES
