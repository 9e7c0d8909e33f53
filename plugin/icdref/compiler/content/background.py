"""Reads what stands beside the summaries: the quarantine, the register of seed claims, hashed seed text, released ids.

    released-statements.tsv          statement id, version first released; grows only
    quarantine/*.toml                statements of grade X and phrases that may appear nowhere
    quarantine/seed-claims.tsv       the claims of the seed pages in our own words, with our verdict
    quarantine/seed-shingles.txt     hashes of the word runs of the seed pages

The quarantine is no part of an installed icdref and need not be there; the rules that need it are then left out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from icdref.compiler.content.context import Phrase, Quarantine, SeedClaim
from icdref.importers import condition_keys as keys
from icdref.importers.conditions import to_statement
from icdref.importers.faults import INFORMATION, Fault, shown
from icdref.importers.tables import Faults, Form, Key, read_table
from icdref.importers.toml_files import decode, read_bytes, read_toml

QUARANTINE_SCHEMA = "quarantine/1"

_WITHHELD_STATEMENT = tuple(
    Key(key.name, key.form, "the grade X", key.required, (keys.WITHHELD,)) if key.name == "grade" else key
    for key in keys.STATEMENT
)
_PHRASE = (
    Key("text", Form.TEXT, "a term or phrase that may appear nowhere", required=True),
    Key("reason", Form.TEXT, "why", required=True),
)
_QUARANTINE = (
    Key("schema", Form.TEXT, f'"{QUARANTINE_SCHEMA}"', required=True, among=(QUARANTINE_SCHEMA,)),
    Key("statement", Form.TABLES, "withheld statements", keys=_WITHHELD_STATEMENT),
    Key("phrase", Form.TABLES, "terms and phrases that may appear nowhere", keys=_PHRASE),
)


@dataclass(frozen=True, slots=True)
class Background:
    """What the rules need beside the summaries; `seed_claims` None means that the quarantine is not at hand."""

    quarantine: Quarantine = field(default_factory=Quarantine)
    seed_claims: tuple[SeedClaim, ...] | None = None
    seed_shingles: frozenset[str] = frozenset()
    released_ids: dict[str, str] = field(default_factory=dict)


def inspect_background(directory: Path) -> tuple[Background, tuple[Fault, ...]]:
    """Return what stands beside the summaries of a directory, with the faults of its files."""
    found: list[Fault] = []
    released = _released_ids(directory / "released-statements.tsv", found)
    folder = directory / "quarantine"
    if not folder.is_dir():
        message = "is not here: seed claims, quarantined phrases and copied words are not checked"
        found.append(Fault("quarantine", "", "", message, "run the check in a source checkout", INFORMATION))
        return Background(released_ids=released), tuple(found)
    background = Background(
        _read_quarantine(folder, found),
        _seed_claims(folder / "seed-claims.tsv", found),
        _seed_shingles(folder / "seed-shingles.txt", found),
        released,
    )
    return background, tuple(found)


def _read_quarantine(folder: Path, found: list[Fault]) -> Quarantine:
    statements: list[Any] = []
    phrases: list[Phrase] = []
    for path in sorted(folder.glob("*.toml")):
        faults = Faults(f"quarantine/{path.name}")
        raw = read_toml(path, faults)
        table = {} if raw is None else read_table(raw, _QUARANTINE, faults)
        if not faults.found:
            statements += [to_statement(row) for row in table.get("statement", ())]
            phrases += [Phrase(**row) for row in table.get("phrase", ())]
        found += faults.found
    return Quarantine(tuple(statements), tuple(phrases))


def _rows(path: Path, required: Iterable[str], faults: Faults) -> list[dict[str, str]]:
    """Return the rows of a tab-separated file whose first line names its columns; comment lines start with #."""
    content = read_bytes(path, faults)
    text = None if content is None else decode(content, faults)
    lines = [line for line in (text or "").split("\n") if line and not line.startswith("#")]
    reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    missing = [name for name in required if name not in (reader.fieldnames or ())]
    if text is not None and missing:
        faults.add("line 1", "", f"has no column {', '.join(missing)}", "name the columns in the first line", rule=3)
    if faults.found:
        return []
    rows = []
    for number, row in enumerate(reader, 2):
        if None in row or None in row.values():
            faults.add(f"row {number}", "", "has too few or too many columns", "separate the columns by one tab each", rule=3)
        else:
            rows.append(row)
    return rows


def _released_ids(path: Path, found: list[Fault]) -> dict[str, str]:
    if not path.exists():  # an operator's own directory has released nothing yet
        return {}
    faults = Faults(path.name)
    released: dict[str, str] = {}
    for row in _rows(path, ("id", "version"), faults):
        identifier = row["id"]
        if not re.fullmatch(keys.STATEMENT_ID, identifier) or identifier in released:
            message = f"{shown(identifier)} is no statement id, or stands twice"
            faults.add(identifier, identifier, message, "write each released id once", rule=5)
        released[identifier] = row["version"]
    found += faults.found
    return released


def _seed_claims(path: Path, found: list[Fault]) -> tuple[SeedClaim, ...] | None:
    faults = Faults(f"quarantine/{path.name}")
    rows = _rows(path, ("id", "seed", "section", "claim", "verdict"), faults)
    for row in rows:
        if not re.fullmatch(keys.CLAIM_ID, row["id"]):
            faults.add(row["id"], row["id"], f"{shown(row['id'])} is no claim id", "write it as 1.05", rule=4)
    found += faults.found
    return None if faults.found else tuple(_claim(row) for row in rows)


def _claim(row: dict[str, str]) -> SeedClaim:
    return SeedClaim(
        id=row["id"],
        seed=row["seed"],
        section=row["section"],
        claim=row["claim"],
        verdict=row["verdict"],
        accepted=row.get("accepted", ""),
        sources=_listed(row.get("sources", "")),
        answered_by=_listed(row.get("answered_by", "")),
    )


def _listed(text: str) -> tuple[str, ...]:
    parts = (part.strip() for part in text.split(","))
    return tuple(part for part in parts if part not in {"", "-"})


def _seed_shingles(path: Path, found: list[Fault]) -> frozenset[str]:
    faults = Faults(f"quarantine/{path.name}")
    content = read_bytes(path, faults)
    try:
        shingles = hashes_of((content or b"").decode("ascii"))
    except ValueError as error:
        faults.add("", "", f"is damaged: {error}", "generate it again from the seed pages", rule=18)
        shingles = frozenset()
    found += faults.found
    return shingles


def hashes_of(content: str) -> frozenset[str]:
    """Return the hashes of a list made by `shingles`. Raises ValueError on a line that is no hash."""
    lines = [line for line in content.splitlines() if line and not line.startswith("#")]
    for line in lines:
        if len(line) != 16 or not set(line) <= set("0123456789abcdef"):
            raise ValueError(f"{line[:40]!r} is not a hash of 16 hexadecimal digits")
    return frozenset(lines)
