"""How records stand in the index: JSON with a CRC-32 over key and record, shared by the compiler and the store."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from icdref.issues import IcdRefError, edition_damaged
from icdref.model import (
    Concept,
    EditFlags,
    Kind,
    Note,
    NoteKind,
    Release,
    SeventhCharacter,
    SourceFile,
    Validity,
)

APPLICATION_ID = 0x69636472  # "icdr"
SCHEMA_VERSION = 5

_KINDS = {kind.value: kind for kind in Kind}
_NOTE_KINDS = {kind.value: kind for kind in NoteKind}


@dataclass(frozen=True, slots=True)
class StoredConcept:
    """A concept with its place in the tree of one release; `billable_below` counts the billable codes under it."""

    concept: Concept
    position: int
    last: int
    children: tuple[str, ...]
    billable_below: int


def checksum(record: bytes, key: str) -> int:
    """Return the CRC-32 of a record together with the key it stands under."""
    return zlib.crc32(record, zlib.crc32(key.encode()))


def place_key(code: str, since: int, until: int, position: int, last: int) -> str:
    """Return the key of a concept row: everything beside the record that an answer depends on."""
    return f"{code} {since} {until} {position} {last}"


def verified(record: bytes, crc: int, key: str) -> Any:
    """Return the parsed record. Raises IcdRefError (edition-damaged) when the checksum does not match."""
    checked(record, crc, key)
    return orjson.loads(record)


def has_notes(record: bytes) -> bool:
    """Tell whether the record of a concept holds notes or seventh characters, without parsing it.

    Within a text a quotation mark is escaped, so the names of the fields stand nowhere else.
    """
    return b'"n":' in record or b'"7":' in record


def checked(record: bytes, crc: int, key: str) -> None:
    """Raise IcdRefError (edition-damaged) when the checksum of a record does not match."""
    if type(record) is not bytes or zlib.crc32(record, zlib.crc32(key.encode())) != crc:  # damage may turn a column to NULL
        raise IcdRefError(edition_damaged(f"The record of {key.split(' ', maxsplit=1)[0]}"))


def dump(value: object) -> bytes:
    """Return the record of a value: JSON with sorted keys, so that equal values give equal bytes."""
    # A copy: orjson's own bytes keep the kilobyte they were written into, which for 98,000 records measured 360 MB.
    return bytes(memoryview(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)))


def concept_record(concept: Concept, children: tuple[str, ...], billable_below: int) -> bytes:
    """Return the record of a concept; what is empty is left out."""
    record: dict[str, object] = {"d": concept.display, "k": concept.kind, "p": concept.parent}
    optional: dict[str, object] = {
        "b": concept.billable,
        "n": [[note.kind, note.text, *note.codes] for note in concept.notes],
        "7": [[seventh.character, seventh.meaning] for seventh in concept.seventh_characters],
        "l": concept.laterality,
        "s": concept.site,
        "o": concept.own_block,
        "r": concept.residual,
        "c": list(children),
        "bb": billable_below,
    }
    return dump(record | {key: value for key, value in optional.items() if value})


def to_concept(code: str, record: dict[str, Any], position: int, last: int) -> StoredConcept:
    """Return the concept of a record."""
    concept = Concept(
        code,
        _KINDS[record["k"]],
        record["d"],
        record["p"],
        record.get("b", False),
        tuple([Note(_NOTE_KINDS[note[0]], note[1], tuple(note[2:])) for note in record.get("n", ())]),
        tuple([SeventhCharacter(*seventh) for seventh in record.get("7", ())]),
        record.get("l", ""),
        record.get("s", ""),
        record.get("o", False),
        record.get("r", False),
    )
    return StoredConcept(concept, position, last, tuple(record.get("c", ())), record.get("bb", 0))


def release_record(release: Release) -> bytes:
    """Return the record of a release."""
    return dump(
        {
            "system": release.system,
            "version": release.version,
            "title": release.title,
            "publisher": release.publisher,
            "effective_from": release.effective_from.isoformat(),
            "effective_to": release.effective_to.isoformat() if release.effective_to else "",
            "fiscal_year": release.fiscal_year,
            "licence": release.licence,
            "source": release.source,
            "files": [[file.name, file.sha256, file.content] for file in release.files],
            "codes": release.codes,
            "billable": release.billable,
        }
    )


def to_release(record: dict[str, Any]) -> Release:
    """Return the release of a record."""
    return Release(
        **record
        | {
            "effective_from": date.fromisoformat(record["effective_from"]),
            "effective_to": date.fromisoformat(record["effective_to"]) if record["effective_to"] else None,
            "files": tuple(SourceFile(*file) for file in record["files"]),
        }
    )


def validity_record(validity: Validity) -> bytes:
    """Return the record of a code's validity: first day, last day or '', then the intervals that carry edit flags."""
    edits = [[edit.since.isoformat(), edit.until.isoformat() if edit.until else "", *edit.flags] for edit in validity.edits]
    until = validity.valid_to.isoformat() if validity.valid_to else ""
    return dump([validity.valid_from.isoformat(), until, *edits])


def to_validity(code: str, record: list[Any]) -> Validity:
    """Return the validity of a record."""
    edits = tuple(EditFlags(_day(edit[0]), _day(edit[1]) if edit[1] else None, tuple(edit[2:])) for edit in record[2:])
    return Validity(code, _day(record[0]), _day(record[1]) if record[1] else None, edits)


@lru_cache(maxsize=1024)
def _day(text: str) -> date:
    return date.fromisoformat(text)
