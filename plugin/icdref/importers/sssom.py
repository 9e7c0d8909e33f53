"""Mapping sets in SSSOM (Simple Standard for Sharing Ontology Mappings), tab-separated: identifiers only, no text.

Source: https://mapping-commons.github.io/sssom; the sets of the Mondo Disease Ontology.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from icdref.importers.errors import ImportFault

EXACT = "skos:exactMatch"
_COLUMNS = ("subject_id", "predicate_id", "object_id")
_KEY = re.compile(r"\A#\s*([a-z_]+):\s*(\S.*?)\s*\Z")
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mapping:
    """One row: what is mapped, how, and to what; `label` is the name of the subject."""

    subject: str
    label: str
    predicate: str
    target: str


@dataclass(frozen=True, slots=True)
class MappingSet:
    """One file: the id and release that its header names, and its rows."""

    id: str
    release: str
    rows: tuple[Mapping, ...]


def read_sssom(content: bytes, file: str) -> MappingSet:
    """Return a mapping set. Raises ImportFault naming file and line."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ImportFault(file, 0, f"not UTF-8 at byte {error.start}") from None
    head = [line for line in lines if line.startswith("#")]
    keys = {found[1]: found[2] for line in head if (found := _KEY.match(line))}
    release = _VERSION.search(keys.get("mapping_set_version", ""))
    if "mapping_set_id" not in keys or release is None:
        raise ImportFault(file, 1, "no mapping_set_id, or no mapping_set_version with a date, in the header")
    reader = csv.DictReader(lines[len(head) :], delimiter="\t", quoting=csv.QUOTE_NONE)
    missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise ImportFault(file, len(head) + 1, f"no column {', '.join(missing)}")
    rows = []
    for number, row in enumerate(reader, len(head) + 2):
        if not all(row[name] and ":" in row[name] for name in _COLUMNS):
            raise ImportFault(file, number, "a row must have a subject, a predicate and an object, each an identifier")
        rows.append(Mapping(row["subject_id"], row.get("subject_label") or "", row["predicate_id"], row["object_id"]))
    return MappingSet(keys["mapping_set_id"], release[0], tuple(rows))
