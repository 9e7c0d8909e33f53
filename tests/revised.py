"""The cut with a summary of which two versions were released and a third is served: what versions are tried on."""

from __future__ import annotations

from pathlib import Path

from icdref.compiler.editions import activate
from icdref.compiler.released import release
from icdref.importers.conditions import read_conditions
from tests.conftest import Compiled
from tests.cut import Cut

NAME = "bone-after-a-blow"
DAYS = {"0.1.0": "2026-05-22", "0.2.0": "2026-06-01", "0.10.0": "2026-07-01"}
"""The versions, oldest first, each with the day on which the text was revised."""
RESTS = {
    "0.1.0": "Rest for 6 weeks comes first.",
    "0.2.0": "Rest for 6 weeks is the first step.",
    "0.10.0": "Rest for 6 weeks stands before everything else.",
}
"""What the treatment says in each version."""


def keep(cut: Cut) -> None:
    """Release the summary of a cut as it stands."""
    fixtures = cut.folder / "fixtures"
    release(fixtures, next(each for each in read_conditions(fixtures).summaries if each.id == NAME))


def revise(cut: Cut, before: str, after: str) -> None:
    """Make the next version of the summary's text."""
    file = f"fixtures/conditions/{NAME}.toml"
    cut.edit(file, f'version = "{before}"', f'version = "{after}"')
    cut.edit(file, f"revision_date = {DAYS[before]}", f"revision_date = {DAYS[after]}")
    cut.edit(file, RESTS[before], RESTS[after])


def revised(folder: Path) -> Compiled:
    """Return the compiled cut."""
    cut = Cut(folder)
    keep(cut)
    revise(cut, "0.1.0", "0.2.0")
    keep(cut)
    revise(cut, "0.2.0", "0.10.0")
    edition = cut.compile(folder / "data")
    activate(folder / "data", edition.id)
    return Compiled(folder / "data", edition)
