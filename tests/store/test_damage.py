"""An index with a flipped bit that nobody hashed: what is read from it is right, missing or refused, and never wrong."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from icdref.config import Settings
from icdref.issues import IcdRefError
from icdref.results import Lookup
from icdref.service.service import Service
from icdref.store.editions import Edition
from icdref.store.index import INDEX_NAME
from tests.conftest import TODAY, Compiled

FLIPS = 80


def answers(service: Service, codes: list[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for code in codes:
        try:
            found[code] = service.terminology.lookup(code, version="2026-04-01")
        except IcdRefError as error:
            found[code] = error.issue.detail
    return found


def test_the_checksum_of_each_record_lets_no_wrong_answer_through(small: Compiled, tmp_path: Path):
    codes = list(small.service().concepts.codes(2))[::6]
    truth = answers(small.service(), codes)
    folder = tmp_path / small.edition.id
    folder.mkdir()
    path = Path(shutil.copy(small.edition.folder / INDEX_NAME, folder))
    path.chmod(0o644)
    sound = path.read_bytes()
    edition = Edition(small.edition.id, folder, small.edition.manifest)
    chance = random.Random(7)
    refused = 0
    for _ in range(FLIPS):
        content = bytearray(sound)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        try:
            service = Service(edition, Settings(), lambda: TODAY)
        except (IcdRefError, ValueError):  # a date in the table `meta` that is none
            refused += 1
            continue
        for code, found in answers(service, codes).items():
            if isinstance(found, Lookup):
                assert same(found, truth[code]), code
            elif isinstance(found, str):
                assert found == "edition-damaged"
                refused += 1
    assert refused


def same(found: Lookup, right: object) -> bool:
    """Tell whether an answer is right in what it says of the code itself and of everything above it."""
    assert isinstance(right, Lookup)
    keys = ("concept", "notes", "billable_below", "children", "choice")
    return all(getattr(found, key) == getattr(right, key) for key in keys) and found.ancestors == right.ancestors


@pytest.mark.parametrize("seed", range(12))
def test_damage_all_over_an_index_raises_nothing_but_an_issue(small: Compiled, tmp_path: Path, seed: int):
    codes = list(small.service().concepts.codes(2))[::4]
    folder = tmp_path / small.edition.id
    folder.mkdir()
    path = Path(shutil.copy(small.edition.folder / INDEX_NAME, folder))
    path.chmod(0o644)
    chance = random.Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(10 * seed):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)
    try:
        damaged = Service(Edition(small.edition.id, folder, small.edition.manifest), Settings(), lambda: TODAY)
    except (IcdRefError, ValueError):
        return
    found = answers(damaged, codes)
    assert {detail for detail in found.values() if isinstance(detail, str)} <= {"edition-damaged"}
