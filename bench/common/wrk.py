"""The load generator: wrk, with the requests of a Lua script where they vary."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_LUA = Path(__file__).resolve().parent / "requests.lua"
_INSTALL = "wrk is not installed. On Debian or Ubuntu: apt-get install wrk; on macOS: brew install wrk."


@dataclass(frozen=True)
class Load:
    """What one run of the load generator saw; times in milliseconds."""

    requests: int
    per_second: float
    p50: float
    p99: float
    errors: int


def require_wrk() -> None:
    """Exit with what to install where wrk is missing."""
    if shutil.which("wrk") is None:
        sys.exit(_INSTALL)


def load(url: str, paths: Path | None = None, *, seconds: float, connections: int = 8, headers: dict[str, str]) -> Load:
    """Ask `url` on all connections for some seconds; with `paths`, a file of one path per line, a random one each time."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s", "-s", str(_LUA)]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    environ = os.environ | {"BENCH_PATHS": str(paths or "")}
    done = subprocess.run([*command, url], env=environ, capture_output=True, text=True, check=False, timeout=seconds + 60)
    if done.returncode:
        sys.exit(f"wrk failed:\n{done.stdout}{done.stderr}")
    seen = json.loads(done.stdout.splitlines()[-1])
    return Load(
        requests=seen["requests"],
        per_second=seen["requests"] / (seen["microseconds"] / 1e6),
        p50=seen["p50"] / 1000,
        p99=seen["p99"] / 1000,
        errors=seen["errors"],
    )
