"""Apply a release, roll back and activate again while a client polls a running server; print what happened.

    python tools/update_transcript.py FY2025_FILE FY2026_FILE

The two files are the publisher's (a tabular list or an order file, or the zip with it) for 2025-04-01 and 2025-10-01. The
output is the transcript of docs/howto/apply-the-yearly-update.md. Exit 1 when an answer failed, when one mixed two editions,
or when an answer after the roll back is not the same byte for byte.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "plugin")]

from common.edition import ICDREF, serve_command  # noqa: E402  after the path is set
from common.processes import Running, server  # noqa: E402

DAY = "2025-11-22"
PATHS = tuple(
    f"/fhir/r4/{operation}&date={DAY}"
    for operation in (
        "CodeSystem/$lookup?code=B88.0",
        "CodeSystem/$validate-code?code=B88.01",
        "CodeSystem/$lookup?code=G35",
        "Composition/$for-code?code=M61.569",
    )
)
_WAIT_SECONDS = 30.0


@dataclass
class Poll:
    """What a client that asks every 50 ms has seen."""

    running: Running
    answers: int = 0
    failed: int = 0
    mixed: int = 0
    editions: dict[str, str] = field(default_factory=dict)
    seen: str = ""
    done: threading.Event = field(default_factory=threading.Event)

    def poll(self) -> None:
        """Ask until told to stop, and print each change of the edition that answers."""
        while not self.done.wait(0.05):
            status, headers, body = self.running.get(PATHS[0])
            self.answers += 1
            self.failed += status != 200
            edition, release = headers.get("icdref-edition", ""), headers.get("icdref-release", "")
            self.mixed += self.editions.setdefault(edition, release) != release or edition.encode() not in body
            if edition != self.seen:
                self.seen = edition
                say(f"    {clock()} {status} {release}  edition {edition}")


def main(older: str, newer: str) -> int:
    """Run it and return the exit status."""
    with TemporaryDirectory(prefix="icdref-transcript-") as data:
        os.environ["ICDREF_DATA"] = data
        run("build")
        run("codeset", "import", older, "--effective-date", "2025-04-01")
        with server(serve_command(1), "/ready", ICDREF_DATA=data) as running:
            poll = Poll(running)
            thread = threading.Thread(target=poll.poll)
            thread.start()
            try:
                same = steps(running, poll, newer)
            finally:
                poll.done.set()
                thread.join()
        say(f"    {poll.answers:,} answers: {poll.failed} failed, {poll.mixed} mixed two editions")
        return 0 if same and not poll.failed and not poll.mixed else 1


def steps(running: Running, poll: Poll, newer: str) -> bool:
    """Import, roll back, activate; return whether the answers after the roll back are those of before."""
    time.sleep(1.0)
    before, first = bodies(running), poll.seen
    run("codeset", "import", newer, "--effective-date", "2025-10-01", shown=f"codeset import {Path(newer).name} …")
    until(poll, lambda edition: edition != first)
    second = poll.seen
    begun = time.monotonic()
    run("codeset", "rollback")
    took = time.monotonic() - begun
    until(poll, lambda edition: edition == first)
    noticed = time.monotonic() - begun
    same = bodies(running) == before
    say(f"    rolled back in {took:.1f} s, answered in {noticed:.1f} s, {len(PATHS)} answers byte-identical to before: {same}")
    run("codeset", "activate", second)
    until(poll, lambda edition: edition == second)
    for line in run("codeset", "audit").splitlines():
        say(f"    {line}")
    return same


def bodies(running: Running) -> list[bytes]:
    """Return the body of each question."""
    return [running.get(path)[2] for path in PATHS]


def until(poll: Poll, reached: Callable[[str], bool]) -> None:
    """Wait until the client has seen an edition."""
    end = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < end:
        if reached(poll.seen):
            return
        time.sleep(0.02)
    raise RuntimeError("the server did not switch")


def run(*arguments: str, shown: str = "") -> str:
    """Run icdref, print the command as it is typed, and return its output."""
    say(f"    {clock()} $ icdref {shown or ' '.join(arguments)}")
    done = subprocess.run([*ICDREF, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


def clock() -> str:
    """Return the time of day."""
    return time.strftime("%H:%M:%S", time.gmtime())


def say(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
