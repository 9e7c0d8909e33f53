"""The Disease Ontology: definitions and cross-references from an OBO file, cross-references from its TSV report.

Source: OBO flat file format 1.2; DOreports/allXREFinDO.tsv. Only what a definition needs is read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from icdref.importers.errors import ImportFault

_DEFINITION = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
# Raw relation names stand in most definitions: `has_material_basis_in`, `results_in`, `located_in`.
_RELATION = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
_ID = re.compile(r"\ADOID:[0-9]{1,9}\Z", re.ASCII)
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_HEADER = ["id", "label", "xref"]


@dataclass(frozen=True, slots=True)
class Disease:
    """One disease: its definition in plain words ('' where it has none) and what it is cross-referenced to, as written."""

    id: str
    name: str
    definition: str
    xrefs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ontology:
    """The diseases of one file, with the release that the file names."""

    release: str
    diseases: tuple[Disease, ...]


def read_obo(content: bytes, file: str) -> Ontology:
    """Return the diseases of an OBO file; obsolete ones are left out. Raises ImportFault naming file and line."""
    lines = _text(content, file).splitlines()
    release = next((found[0] for line in lines[:40] if line.startswith("data-version:") and (found := _VERSION.search(line))), "")
    if not release:
        raise ImportFault(file, 1, "no data-version with a date in the header of the OBO file")
    diseases = tuple(each for number, stanza in _stanzas(lines) if (each := _disease(stanza, file, number)))
    if not diseases:
        raise ImportFault(file, 1, "no [Term] with a DOID in the OBO file")
    return Ontology(release, diseases)


def read_xrefs(content: bytes, file: str) -> tuple[tuple[str, str], ...]:
    """Return (DOID, cross-reference) of each row of the report. Raises ImportFault naming file and line."""
    rows = list(csv.reader(_text(content, file).splitlines(), delimiter="\t"))
    if not rows or rows[0] != _HEADER:
        raise ImportFault(file, 1, f"the columns must be {', '.join(_HEADER)}")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != 3 or not _ID.match(row[0]):
            raise ImportFault(file, number, "a row must be a DOID, its label and one cross-reference")
    return tuple((row[0], row[2]) for row in rows[1:])


def in_plain_words(definition: str) -> str:
    """Return a definition with the names of relations written as words.

    >>> in_plain_words("A tumor that is located_in bone and has_symptom pain.")
    'A tumor that is located in bone and has symptom pain.'
    """
    return " ".join(_RELATION.sub(lambda found: found[0].replace("_", " "), definition).split())


def _stanzas(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    start, kind = 0, ""
    for number, line in enumerate([*lines, "[End]"], 1):
        if line.startswith("["):
            if kind == "[Term]":
                yield start, lines[start : number - 1]
            start, kind = number, line.strip()


def _disease(stanza: list[str], file: str, line: int) -> Disease | None:
    tags: dict[str, list[str]] = {}
    for row in stanza:
        tag, separator, value = row.partition(": ")
        if separator:
            tags.setdefault(tag, []).append(value.strip())
    identifier = tags.get("id", [""])[0]
    if not _ID.match(identifier) or tags.get("is_obsolete") == ["true"]:
        return None
    name = tags.get("name", [""])[0]
    if not name:
        raise ImportFault(file, line, f"{identifier} has no name")
    definition = ""
    if raw := tags.get("def"):
        quoted = _DEFINITION.match(raw[0])
        if quoted is None:
            raise ImportFault(file, line, f"the definition of {identifier} is not in quotes")
        definition = in_plain_words(_ESCAPED.sub(r"\1", quoted[1]))
    xrefs = tuple(value.split(" ")[0] for value in tags.get("xref", ()))
    return Disease(identifier, name, definition, xrefs)


def _text(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportFault(file, 0, f"not UTF-8 at byte {error.start}") from None
