"""The processes: starting, stopping, and what happens when one dies."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from icdref.config import SettingError, Settings
from icdref.server import shared
from icdref.server.launch import Patience, environment_of, listening_address
from icdref.server.worker import greeting
from tests.server.serving import ROOT, Server, running, stop

WAIT_SECONDS = 15


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def value_of(server: Server, name: str) -> float:
    lines = server.ask("/metrics").body.decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def served_by(server: Server, number: int) -> int:
    return int(orjson.loads(server.ask(f"/api/pid?{number}").body)["pid"])


def test_a_worker_that_is_killed_is_replaced_again_and_again(tmp_path: Path) -> None:
    with running(tmp_path, workers=2) as server:
        assert server.greeting.endswith("(2 workers)")
        for number in range(20):
            server.ask(f"/api/before?{number}")
        assert value_of(server, 'icdref_requests_total{method="GET",route="/api/<name>"') == 20
        for death in range(3):
            victim = server.workers()[0]
            os.kill(victim, signal.SIGKILL)
            until(lambda victim=victim: victim not in server.workers() and len(server.workers()) == 2)
            until(lambda death=death: value_of(server, "icdref_worker_starts_total") == 3 + death)
        # The counters of the dead were taken over by those that replaced them.
        assert value_of(server, 'icdref_requests_total{method="GET",route="/api/<name>"') == 20
        pids = set()
        until(lambda: not pids.add(served_by(server, len(pids))) and len(pids) == 2)
        assert stop(server.process) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_quietly(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, workers=2, body_seconds=60) as server:
        workers = server.workers()
        server.ask("/api/x")
        idle = socket.create_connection(("127.0.0.1", server.port))
        idle.sendall(b"GET /api/x HTTP/1.1\r\nHost: x\r\n\r\n")
        idle.recv(1000)
        if number == signal.SIGINT:  # as a terminal sends it: to every process of the group
            for worker in workers:
                os.kill(worker, number)
        server.process.send_signal(number)
        assert server.process.wait(timeout=20) == 0
        assert not any(alive(worker) for worker in workers)
        assert server.errors.read_text() == ""
        assert "route=/api/<name>" in server.output.read_text()
        idle.close()


@pytest.mark.slow
def test_a_slow_body_does_not_hold_up_the_end_for_long(tmp_path: Path) -> None:
    with running(tmp_path, body_seconds=600) as server, socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(b"POST /flask/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        time.sleep(0.1)
        assert stop(server.process) == 0


def test_workers_do_not_outlive_a_launcher_that_is_killed(tmp_path: Path) -> None:
    with running(tmp_path, workers=2) as server:
        workers = server.workers()
        file = next(line.split()[-1] for line in Path(f"/proc/{workers[0]}/maps").read_text().splitlines() if "/icdref-" in line)
        assert Path(file).exists()
        server.process.kill()
        server.process.wait()
        until(lambda: not any(alive(worker) for worker in workers))
        assert not Path(file).parent.exists()


def test_a_port_in_use_is_said_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingError, match=f"Cannot listen on 127.0.0.1 port {port}: Address already in use"):
            listening_address("127.0.0.1", port)


def test_a_second_server_cannot_share_the_port_of_the_first(tmp_path: Path) -> None:
    with running(tmp_path) as server, pytest.raises(SettingError):
        listening_address("127.0.0.1", server.port)


def test_addresses_are_resolved_and_port_0_is_a_free_one(monkeypatch: pytest.MonkeyPatch) -> None:
    address, port = listening_address("localhost", 0)
    assert address in ("127.0.0.1", "::1")
    assert port > 0

    def unknown(*arguments: object, **named: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SettingError, match="nowhere port 1: Name or service not known"):
        listening_address("nowhere", 1)


def test_an_application_that_cannot_start_ends_the_server_with_one_line(tmp_path: Path) -> None:
    environment = os.environ | {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'plugin'}",
        "ICDREF_PORT": str(listening_address("127.0.0.1", 0)[1]),
        "ICDREF_APP": "tests.server.fake_app:create_nothing",
    }
    done = subprocess.run(
        [sys.executable, "-P", "-m", "icdref.server"],
        capture_output=True,
        check=False,
        text=True,
        env=environment,
        timeout=30,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert sum("cannot start: There is no edition to serve" in line for line in lines) >= 1
    assert "Traceback" not in done.stderr
    assert "answers at" not in done.stdout


def test_settings_survive_the_environment() -> None:
    settings = Settings(port=1, gated_sections=("treatment",), base_url="https://ref.example", url_prefix="/icd")
    assert Settings.from_environment(environment_of(settings)) == settings


def test_patience_ends_only_where_no_worker_was_ever_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("icdref.server.launch.time.sleep", pauses.append)
    path = tmp_path / "workers"
    shared.create(path, 2)
    assert time.monotonic() - Patience(path).get(0, 0) < 5
    memory = shared.SharedMemory(path)
    memory.mark_ready()
    patience = Patience(path)
    assert [patience.get(0, 0) for _ in range(3)] == [float("-inf")] * 3
    assert pauses == [1.0, 1.0]


def test_the_greeting_names_address_prefix_and_workers() -> None:
    assert greeting(Settings(url_prefix="/icd", workers=3)) == "icdref answers at http://127.0.0.1:8080/icd/ (3 workers)"
    assert "http://[::1]:8080/ (1 worker)" in greeting(Settings(host="::1", workers=1))


def test_workers_load_neither_models_nor_consoles() -> None:
    program = "import sys, icdref.server.launch; print(*(name for name in sys.modules if name.split('.')[0] in"
    program += " ('rich', 'fhir', 'pydantic', 'prometheus_client', 'flask')))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "plugin")},
        timeout=30,
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")
