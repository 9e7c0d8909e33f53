"""The front below a mount prefix and behind a proxy's base URL."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest

from tests.server.serving import Server, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("prefix")
    with running(directory, url_prefix="/icd", base_url="https://ref.example", cache_bytes=0, log_level="WARNING") as server:
        yield server


def test_handlers_see_paths_below_the_prefix_and_flask_whole_ones(server: Server) -> None:
    assert orjson.loads(server.ask("/icd/api/x").body)["path"] == "/api/x"
    answer = orjson.loads(server.ask("/icd/flask/x").body)
    assert (answer["path"], answer["host"]) == ("/icd/flask/x", "ref.example")
    assert server.ask("/icd").status == server.ask("/icd/").status == 404
    assert server.ask("/icd/metrics").status == 200


@pytest.mark.parametrize("path", ["/api/x", "/", "/icdx/api/x", "/ICD/api/x", "/metrics"])
def test_nothing_is_served_beside_the_prefix(server: Server, path: str) -> None:
    answer = server.ask(path)
    assert answer.status == 404
    assert orjson.loads(answer.body)["resourceType"] == "OperationOutcome"


def test_a_cache_of_no_bytes_stores_nothing(server: Server) -> None:
    calls = [orjson.loads(server.ask("/icd/api/n").body)["calls"] for _ in range(4)]
    assert len(set(calls)) == 4


def test_the_access_log_is_silent_above_the_level_info(server: Server) -> None:
    server.ask("/icd/api/x")
    assert server.output.read_text().count("\n") == 1
    assert server.greeting.endswith("/icd/ (1 worker)")
