"""The access log: whole lines, never in anybody's way."""

from __future__ import annotations

import os
import select
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.server.access_log import AccessLog, pieces


def note(log: AccessLog, request_id: str = "r1", *, hit: bool = True) -> None:
    log.write("/codes/<code> x", "GET", 200, 0.0012345, 99, hit=hit, edition="e1", request_id=request_id)


def test_a_line_says_what_an_operator_needs(tmp_path: Path) -> None:
    file = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    log = AccessLog(file)
    note(log)
    note(log, "r2", hit=False)
    log.close()
    os.close(file)
    first, second = (tmp_path / "log").read_text().splitlines()
    stamp, _, rest = first.partition(" ")
    assert stamp.startswith("at=20")
    assert stamp.endswith("Z")
    assert rest == "method=GET route=/codes/<code>_x status=200 ms=1.23 bytes=99 edition=e1 id=r1 cache=hit"
    assert second.endswith("id=r2 cache=miss")


def test_a_pipe_that_nobody_reads_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("icdref.server.access_log._PENDING_BYTES", 100_000)
    reader, writer = os.pipe()
    log = AccessLog(writer)
    for _ in range(50):
        for _ in range(100):
            note(log)
        log.flush()
    received = b""
    for _ in range(1000):
        if b"dropped=" in received:
            break
        if select.select([reader], [], [], 0.05)[0]:
            received += os.read(reader, 65536)
        note(log)
        log.flush()
    log.close()
    assert b" dropped=" in received
    assert all(line.startswith(b"at=") for line in received.splitlines()[:-1])
    os.close(reader)
    os.close(writer)


def test_a_reader_that_went_away_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    log = AccessLog(writer)
    note(log)
    log.close()
    os.close(writer)


@given(st.lists(st.text(alphabet="ab", max_size=12), max_size=30), st.integers(1, 40))
def test_pieces_are_the_whole_cut_at_line_ends(lines: list[str], limit: int) -> None:
    block = "".join(line + "\n" for line in lines).encode()
    cut = list(pieces(block, limit))
    assert b"".join(cut) == block
    assert all(piece.endswith(b"\n") for piece in cut)
    assert all(len(piece) <= limit or piece.count(b"\n") == 1 for piece in cut)
