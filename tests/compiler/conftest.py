"""Tests over many official releases take many minutes: they run only when asked for."""

import os
from pathlib import Path

import pytest

_MANY_RELEASES = ("test_official_releases.py",)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what imports release after release unless ICDREF_ALL_RELEASES=1."""
    if os.environ.get("ICDREF_ALL_RELEASES") == "1":
        return
    for item in items:
        if Path(item.path).name in _MANY_RELEASES and item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="imports many releases; set ICDREF_ALL_RELEASES=1 to run it"))
