"""Servers as processes of their own, on free loopback ports, always ended; and what /proc says about them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

BENCH = Path(__file__).resolve().parents[1]
_START_SECONDS = 60
_STOP_SECONDS = 20
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Running:
    """A server and the address at which it answers."""

    process: subprocess.Popen[bytes]
    url: str

    def processes(self) -> list[int]:
        """Return the ids of the server's process and all below it."""
        return _below(self.process.pid)

    def cpu_seconds(self) -> float:
        """Return the processor time that the server's live processes have used."""
        ticks = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / _TICKS

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers (lower case) and body of a GET."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, headers=named)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as trial:
        return int(trial.getsockname()[1])


@contextmanager
def server(command: list[str], path: str = "/", **environment: str) -> Iterator[Running]:
    """Run a server until the block ends. `{port}` in the command is the port; it is up once `path` is answered below 500."""
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ICDREF_")}
    environ |= {"ICDREF_PORT": str(port), "PYTHONPATH": os.pathsep.join([str(BENCH), os.environ.get("PYTHONPATH", "")])}
    with TemporaryFile() as output:
        process = subprocess.Popen(
            [part.replace("{port}", str(port)) for part in command],
            stdout=subprocess.DEVNULL,
            stderr=output,
            stdin=subprocess.DEVNULL,
            env=environ | environment,
        )
        running = Running(process, f"http://127.0.0.1:{port}")
        try:
            if not _answers(running, path):
                output.seek(0)
                sys.exit(f"{' '.join(command)} did not start:\n{output.read().decode(errors='replace')}")
            yield running
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a process as an operator would, and by force where that takes too long."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        for pid in _below(process.pid)[::-1]:
            os.kill(pid, signal.SIGKILL)
        process.wait()


def _answers(running: Running, path: str) -> bool:
    limit = time.monotonic() + _START_SECONDS
    while time.monotonic() < limit and running.process.poll() is None:
        try:
            if running.get(path)[0] < 500:
                return True
        except OSError:
            time.sleep(0.02)
    return False


def _below(pid: int) -> list[int]:
    found = [pid]
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            found += _below(int(child))
    return found
