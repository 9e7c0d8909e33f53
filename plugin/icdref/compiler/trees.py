"""Writes the tree of each release in columns (store/trees.py) from the concepts already in the index file."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Mapping, Sequence

import orjson

from icdref.model import Validity
from icdref.store.records import checksum
from icdref.store.trees import BILLABLE, KINDS, LATERALITIES, NO_PARENT, OWN_BLOCK, RESIDUAL, Tree, packed

_KINDS = {kind.value: number for number, kind in enumerate(KINDS)}
_SIDES = {side: number for number, side in enumerate(LATERALITIES)}
_NEVER = 0, 0
_ALIVE = "SELECT code, position, last, record FROM concept WHERE since <= ? AND until >= ? ORDER BY position"


def write_trees(connection: sqlite3.Connection, releases: int, validity: Sequence[Validity]) -> None:
    """Fill `release_tree` for releases 0 to `releases` - 1."""
    known = {row.code: _days(row) for row in validity}
    for release in range(releases):
        record = packed(_tree(connection, release, known))
        connection.execute("INSERT INTO release_tree VALUES (?, ?, ?)", (release, record, checksum(record, str(release))))


def _tree(connection: sqlite3.Connection, release: int, life: Mapping[str, tuple[int, int]]) -> Tree:
    rows = connection.execute(_ALIVE, (release, release)).fetchall()
    codes = [code for code, _, _, _ in rows]
    place = {code: ordinal for ordinal, code in enumerate(codes)}
    positions = [position for _, position, _, _ in rows]
    records = [orjson.loads(record) for _, _, _, record in rows]
    sites: dict[str, int] = {"": 0}
    days = [life.get(code, _NEVER) for code in codes]
    beyond = sorted(life.keys() - place.keys())
    beyond_days = [life[code] for code in beyond]
    return Tree(
        codes=codes,
        positions=positions,
        ends=[bisect_right(positions, last) for _, _, last, _ in rows],
        parents=[place[record["p"]] if record["p"] else NO_PARENT for record in records],
        marks=bytes(
            _KINDS[record["k"]]
            | (BILLABLE if record.get("b") else 0)
            | (OWN_BLOCK if record.get("o") else 0)
            | (RESIDUAL if record.get("r") else 0)
            for record in records
        ),
        sides=bytes(_SIDES[record.get("l", "")] for record in records),
        sites=[sites.setdefault(record.get("s", ""), len(sites)) for record in records],
        site_names=list(sites),
        valid_from=[first for first, _ in days],
        valid_to=[last for _, last in days],
        beyond=beyond,
        beyond_from=[first for first, _ in beyond_days],
        beyond_to=[last for _, last in beyond_days],
    )


def _days(validity: Validity) -> tuple[int, int]:
    return validity.valid_from.toordinal(), validity.valid_to.toordinal() if validity.valid_to else 0
