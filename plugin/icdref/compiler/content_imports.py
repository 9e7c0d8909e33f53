"""Open content that an operator supplies: recognised by what it is, read once to the end, kept below `imports/content/`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

import orjson

from icdref.compiler import imports
from icdref.compiler.editions import locked
from icdref.compiler.imports import Imported, Parcel, Part
from icdref.importers.archives import Member, members
from icdref.importers.errors import ImportFault
from icdref.importers.medquad import RELEASE, Answer, is_document, read_document
from icdref.importers.obo import read_obo, read_xrefs
from icdref.importers.sssom import read_sssom

SYSTEM: Final = "content"
"""The folder of open content below `imports/`."""

OBO: Final = "disease-ontology-obo"
XREFS: Final = "disease-ontology-xrefs"
SSSOM: Final = "sssom"
MEDQUAD: Final = "medquad"

_LARGE_HEAD = 4096


@dataclass(frozen=True, slots=True)
class ContentImport:
    """What one import kept: the kind, the release that it names, and how many rows."""

    kind: str
    slot: str
    release: str
    rows: int
    sha256: str


def import_content(data: Path, path: Path) -> tuple[ContentImport, ...]:
    """Keep every file at a path that is open content, and return what was kept; nothing is compiled yet.

    The same slot imported again takes the place of what was there. Raises ImportFault when a file is of no known kind or
    has a fault: then nothing is kept.
    """
    parcels = _parcels(tuple(members(path)), path.name)
    with locked(data):
        wanted = {parcel.where[:2]: parcel.id for parcel in parcels}
        before = [each for each in imports.imported(data) if (each.system, each.slot) in wanted]
        staged = imports.stage(data, parcels)
        imports.settle(data, staged, [each for each in before if each.id != wanted[each.system, each.slot]])
        imports.sweep(data)
    return tuple(
        ContentImport(part.content, parcel.slot, str(parcel.meta["release"]), part.rows, part.digest)
        for parcel in parcels
        for part in parcel.parts
    )


def content_of(found: Iterable[Imported]) -> tuple[Imported, ...]:
    """Return the open content among what was imported."""
    return tuple(each for each in found if each.system == SYSTEM)


def answers_of(content: bytes, file: str) -> tuple[Answer, ...]:
    """Return the answers of a collection as `import_content` kept it. Raises ImportFault."""
    try:
        rows = [orjson.loads(line) for line in content.splitlines()]
        return tuple(Answer(**row | {"cuis": tuple(row["cuis"])}) for row in rows)
    except (ValueError, TypeError, KeyError):
        raise ImportFault(file, 0, "is not the collection that was imported") from None


def _parcels(found: Sequence[Member], label: str) -> tuple[Parcel, ...]:
    documents = [member for member in found if is_document(member.content)]
    parcels = [_collection(documents, label)] if documents else []
    parcels += [_parcel(member) for member in found if not is_document(member.content)]
    slots = [parcel.slot for parcel in parcels]
    for slot in slots:
        if slots.count(slot) > 1:
            raise ImportFault(label, 0, f"{slot} is there twice; import one of them")
    return tuple(parcels)


def _parcel(member: Member) -> Parcel:
    content, head = member.content, member.content[:_LARGE_HEAD]
    if head.lstrip().startswith(b"format-version:"):
        ontology = read_obo(content, member.name)
        defined = sum(bool(disease.definition) for disease in ontology.diseases)
        meta = {"release": ontology.release, "licence": "CC0 1.0"}
        return Parcel(SYSTEM, OBO, meta, (Part(OBO, member.name, content, defined),))
    if head.startswith((b"id\tlabel\txref", b'"id"\t"label"\t"xref"')):
        rows = read_xrefs(content, member.name)
        return Parcel(SYSTEM, XREFS, {"release": "", "licence": "CC0 1.0"}, (Part(XREFS, member.name, content, len(rows)),))
    if head.startswith(b"#") and b"\nsubject_id\t" in content[: 16 * _LARGE_HEAD]:
        mappings = read_sssom(content, member.name)
        slot = "sssom-" + mappings.id.rpartition("/")[2].removesuffix(".sssom.tsv").replace(".", "-")
        meta = {"release": mappings.release, "licence": "CC BY 4.0", "set": mappings.id}
        return Parcel(SYSTEM, slot, meta, (Part(SSSOM, member.name, content, len(mappings.rows)),))
    raise ImportFault(
        member.name,
        0,
        "is none of: an OBO file and cross-reference report of the Disease Ontology, an SSSOM mapping set, XML documents in"
        " the form of MedQuAD",
    )


def _collection(documents: Sequence[Member], label: str) -> Parcel:
    """Return the answers of a collection, extracted, with the checksum of the files that they were read from."""
    answers = [answer for member in documents if (answer := read_document(member.content, member.name)) and answer.text]
    origin = hashlib.sha256()
    for member in documents:
        origin.update(hashlib.sha256(member.content).digest())
    rows = sorted(answers, key=lambda answer: answer.id)
    content = b"".join(orjson.dumps(asdict(row), option=orjson.OPT_SORT_KEYS) + b"\n" for row in rows)
    meta: dict[str, str | int | date] = {
        "release": RELEASE,
        "licence": "CC BY 4.0",
        "documents": len(documents),
        "origin_sha256": origin.hexdigest(),
    }
    return Parcel(SYSTEM, MEDQUAD, meta, (Part(MEDQUAD, label, content, len(rows)),))
