"""Break import, compile and activate at every system call that changes a file, and look at what is left.

    python tools/torture.py [--points N] [--full]

One run counts the file-changing system calls of a whole import (of a cut of the code set; `--full`: of a full release).
Then the same command runs once per point and fault (a kill, ENOSPC, EIO), injected by strace. After each: the data directory
must serve what it served before or what the whole import would serve, every installed edition must be intact, every import
must verify, and the same command run again must succeed. Exit 1 when one edition is torn. strace is installed with apt-get
where it is missing.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CALLS = (
    "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,chmod,fchmod,fchmodat,ftruncate"
)
FAULTS = {"kill": "signal=SIGKILL", "ENOSPC": "error=ENOSPC", "EIO": "error=EIO"}
_SECONDS = 300

IMPORT = """
import sys
from datetime import date
from pathlib import Path
from icdref.compiler.importing import Options, import_path
from icdref.compiler.intake import Wanted
from icdref.compiler.sources import Sources
data, source, codesets, fixtures, day = sys.argv[1:6]
base = Sources(Path(codesets), Path(fixtures)) if codesets else None
wanted = Wanted(date.fromisoformat(day), complete=not codesets)
import_path(Path(data), Path(source), wanted, Options(), base=base)
"""

LOOK = """
import sys
from pathlib import Path
from icdref.compiler.imports import imported
from icdref.store import editions
data = Path(sys.argv[1])
served = editions.served(data)
for edition in editions.installed(data):
    editions.verify(edition)
for folder in (data / "editions").iterdir():
    if not folder.name.startswith("."):
        editions.read(data, folder.name)
for each in imported(data):
    each.verify()
print(served.edition.id, served.degraded)
"""


def main(arguments: list[str]) -> int:
    """Run every point and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--points", type=int, default=0, help="sample so many points instead of all")
    parser.add_argument("--full", action="store_true", help="a full release instead of the cut")
    chosen = parser.parse_args(arguments)
    need_strace()
    with tempfile.TemporaryDirectory() as scratch:
        return torture(Path(scratch), chosen.points, full=chosen.full)


def torture(scratch: Path, sampled: int, *, full: bool) -> int:
    """Count the calls of one import, inject faults, and report what was torn."""
    base, command = prepare(scratch, full=full)
    whole = copy(base, scratch / "whole")
    calls = count(command(whole), scratch / "trace")
    before, after = look(base), look(whole)
    points = [(at, fault) for at in range(1, calls + 1) for fault in FAULTS]
    if sampled:
        points = sorted(
            random.Random(calls).sample(  # noqa: S311
                points, min(sampled, len(points))
            )
        )
    torn: list[str] = []
    ends = {before: 0, after: 0}
    for number, (at, fault) in enumerate(points, 1):
        data = copy(base, scratch / "data")
        inject = f"inject={CALLS}:{FAULTS[fault]}:when={at}"
        run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS}", "-e", inject, *command(data)])
        try:
            seen = look(data)
            if seen not in ends:
                raise RuntimeError(f"serves {seen}")
            ends[seen] += 1
            if run(command(data)).returncode or look(data) != after:
                raise RuntimeError("the same command does not succeed afterwards")
        except RuntimeError as error:
            torn.append(f"{fault} at call {at}: {error}")
        if number % 50 == 0 or number == len(points):
            sys.stderr.write(f"{number}/{len(points)} points, {len(torn)} torn\n")
    ended = f"{ends[before]} ended as before, {ends[after]} with the whole import, {len(torn)} torn"
    sys.stdout.write("\n".join([f"{calls} file-changing calls, {len(points)} points: {ended}", *torn]) + "\n")
    return 1 if torn else 0


def prepare(scratch: Path, *, full: bool) -> tuple[Path, Callable[[Path], list[str]]]:
    """Return a data directory with one edition, and the command that imports a further release into a copy of it."""
    sys.path[:0] = [str(ROOT), str(ROOT / "plugin")]
    from tests.cut import Cut  # noqa: PLC0415
    from tests.order_files import fiscal_year_2027, order_file, rows_of  # noqa: PLC0415

    from icdref.compiler.compile import compile_edition  # noqa: PLC0415  only after the path is set
    from icdref.compiler.editions import activate  # noqa: PLC0415
    from icdref.compiler.sources import Sources  # noqa: PLC0415
    from icdref.config import Settings  # noqa: PLC0415
    from icdref.service.service import Service  # noqa: PLC0415

    base, source = scratch / "base", scratch / "source"
    cut = Cut(scratch / "cut")
    day = "2026-10-01" if full else "2026-04-01"
    edition = compile_edition(base, Sources.embedded()) if full else cut.compile(base)
    service = Service(edition, Settings())
    # Of the cut, the order file of its newest release is imported beside the tabular list: an edition of its own.
    source.write_bytes(order_file(fiscal_year_2027(service) if full else rows_of(service)))
    activate(base, edition.id)
    places = ["", ""] if full else [str(cut.folder / "codesets"), str(cut.folder / "fixtures")]

    def command(data: Path) -> list[str]:
        return [sys.executable, "-c", IMPORT, str(data), str(source), *places, day]

    return base, command


def count(command: list[str], trace: Path) -> int:
    """Return how many file-changing calls a command makes on its data directory. Raises RuntimeError when it fails."""
    ended = run(["strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={CALLS}", *command])
    if ended.returncode:
        raise RuntimeError(ended.stderr[-2000:])
    return sum(re.match(r"\d+ +\w+\(", line) is not None for line in trace.read_text(errors="replace").splitlines())


def look(data: Path) -> str:
    """Return the edition that is served, every edition and import verified. Raises RuntimeError when one is not intact."""
    ended = run([sys.executable, "-c", LOOK, str(data)])
    if ended.returncode:
        raise RuntimeError(ended.stderr.strip().splitlines()[-1])
    return ended.stdout.strip()


def copy(base: Path, target: Path) -> Path:
    """Return a fresh copy of a data directory."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(base, target)
    return target


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command with our own code on its path."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "plugin"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=_SECONDS, check=False)  # noqa: S603


def need_strace() -> None:
    """Install strace where it is missing."""
    if shutil.which("strace"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    for step in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "strace"]):
        subprocess.run([*sudo, *step], check=True)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
