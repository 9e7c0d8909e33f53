"""A running server on the vendored data, and the programs of Node's clients."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Compiled
from tests.server.serving import running

HERE = Path(__file__).parent
INSTALLED = HERE / "node_modules"
_SECONDS = 120


@pytest.fixture(scope="session")
def base_url(full: Compiled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The R4 base of a server that runs for the whole session."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    directory = tmp_path_factory.mktemp("clients")
    origin = f"http://127.0.0.1:{port}"
    with running(directory, "icdref.web.app:create_app", data=full.data, base_url=origin, port=port):
        yield f"{origin}/fhir/r4"


@pytest.fixture(scope="session")
def node() -> Callable[..., str]:
    """A function that runs one of the programs here and returns what it printed.

    `make test` has installed Node and the clients beforehand; without them the tests are skipped.
    """
    found = sorted(INSTALLED.glob("node-linux-*/bin/node"))
    if not found:
        pytest.skip("the clients of Node are not installed: run 'make clients'")

    def run(program: str, *arguments: str, given: str = "") -> str:
        done = subprocess.run(
            [found[0], HERE / program, *arguments], input=given, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    return run
