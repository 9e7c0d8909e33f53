"""Break import, compile and activate at every system call that changes a file, and look at what is left.

    python tools/torture.py [--points N] [--full]

One run counts the file-changing system calls of a whole import (of a cut of the code set; `--full`: of a full release).
Then the same import runs once per point and fault (a kill, ENOSPC, EIO), injected by strace. After each: the data directory
must serve what it served before or what the whole import would serve, every installed edition must be intact, every import
must verify, and the same import run again must succeed. Exit 1 when one edition is torn. strace is installed with apt-get
where it is missing.

Each import is a fork of this process, which has loaded everything: what takes time is the import and not Python's start.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "plugin")]

from tests.cut import Cut  # noqa: E402  after the path is set
from tests.order_files import fiscal_year_2027, order_file, rows_of  # noqa: E402

from icdref.compiler.compile import compile_edition  # noqa: E402
from icdref.compiler.editions import activate  # noqa: E402
from icdref.compiler.importing import Options, import_path  # noqa: E402
from icdref.compiler.imports import imported  # noqa: E402
from icdref.compiler.intake import Wanted  # noqa: E402
from icdref.compiler.sources import Sources  # noqa: E402
from icdref.config import Settings  # noqa: E402
from icdref.importers.errors import ImportFault  # noqa: E402
from icdref.issues import IcdRefError  # noqa: E402
from icdref.service.service import Service  # noqa: E402
from icdref.store import editions  # noqa: E402

CALLS = (
    "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,chmod,fchmod,fchmodat,ftruncate"
)
FAULTS = {"kill": "signal=SIGKILL", "ENOSPC": "error=ENOSPC", "EIO": "error=EIO"}
_SECONDS = 300

Import = Callable[[Path], object]
"""Imports the release into a data directory."""


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
    base, into = prepare(scratch, full=full)
    whole = copy(base, scratch / "whole")
    if ended(into, whole, ["-o", str(scratch / "trace"), "-e", f"trace={CALLS}"]):
        raise RuntimeError("the import does not succeed even without a fault")
    traced = (scratch / "trace").read_text(errors="replace").splitlines()
    calls = sum(re.match(r"(?:\d+ +)?\w+\(", line) is not None for line in traced)
    before, after = look(base), look(whole)
    points = [(at, fault) for at in range(1, calls + 1) for fault in FAULTS]
    if sampled:
        points = sorted(random.Random(calls).sample(points, min(sampled, len(points))))  # noqa: S311
    sys.stderr.write(f"{calls} file-changing calls, {len(points)} points\n")
    torn: list[str] = []
    ends = {before: 0, after: 0}
    for number, (at, fault) in enumerate(points, 1):
        data = copy(base, scratch / "data")
        ended(into, data, ["-o", "/dev/null", "-e", f"trace={CALLS}", "-e", f"inject={CALLS}:{FAULTS[fault]}:when={at}"])
        try:
            seen = look(data)
            if seen not in ends:
                raise RuntimeError(f"serves {seen}")
            ends[seen] += 1
            if ended(into, data) or look(data) != after:
                raise RuntimeError("the same import does not succeed afterwards")
        except (RuntimeError, IcdRefError, ImportFault) as error:
            torn.append(f"{fault} at call {at}: {error}")
        if number % 50 == 0 or number == len(points):
            sys.stderr.write(f"{number}/{len(points)} points, {len(torn)} torn\n")
    counted = f"{ends[before]} ended as before, {ends[after]} with the whole import, {len(torn)} torn"
    sys.stdout.write("\n".join([f"{calls} file-changing calls, {len(points)} points: {counted}", *torn]) + "\n")
    return 1 if torn else 0


def prepare(scratch: Path, *, full: bool) -> tuple[Path, Import]:
    """Return a data directory with one edition, and what imports a further release into a copy of it."""
    base, source = scratch / "base", scratch / "source"
    cut = Cut(scratch / "cut")
    # Of the cut, the order file of its newest release is imported beside the tabular list: an edition of its own.
    day = date(2026, 10, 1) if full else date(2026, 4, 1)
    sources = Sources.embedded() if full else cut.sources
    edition = compile_edition(base, sources, complete=full)
    service = Service(edition, Settings())
    source.write_bytes(order_file(fiscal_year_2027(service) if full else rows_of(service)))
    activate(base, edition.id)
    return base, lambda data: import_path(data, source, Wanted(day, complete=full), Options(), base=sources)


def ended(into: Import, data: Path, trace: list[str] | None = None) -> int:
    """Import in a fork of this process, under strace where its options are given, and return the wait status."""
    child = os.fork()
    if not child:
        if trace is not None:
            os.kill(os.getpid(), signal.SIGSTOP)
        try:
            into(data)
        except BaseException:
            os._exit(1)
        os._exit(0)
    tracer = None
    if trace is not None:
        os.waitpid(child, os.WUNTRACED)
        tracer = subprocess.Popen(["strace", "-f", "-qq", *trace, "-p", str(child)])  # noqa: S603, S607
        attached(child, tracer)
        os.kill(child, signal.SIGCONT)
    _, status = os.waitpid(child, 0)
    if tracer:
        tracer.wait(_SECONDS)
    return status


def attached(child: int, tracer: subprocess.Popen[bytes]) -> None:
    """Wait until strace holds a process. Raises RuntimeError when it does not."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end and tracer.poll() is None:
        if re.search(r"TracerPid:\t[1-9]", Path(f"/proc/{child}/status").read_text("ascii")):
            return
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    raise RuntimeError("strace cannot trace a process; does the machine allow ptrace?")


def look(data: Path) -> str:
    """Return the edition that is served, every edition and import verified. Raises when one is not intact."""
    served = editions.served(data)
    for edition in editions.installed(data):
        editions.verify(edition)
    for folder in (data / "editions").iterdir():
        if not folder.name.startswith("."):
            editions.read(data, folder.name)
    for each in imported(data):
        each.verify()
    return f"{served.edition.id} {served.degraded}"


def copy(base: Path, target: Path) -> Path:
    """Return a fresh copy of a data directory."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(base, target)
    return target


def need_strace() -> None:
    """Install strace where it is missing."""
    if shutil.which("strace"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    for step in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "strace"]):
        subprocess.run([*sudo, *step], check=True)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
