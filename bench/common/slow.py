"""Clients that hold connections open by sending a byte now and then, and a healthy client that is timed beside them."""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from statistics import quantiles

_DRIP_SECONDS = 1.0
_GIVE_UP_SECONDS = 2.0

HEADERS = b"GET /ready HTTP/1.1\r\nHost: slow\r\nX-Slow: "
BODY = (
    b"POST /fhir/r4/CodeSystem/$lookup HTTP/1.1\r\nHost: slow\r\n"
    b"Content-Type: application/fhir+json\r\nContent-Length: 90000\r\n\r\n"
)


@dataclass(frozen=True)
class Healthy:
    """What the healthy client saw; times in milliseconds, of the probes that were answered."""

    probes: int
    failed: int
    p50: float
    p99: float


@contextmanager
def dripping(port: int, count: int, opening: bytes) -> Iterator[None]:
    """Keep `count` slow connections open while the block runs; one that the server closes is opened again."""
    connected, stop = multiprocessing.Event(), multiprocessing.Event()
    process = multiprocessing.Process(target=_drip, args=(port, count, opening, connected, stop), daemon=True)
    process.start()
    try:
        connected.wait(30)
        yield
    finally:
        stop.set()
        process.join(10)
        if process.is_alive():
            process.kill()


def probe(port: int, path: str, seconds: float, pause: float = 0.004) -> Healthy:
    """Ask for `path` on a new connection every few milliseconds; what takes over two seconds has failed."""
    request = f"GET {path} HTTP/1.1\r\nHost: healthy\r\nConnection: close\r\n\r\n".encode()
    times, failed = [], 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.perf_counter()
        if _answered(port, request):
            times.append((time.perf_counter() - begun) * 1000)
        else:
            failed += 1
        time.sleep(pause)
    cuts = quantiles(times, n=100) if len(times) > 1 else [float("nan")] * 99
    return Healthy(len(times) + failed, failed, cuts[49], cuts[98])


def _answered(port: int, request: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_GIVE_UP_SECONDS) as connection:
            connection.sendall(request)
            first = connection.recv(65536)
            part = first
            while part:
                part = connection.recv(65536)
            return first.startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def _drip(port: int, count: int, opening: bytes, connected: Event, stop: Event) -> None:
    connections: list[socket.socket | None] = [None] * count
    while not stop.is_set():
        for place, connection in enumerate(connections):
            if stop.is_set():
                return
            connections[place] = _sent(connection, port, opening)
            if connected.is_set():
                time.sleep(_DRIP_SECONDS / count)
        connected.set()


def _sent(connection: socket.socket | None, port: int, opening: bytes) -> socket.socket | None:
    try:
        if connection is None:
            connection = socket.create_connection(("127.0.0.1", port), timeout=_GIVE_UP_SECONDS)
            connection.sendall(opening)
        else:
            connection.sendall(b"x")
    except OSError:
        if connection is not None:
            connection.close()
        return None
    return connection
