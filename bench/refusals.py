"""Seconds until a mutated release of full size is refused: every way of `tests/mutation/mutations.py`, some places each.

The release is that of fiscal year 2027 in the publisher's order format, made from the validity table, and the embedded tabular
list. Each way is imported in this process, as `icdref codeset import` does, into a directory that serves the embedded edition.
Before, the release that is mutated is imported as it is and must be accepted. Exit 1 when one mutated release is accepted, or
when one changes what is served.
"""

from __future__ import annotations

import argparse
import lzma
import shutil
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from common.edition import build
from common.processes import BENCH
from common.report import publish, table, verdict

sys.path.insert(0, str(BENCH.parent))
from tests.mutation.mutations import MUTATIONS, Rows, write_mutated
from tests.order_files import FY2027, fiscal_year_2027, order_file

import icdref
from icdref.compiler.importing import Options, import_path
from icdref.compiler.intake import Wanted
from icdref.compiler.sources import vendored
from icdref.importers.errors import ImportFault
from icdref.store.editions import CURRENT, pointer

BOUND = 5.0
REPLACED = date(2026, 4, 1)
"""The embedded release: a tabular list is mutated against its own day."""


def imported(data: Path, path: Path, *, is_tabular: bool) -> None:
    """Import as the command does. Raises ImportFault."""
    import_path(data, path, Wanted(REPLACED if is_tabular else FY2027), Options(replace=is_tabular))


def is_tabular(name: str) -> bool:
    """Tell whether a mutation is one of the tabular list."""
    return name.startswith("xml_")


def check_whole(base: Path, folder: Path, rows: Rows, tabular: bytes) -> None:
    """Import both releases as they are; ends the script when one is refused."""
    # A blank more makes it another file than the one that is embedded, which would be there already.
    for name, content in (("order.txt", order_file(rows)), ("tabular.xml", tabular.rstrip() + b"\n\n")):
        (folder / name).write_bytes(content)
        copy = folder / "whole"
        shutil.copytree(base, copy)
        imported(copy, folder / name, is_tabular=name == "tabular.xml")
        shutil.rmtree(copy)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--places", type=int, default=2, help="how often each way is tried, at other places")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="icdref-bench-") as directory:
        base, folder = Path(directory) / "base", Path(directory)
        build(base)
        rows = fiscal_year_2027(icdref.open_service(data=str(base)))
        tabular = lzma.decompress(next(vendored("codesets").glob("icd-10-cm/*/*.xml.xz")).read_bytes())
        check_whole(base, folder, rows, tabular)
        served = pointer(base, CURRENT)
        slowest: dict[str, float] = {}
        accepted = 0
        for mutation in MUTATIONS:
            name = mutation.__name__
            for number in range(options.places):
                path = write_mutated(mutation, number, rows, tabular, folder)
                begun = time.perf_counter()
                try:
                    imported(base, path, is_tabular=is_tabular(name))
                    accepted += 1
                    sys.stderr.write(f"{name} {number}: accepted\n")
                except ImportFault:
                    slowest[name] = max(slowest.get(name, 0.0), time.perf_counter() - begun)
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        changed = pointer(base, CURRENT) != served
    tried = len(MUTATIONS) * options.places
    worst = max(slowest.values(), default=0.0)
    lines = [[name.replace("_", " "), f"{seconds:.1f}"] for name, seconds in sorted(slowest.items(), key=lambda each: -each[1])]
    text = table(["broken by", "slowest refusal (s)"], lines)
    total = [["accepted", str(accepted), "0 " + ("ok" if not accepted else "MISSED")]]
    total.append(["slowest refusal (s)", f"{worst:.1f}", verdict(worst, BOUND, at_least=False)])
    text += "\n" + table([f"{tried} mutated releases", "measured", "aim"], total)
    publish({"tried": tried, "accepted": accepted, "slowest": slowest}, text, as_json=options.json)
    sys.exit(1 if accepted or changed else 0)


if __name__ == "__main__":
    main()
