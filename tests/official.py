"""The publisher's own files, read where they lie: which make which release, and a data directory with all of them."""

from __future__ import annotations

import json
import lzma
from datetime import date
from pathlib import Path
from typing import Any

from icdref.compiler import imports, intake
from icdref.compiler.compile import compile_edition
from icdref.compiler.editions import activate
from icdref.compiler.sources import Sources
from icdref.store.editions import Edition
from tests.conftest import SHARED_DATA

FILES = SHARED_DATA / "icd10cm"
EXPECTED = SHARED_DATA / "expected"

RELEASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "2016": ("2015-10-01", ("order/icd10cm_order_2016.txt.xz", "tabular/icd10cm_tabular_2016.xml.xz")),
    "2017": ("2016-10-01", ("order/icd10cm_order_2017.txt.xz", "tabular/icd10cm_tabular_2017.xml.xz")),
    "2019": ("2018-10-01", ("order/icd10cm_order_2019.txt.xz",)),
    "2020": ("2019-10-01", ("order/icd10cm_order_2020.txt.xz",)),
    "2021-01": ("2021-01-01", ("order/icd10cm_order_2021-01.txt.xz", "tabular/icd10cm_tabular_2021-01.xml.xz")),
    "2023": ("2022-10-01", ("order/icd10cm_order_2023.txt.xz",)),
    "2023-04": ("2023-04-01", ("zips/cms_2023-04-01_dx.zip",)),
    "2024": ("2023-10-01", ("order/icd10cm_order_2024.txt.xz",)),
    "2025-04": ("2025-04-01", ("tabular/icd10cm_tabular_2025-04.xml.xz",)),
    "2026": ("2025-10-01", ("zips/cms_2026_dx.zip",)),
}
"""Name in `expected/` -> first day, files."""


def expected(name: str) -> Any:
    """Return a file of `expected/`, computed from the official files by other means."""
    path = EXPECTED / name
    return json.loads(lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes())


def known(sources: Sources) -> intake.Known:
    """Return what an import is held against where nothing but the vendored data is installed."""
    return intake.Known(sources.validity(), sources.listed())


def read(name: str, day: str, sources: Sources | None = None) -> intake.Intake:
    """Return what an official file holds when it is imported for a day."""
    wanted = intake.Wanted(date.fromisoformat(day) if day else None)
    return intake.read_path(FILES / name, wanted, known(sources or Sources.embedded()), lambda *_: None)


def install_all(data: Path) -> Edition:
    """Compile and activate one edition of every official release at hand and the vendored one."""
    sources = Sources.embedded()
    against = known(sources)
    for day, names in RELEASES.values():
        for name in names:
            found = intake.read_path(FILES / name, intake.Wanted(date.fromisoformat(day)), against, lambda *_: None)
            imports.settle(data, imports.stage(data, found.parcels))
    edition = compile_edition(data, Sources.of(data))
    activate(data, edition.id)
    return edition
