"""A real server on a free loopback port, and a client that can say things no HTTP library would."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 20
READ_SECONDS = 10
_PROGRAM = """
from icdref.config import Settings
from icdref.server.launch import serve
serve(Settings.from_environment(), {app!r})
"""


@dataclass
class Reply:
    """One answer as it came over the wire; `headers` have lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    port: int
    greeting: str
    output: Path
    errors: Path

    def raw(self, data: bytes, *later: bytes, pause: float = 0.05, seconds: float = READ_SECONDS) -> bytes:
        """Return all bytes answered to `data`, then to each of `later` after a pause, until the server closes.

        A server that keeps the connection open is waited for `seconds`.
        """
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            try:
                connection.sendall(data)
                for part in later:
                    time.sleep(pause)
                    connection.sendall(part)
            except OSError:
                pass  # the server may have refused it by now; what it said is still to be read
            answer = b""
            while True:
                try:
                    part = connection.recv(65536)
                except OSError:
                    return answer
                if not part:
                    return answer
                answer += part

    def ask(self, path: str, *headers: str, method: str = "GET", body: bytes | None = None) -> Reply:
        """Return the answer to one well-formed request."""
        lines = [f"{method} {path} HTTP/1.1", "Host: client.example", "Connection: close", *headers]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        return reply(self.raw("\r\n".join([*lines, "", ""]).encode() + (body or b"")))

    def line_of(self, request_id: str) -> str:
        """Return the line of the access log about one request, waiting until it is written."""
        end = time.monotonic() + READ_SECONDS
        while time.monotonic() < end:
            for line in self.output.read_text().splitlines():
                if f" id={request_id} " in line:
                    return line
            time.sleep(0.05)
        raise AssertionError(f"no line about {request_id} in {self.output.read_text()}")

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(child) for child in children.split()]


def reply(data: bytes) -> Reply:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = (line.partition(": ") for line in lines)
    return Reply(int(first.split()[1]), {name.lower(): value for name, _, value in fields}, body)


@contextmanager
def running(directory: Path, app: str = "tests.server.fake_app:create_app", **settings: object) -> Iterator[Server]:
    """Run `serve` of the application in a process of its own until the block ends; `settings` are settings' names."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ICDREF_")}
    environment |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'plugin'}", "ICDREF_PORT": "0", "ICDREF_WORKERS": "1"}
    environment |= {name if name.isupper() else f"ICDREF_{name.upper()}": str(value) for name, value in settings.items()}
    output, errors = directory / "output", directory / "errors"
    with output.open("wb") as out, errors.open("wb") as err:
        command = [sys.executable, "-c", _PROGRAM.format(app=app)]
        process = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=environment, cwd=directory)
    try:
        greeting = wait_for_greeting(process, output, errors)
        port = int(greeting.partition("http://127.0.0.1:")[2].partition("/")[0])
        yield Server(process, port, greeting, output, errors)
    finally:
        stop(process)


def wait_for_greeting(process: subprocess.Popen[bytes], output: Path, errors: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        for line in output.read_text().splitlines(keepends=True):
            if line.startswith("icdref answers at ") and line.endswith("\n"):
                return line.strip()
        time.sleep(0.02)
    raise AssertionError(f"the server did not start: {errors.read_text()}")


def stop(process: subprocess.Popen[bytes]) -> int:
    """End the server as an operator would, and by force where that takes too long."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
