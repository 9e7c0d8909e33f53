"""Code-set updates: seconds to import and compile one full release and ten, and what ten releases cost in size and memory.

Seconds are given by the clock and as processor time of the command, which a busy machine does not stretch. With
`--official FOLDER` the publisher's own files are imported (order files, tabular lists, zips); without, ten order files are
made in the publisher's format from the validity table, with made-up titles for codes that ended. The order of imports is from
the oldest on, all in one command, and one in a command of its own; `--one-by-one` also times ten commands.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common.edition import ICDREF, SYSTEM, build, random_codes, serve_command
from common.processes import BENCH, server
from common.report import publish, table, verdict

sys.path.insert(0, str(BENCH.parent))
from tests.order_files import order_file, release_rows

import icdref

DAYS = tuple(date(year, 10, 1) for year in range(2016, 2026))
OFFICIAL = {
    "2015-10-01": "tabular/icd10cm_tabular_2016.xml.xz",
    "2016-10-01": "tabular/icd10cm_tabular_2017.xml.xz",
    "2018-10-01": "order/icd10cm_order_2019.txt.xz",
    "2019-10-01": "order/icd10cm_order_2020.txt.xz",
    "2021-01-01": "tabular/icd10cm_tabular_2021-01.xml.xz",
    "2022-10-01": "order/icd10cm_order_2023.txt.xz",
    "2023-04-01": "zips/cms_2023-04-01_dx.zip",
    "2023-10-01": "order/icd10cm_order_2024.txt.xz",
    "2025-04-01": "tabular/icd10cm_tabular_2025-04.xml.xz",
    "2025-10-01": "zips/cms_2026_dx.zip",
}
ONE_BOUND, TEN_BOUND, SIZE_BOUND, MEMORY_BOUND = 20.0, 180.0, 2.0, 20.0
CODES = 2_000


@dataclass(frozen=True)
class Took:
    """Seconds of one command: by the clock, and of the processor."""

    wall: float
    cpu: float


def imported(data: Path, releases: dict[str, Path]) -> Took:
    """Import releases, day -> file, with one command."""
    days = [part for day in releases for part in ("--effective-date", day)]
    command = [*ICDREF, "codeset", "import", *map(str, releases.values()), *days]
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, env=os.environ | {"ICDREF_DATA": str(data)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command[3:])} failed")
    return Took(time.perf_counter() - begun, usage.ru_utime + usage.ru_stime)


def files(data: Path, folder: Path, official: str) -> dict[str, Path]:
    """Return ten releases, day -> file, oldest first."""
    if official:
        return {day: Path(official) / name for day, name in OFFICIAL.items()}
    service = icdref.open_service(data=str(data))
    made = {}
    for day in DAYS:
        made[str(day)] = folder / f"{day}.txt"
        made[str(day)].write_bytes(order_file(release_rows(service, day)))
    return made


def size(data: Path) -> int:
    """Return the bytes of the current edition."""
    edition = (data / "CURRENT").read_text().strip()
    return sum(path.stat().st_size for path in (data / "editions" / edition).iterdir())


def worker(data: Path, codes: list[str], days: list[str]) -> float:
    """Return the memory (MB) that the worker of a server has to itself after codes of every release were asked for.

    Pages of the index are not counted: they are the page cache's, and all workers map the same.
    """
    with server(serve_command(1), "/ready", ICDREF_DATA=str(data)) as running:
        for number, code in enumerate(codes):
            day = days[number % len(days)]
            running.get(f"/fhir/r4/CodeSystem/$lookup?system={SYSTEM}&code={code}&date={day}")
        *_, pid = running.processes()
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) / 1024 for line in rollup.splitlines() if line.startswith("Private_Dirty:"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--official", default="", metavar="FOLDER", help="the publisher's files, named as in this script")
    parser.add_argument("--one-by-one", action="store_true", help="also import the ten with ten commands")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result: dict[str, Any] = {}
    with TemporaryDirectory(prefix="icdref-bench-") as directory:
        base, ten, single = (Path(directory) / name for name in ("base", "ten", "single"))
        build(base)
        releases = files(base, Path(directory), options.official)
        for copy in (ten, single):
            shutil.copytree(base, copy)
        newest = list(releases.items())[-1]
        result["one"] = imported(single, dict([newest]))
        result["ten"] = imported(ten, releases)
        if options.one_by_one:
            shutil.copytree(base, Path(directory) / "each")
            each = [imported(Path(directory) / "each", {day: path}) for day, path in releases.items()]
            result["one by one"] = Took(sum(took.wall for took in each), sum(took.cpu for took in each))
        ratio = size(ten) / size(base)
        codes = random_codes(base, CODES)
        before, after = (worker(data, codes, [*releases, "2026-04-01"]) for data in (base, ten))
    bounds = {"one": ONE_BOUND, "ten": TEN_BOUND, "one by one": TEN_BOUND}
    names = {"one": "one release more", "ten": "ten releases, one command", "one by one": "ten releases, ten commands"}
    rows = [
        [names[key], f"{took.wall:.1f}", f"{took.cpu:.1f}", verdict(took.wall, bounds[key], at_least=False)]
        for key, took in result.items()
    ]
    more = [
        ["size of the edition with eleven releases, against one", f"{ratio:.2f}", verdict(ratio, SIZE_BOUND, at_least=False)],
        [
            "memory that a worker has to itself (MB), more",
            f"{after - before:.1f}",
            verdict(after - before, MEMORY_BOUND, at_least=False),
        ],
    ]
    plain = {key: {"seconds": took.wall, "cpu_seconds": took.cpu} for key, took in result.items()}
    plain |= {"size_ratio": ratio, "worker_more_mb": after - before}
    text = f"{table(['seconds', 'clock', 'processor', 'aim'], rows)}\n\n{table(['', 'measured', 'aim'], more)}"
    publish(plain, text, as_json=options.json)


if __name__ == "__main__":
    main()
