"""Answers of the terminology service as Parameters resources: `$lookup`, `$validate-code`, `$subsumes`.

These are built for every request, so they are plain dicts and nothing else: through the models of fhir.resources one
`$lookup` answer measured 135 times slower. Small constant parts are shared between answers; treat an answer as read-only.
Source: HL7 FHIR R4 and R5, operations of CodeSystem; the concept properties are described in `fhir/terminology.py`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, Final

from icdref.concept_properties import EDIT_PROPERTIES
from icdref.fhir.canonical import DESIGNATION_USE_SYSTEM, edition_uri
from icdref.fhir.outcome import operation_outcome
from icdref.fhir.primitives import is_uri
from icdref.model import Concept, Kind, NoteKind
from icdref.results import Lookup, Subsumption, Validation

_TITLE_USE: Final = {"system": DESIGNATION_USE_SYSTEM, "code": "published-title", "display": "Title as published"}
_ASCII_USE: Final = {"system": DESIGNATION_USE_SYSTEM, "code": "ascii-title", "display": "Title in ASCII"}
_ENGLISH: Final = {"name": "language", "valueCode": "en"}

_EDIT_PROPERTIES: Final[dict[str, tuple[str, str, object]]] = {
    flag: (name, "valueBoolean" if value is True else "valueCode", value) for flag, (name, value) in EDIT_PROPERTIES.items()
}


def lookup_parameters(
    lookup: Lookup, asked: Collection[str] | None = None, fhir_version: str = "4.0", *, inherited: bool = True
) -> dict[str, Any]:
    """Return the answer of `$lookup`.

    `asked` limits properties and designations to the names in it; unknown names are ignored and None means all. Name,
    version, display, code, system and abstract are always there, display only where the title is installed. Without
    `inherited` the notes that stand further up are left out, for a caller who has them ready: `inherited_notes`.
    """
    concept, choice = lookup.concept, lookup.choice
    parameters: list[dict[str, Any]] = [
        {"name": "name", "valueString": choice.release.title},
        {"name": "version", "valueString": choice.release.version},
    ]
    if concept.display:
        parameters.append({"name": "display", "valueString": concept.display})
        if fhir_version >= "5.0":
            parameters.append({"name": "definition", "valueString": concept.display})
    parameters += (
        {"name": "code", "valueCode": concept.code},
        {"name": "system", "valueUri": lookup.system},
        {"name": "abstract", "valueBoolean": _is_abstract(concept)},
    )
    if concept.display and (asked is None or "designation" in asked):
        parameters += _designations(concept.display)
    properties = _properties(lookup, inherited=inherited)
    if asked is not None:
        properties = [each for each in properties if each["part"][0]["valueCode"] in asked]
    parameters += properties
    parameters += [{"name": "message", "valueString": issue.text} for issue in (*choice.issues, *lookup.issues)]
    return {"resourceType": "Parameters", "meta": {"source": edition_uri(choice.edition)}, "parameter": parameters}


def validation_parameters(validation: Validation) -> dict[str, Any]:
    """Return the answer of `$validate-code`; a part is left out where nothing is known to put into it."""
    parameters: list[dict[str, Any]] = [{"name": "result", "valueBoolean": validation.result}]
    if message := validation.message:
        parameters.append({"name": "message", "valueString": message})
    system = validation.system if is_uri(validation.system) else ""
    for name, key, value in (
        ("display", "valueString", validation.display),
        ("code", "valueCode", _as_code(validation.code)),
        ("system", "valueUri", system),
        ("version", "valueString", validation.version),
    ):
        if value:
            parameters.append({"name": name, key: value})
    if validation.normalised and validation.normalised != validation.code:
        parameters.append({"name": "normalized-code", "valueCode": validation.normalised})
    if validation.inactive is not None:
        parameters.append({"name": "inactive", "valueBoolean": validation.inactive})
    if validation.inactive and any(issue.detail in ("code-retired", "code-inactive") for issue in validation.issues):
        parameters.append({"name": "status", "valueCode": "retired"})
    if validation.issues:
        if system and any(issue.detail == "unknown-system" for issue in validation.issues):
            parameters.append({"name": "x-caused-by-unknown-system", "valueCanonical": system})
        parameters.append({"name": "issues", "resource": operation_outcome(validation.issues)})
    return _parameters(validation.edition, parameters)


def subsumption_parameters(subsumption: Subsumption) -> dict[str, Any]:
    """Return the answer of `$subsumes`, which has one part; release and edition travel in the headers and in `meta`."""
    return _parameters(subsumption.choice.edition, [{"name": "outcome", "valueCode": subsumption.outcome}])


def versions_parameters(fhir_version: str) -> dict[str, Any]:
    """Return the answer of `$versions` for a base that speaks one version."""
    return _parameters("", [{"name": "version", "valueString": fhir_version}, {"name": "default", "valueString": fhir_version}])


def outcome_parameters(outcome: str) -> dict[str, Any]:
    """Return the answer of `$subsumes` on a code system in general."""
    return _parameters("", [{"name": "outcome", "valueCode": outcome}])


def _as_code(text: str) -> str:
    r"""Return a client's text as a code can carry it: printable, single blanks within, none around.

    >>> _as_code(" M61.00\n"), _as_code("M61\u202e 00")
    ('M61.00', 'M61 00')
    """
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _parameters(edition: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    shaped: dict[str, Any] = {"resourceType": "Parameters"}
    if edition:
        shaped["meta"] = {"source": edition_uri(edition)}
    shaped["parameter"] = parameters
    return shaped


def _is_abstract(concept: Concept) -> bool:
    return concept.kind is Kind.CHAPTER or concept.kind is Kind.BLOCK


def _designations(title: str) -> list[dict[str, Any]]:
    forms = [(_TITLE_USE, title)]
    if not title.isascii():
        forms.append((_ASCII_USE, _to_ascii(title)))
    return [
        {
            "name": "designation",
            "part": [_ENGLISH, {"name": "use", "valueCoding": use}, {"name": "value", "valueString": text}],
        }
        for use, text in forms
    ]


def _to_ascii(title: str) -> str:
    return unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii")


def _property(name: str, key: str, value: object, description: str = "") -> dict[str, Any]:
    code = _named(name)
    if description:
        described = {"name": "description", "valueString": description}
        return {"name": "property", "part": [code, {"name": "value", key: value}, described]}
    return {"name": "property", "part": [code, {"name": "value", key: value}]}


# A few hundred values stand in nearly every answer: flags, kinds, chapters, blocks, sides, sites, first days. `typed` keeps
# True apart from 1, which no property has today.
@lru_cache(maxsize=4096, typed=True)
def _shared(name: str, key: str, value: object) -> dict[str, Any]:
    """Return a property that many answers have in common; treat it as read-only."""
    return _property(name, key, value)


@cache
def _named(name: str) -> dict[str, str]:
    """Return the part that names a property; the few dozen names there are make it worth sharing."""
    return {"name": "code", "valueCode": name}


def inherited_notes(above: Concept) -> list[dict[str, Any]]:
    """Return the properties for the notes that stand on a concept, as everything below it inherits them."""
    return [_inherited_note(note.kind, note.text, note.codes, above.code) for note in above.notes]


def _properties(lookup: Lookup, *, inherited: bool) -> list[dict[str, Any]]:
    concept = lookup.concept
    properties = [
        _shared("kind", "valueCode", concept.kind.value),
        _shared("billable", "valueBoolean", concept.billable),
        _shared("notSelectable", "valueBoolean", _is_abstract(concept)),
    ]
    if concept.parent:
        parent = lookup.ancestors[0].display if lookup.ancestors else ""
        properties.append(_property("parent", "valueCode", concept.parent, parent))
    properties += [_property("child", "valueCode", child) for child in lookup.children]
    for name, code in (
        ("chapter", lookup.chapter),
        ("block", lookup.block),
        ("laterality", concept.laterality),
        ("site", concept.site),
    ):
        if code:
            properties.append(_shared(name, "valueCode", code))
    properties += _validity(lookup)
    properties += [_property("replacedBy", "valueCode", code) for code in lookup.replaced_by]
    properties += [_property("replaces", "valueCode", code) for code in lookup.replaces]
    properties += [_shared(*_EDIT_PROPERTIES[flag]) for flag in lookup.edits if flag in _EDIT_PROPERTIES]
    properties += [_note_property(note.kind, note.text, note.codes) for note in concept.notes]
    if inherited:
        properties += [shaped for above in lookup.ancestors for shaped in inherited_notes(above)]
    properties += _seventh_characters(lookup)
    return properties


def _validity(lookup: Lookup) -> list[dict[str, Any]]:
    properties: list[dict[str, Any]] = []
    validity = lookup.validity
    if lookup.active is not None:
        properties.append(_shared("inactive", "valueBoolean", not lookup.active))
        ended = validity is not None and _has_ended(validity.valid_to, lookup.choice.day)
        if lookup.active or ended:
            # A code whose first day is still to come is neither; only `inactive` and the dates speak about it.
            properties.append(_shared("status", "valueCode", "active" if lookup.active else "retired"))
    if validity is not None:
        properties.append(_shared("effectiveDate", "valueDateTime", validity.valid_from.isoformat()))
        if validity.valid_to is not None:
            first_day_without = validity.valid_to + timedelta(days=1)
            properties.append(_shared("retirementDate", "valueDateTime", first_day_without.isoformat()))
    return properties


def _has_ended(last_day: date | None, day: date) -> bool:
    return last_day is not None and last_day < day


# Half of a typical answer is notes of a chapter or block, which thousands of codes inherit: M61.051 took 28 µs, now 12. The
# bound holds the notes of all chapters and blocks several times over, in about 3 MB.
@lru_cache(maxsize=2048)
def _inherited_note(kind: NoteKind, text: str, codes: tuple[str, ...], inherited_from: str) -> dict[str, Any]:
    shaped = _note_property(kind, text, codes)
    shaped["part"].append(_subproperty("inheritedFrom", inherited_from))
    return shaped


def _note_property(kind: NoteKind, text: str, codes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "name": "property",
        "part": [_named(str(kind)), {"name": "value", "valueString": text}, *(_subproperty("code", code) for code in codes)],
    }


def _subproperty(name: str, code: str) -> dict[str, Any]:
    return {"name": "subproperty", "part": [_named(name), {"name": "value", "valueCode": code}]}


def _seventh_characters(lookup: Lookup) -> list[dict[str, Any]]:
    """Return the seventh characters that the code takes, from the code itself or the nearest header that defines them."""
    concept = lookup.concept
    holders = (concept,) if concept.billable else (concept, *lookup.ancestors)
    holder = next((each for each in holders if each.seventh_characters), None)
    if holder is None:
        return []
    properties = [
        _property("seventhCharacter", "valueString", f"{each.character} = {each.meaning}") for each in holder.seventh_characters
    ]
    if holder is not concept:
        for each in properties:
            each["part"].append(_subproperty("inheritedFrom", holder.code))
    return properties
