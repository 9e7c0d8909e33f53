from __future__ import annotations

from pathlib import Path

import pytest

from tests.compiler.content.good import Directory


@pytest.fixture
def content(tmp_path: Path) -> Directory:
    return Directory(tmp_path)
