"""What a code card says beside its facts: notes, validity and edits, maps, imported definitions; as text and as data."""

from __future__ import annotations

from typing import Any, Final

from icdref.fhir.canonical import SECTION_SYSTEM, extension_url
from icdref.fhir.datatypes import coding, concept, extension
from icdref.fhir.narrative import element, items, narrative
from icdref.model import ConceptMapping, NoteKind
from icdref.results import CodeCard, InheritedNote, Stub

NOTE_TITLES: Final = {
    NoteKind.INCLUDES: "Includes",
    NoteKind.INCLUSION_TERM: "Inclusion term",
    NoteKind.EXCLUDES1: "Excludes1 (never with this code)",
    NoteKind.EXCLUDES2: "Excludes2 (not included here)",
    NoteKind.CODE_FIRST: "Code first",
    NoteKind.USE_ADDITIONAL_CODE: "Use additional code",
    NoteKind.CODE_ALSO: "Code also",
    NoteKind.NOTE: "Note",
}


def card_sections(card: CodeCard) -> list[dict[str, Any]]:
    """Return the sections of a card after its facts; those without content are left out."""
    found = (_notes(card), _validity(card), _maps(card), _stubs(card))
    return [section for section in found if section]


def _notes(card: CodeCard) -> dict[str, Any] | None:
    if not card.lookup.notes:
        return None
    shown = items([_note_text(each) for each in card.lookup.notes])
    return _section("notes", "Notes of the tabular list", shown, data=[_note(each) for each in card.lookup.notes])


def _note_text(each: InheritedNote) -> str:
    where = f" (from {each.inherited_from})" if each.inherited_from else ""
    return f"{NOTE_TITLES[each.note.kind]}: {each.note.text}{where}"


def _note(each: InheritedNote) -> dict[str, Any]:
    parts = [extension("kind", valueCode=each.note.kind.value), extension("text", valueString=each.note.text)]
    parts += [extension("code", valueString=code) for code in each.note.codes]
    if each.inherited_from:
        parts.append(extension("inherited-from", valueString=each.inherited_from))
    return extension(extension_url("code-note"), *parts)


def _validity(card: CodeCard) -> dict[str, Any] | None:
    lookup = card.lookup
    texts, parts = [], []
    if lookup.validity:
        parts.append(extension("valid-from", valueDate=lookup.validity.valid_from.isoformat()))
        until = lookup.validity.valid_to
        if until:
            parts.append(extension("valid-to", valueDate=until.isoformat()))
        texts.append(f"Valid from {lookup.validity.valid_from.isoformat()}{f' to {until.isoformat()}' if until else ''}")
    if lookup.edits:
        parts += [extension("edit", valueCode=edit) for edit in lookup.edits]
        texts.append(f"Medicare Code Editor: {', '.join(lookup.edits)}")
    if not texts:
        return None
    return _section("validity", "Validity and edits", items(texts), data=[extension(extension_url("code-validity"), *parts)])


def _maps(card: CodeCard) -> dict[str, Any] | None:
    if not card.mappings:
        return None
    shown = items([map_text(each) for each in card.mappings])
    return _section("maps", "Maps to other code systems", shown, data=[_map(each) for each in card.mappings])


def map_text(mapping: ConceptMapping) -> str:
    """Return a row of the general equivalence mappings as one line, with its quality."""
    if not mapping.target:
        return "ICD-9-CM: no equivalent (general equivalence mappings of 2013)"
    quality = "approximate" if mapping.approximate else "exact"
    whole = f", part {mapping.choice} of a combination" if mapping.combination else ""
    return f"ICD-9-CM {mapping.target} ({quality}{whole}; general equivalence mappings of 2013)"


def _map(mapping: ConceptMapping) -> dict[str, Any]:
    parts = []
    if mapping.target:
        parts.append(extension("target", valueCoding=coding(mapping.target_system, mapping.target)))
    parts += [
        extension("approximate", valueBoolean=mapping.approximate),
        extension("no-map", valueBoolean=not mapping.target),
        extension("combination", valueBoolean=mapping.combination),
    ]
    return extension(extension_url("code-mapping"), *parts)


def _stubs(card: CodeCard) -> dict[str, Any] | None:
    if not card.stubs:
        return None
    shown = [element("p", card.stub_banner)]
    for stub in card.stubs:
        if stub.text:
            shown.append(element("p", stub.text, id=_anchor(stub)))
        shown.append(element("p", element("small", stub_marks(stub, card.lookup.concept.code))))
    return _section("imported", "Imported definition, not reviewed", *shown, data=[_stub(each) for each in card.stubs])


def stub_marks(stub: Stub, code: str) -> str:
    """Return the line under an imported definition: name, what it is of, match, source, release, licence, attribution."""
    of = f"definition of the parent category {stub.bound_code}" if stub.inherited else f"of {code}"
    what = f"{stub.name} ({stub.id}), {of}" if stub.text else f"Identifier: {stub.name} ({stub.id}), {of}"
    grade = f"Grade {stub.grade}; " if stub.text else ""
    return f"{what}; {grade}match: {stub.match}; {stub.source} {stub.release}; {stub.licence}; {stub.attribution}."


def _anchor(stub: Stub) -> str:
    return "stub-" + "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in stub.id)


def _stub(stub: Stub) -> dict[str, Any]:
    texts = {
        "id": stub.id,
        "name": stub.name,
        "source": stub.source,
        "release": stub.release,
        "licence": stub.licence,
        "attribution": stub.attribution,
        "bound-code": stub.bound_code,
    }
    parts = [extension(name, valueString=value) for name, value in texts.items() if value]
    parts += [extension("match", valueCode=stub.match), extension("inherited", valueBoolean=stub.inherited)]
    if stub.text:
        parts += [extension("grade", valueCode=stub.grade), extension("anchor", valueString=_anchor(stub))]
    if stub.url:
        parts.append(extension("url", valueUri=stub.url))
    return extension(extension_url("imported-definition"), *parts)


def _section(code: str, title: str, *shown: str, data: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "extension": data,
        "title": title,
        "code": concept(coding(SECTION_SYSTEM, code, title)),
        "text": narrative("generated", *shown),
    }
