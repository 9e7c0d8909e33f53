"""The golden exchanges: each request is asked again and must get the answer that its file has."""

from __future__ import annotations

import json

import pytest

from tests.contract.exchanges import FOLDER, REQUESTS, exchange, path_of
from tests.web.client import Client


@pytest.mark.parametrize("name", REQUESTS)
def test_an_exchange_is_answered_as_written_down(client: Client, name: str) -> None:
    written = json.loads(path_of(name).read_text("utf-8"))
    assert exchange(client, name) == written, "if the change is meant: python -m tests.contract.exchanges"


def test_there_is_a_file_for_every_exchange_and_the_readme_names_it() -> None:
    assert set(REQUESTS) <= {path.stem for path in FOLDER.glob("*.json")}
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert [name for name in REQUESTS if f"`{name}.json`" not in readme] == []
