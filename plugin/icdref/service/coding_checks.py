"""What is wrong, or could be sharper, about the codes of a problem list: facts of the code set, never a clinical opinion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from icdref import codes
from icdref.model import Kind, NoteKind
from icdref.results import Lookup, NoSuchCode
from icdref.service.code_cards import code_card
from icdref.service.matching import covers
from icdref.service.terminology import Terminology

_SHORTEST_STEM = 3
_MOST_BESIDE = 6


@dataclass(frozen=True, slots=True)
class CodingFinding:
    """One remark on a code. `certain` marks a plain coding error: the code does not exist, or not on the day.

    `kind`: deleted-code, not-yet-valid, unknown-code, header-code, unspecified-side, unspecified-site, residual-code,
    residual-class (the code is as sharp as its class allows, but other classes name the same site).
    `choices` are sharper codes as (code, title); `title` is that of the code, '' where it has none.
    """

    kind: str
    code: str
    title: str
    text: str
    choices: tuple[tuple[str, str], ...]
    certain: bool
    release: str


@dataclass(frozen=True, slots=True)
class ExcludedPair:
    """Two codes of one list that an Excludes1 note keeps apart: the note stands on `place`, at or above `code`."""

    code: str
    other: str
    place: str
    note: str


def check_code(text: str, day: date | None, terminology: Terminology) -> CodingFinding | None:
    """Return what there is to say about a code on a day, None where nothing is, or where it has not the shape of a code."""
    found = terminology.lookup(text, day=day)
    if isinstance(found, NoSuchCode):
        return _missing(found, terminology, day)
    card = code_card(found, terminology)
    kind = _kind(found, bool(card.choices))
    if not kind:
        return _in_residual_class(found, terminology)
    said = [issue.text for issue in found.issues if issue.detail in ("code-retired", "code-not-yet-valid")]
    said = said if kind in ("deleted-code", "not-yet-valid") else [fact for fact in card.facts if _is_advice(fact)]
    choices = _titled(found.replaced_by, terminology, day) if kind == "deleted-code" else card.choices
    certain = kind in ("deleted-code", "not-yet-valid")
    concept = found.concept
    return CodingFinding(kind, concept.code, concept.display, " ".join(said), choices, certain, found.choice.release.version)


def excluded_pairs(found: Sequence[Lookup]) -> tuple[ExcludedPair, ...]:
    """Return the pairs of a list that an Excludes1 note of either side names, each pair once.

    Notes are inherited from what stands above a code. A reference that covers both sides excludes neither.
    """
    listed = list(dict.fromkeys(lookup.concept.code for lookup in found))
    by_stem: dict[str, list[str]] = {}
    for code in listed:
        for length in range(_SHORTEST_STEM, len(code) + 1):
            by_stem.setdefault(code[:length], []).append(code)
    pairs: dict[frozenset[str], ExcludedPair] = {}
    for lookup in {each.concept.code: each for each in found}.values():
        own = lookup.concept.code
        for inherited in lookup.notes:
            if inherited.note.kind is not NoteKind.EXCLUDES1:
                continue
            for cited in inherited.note.codes:
                for other in _covered(cited, by_stem, listed):
                    if other != own and not covers(cited, own):
                        pair = ExcludedPair(own, other, inherited.inherited_from or own, inherited.note.text)
                        pairs.setdefault(frozenset((own, other)), pair)
    return tuple(pairs.values())


def _covered(cited: str, by_stem: dict[str, list[str]], listed: Sequence[str]) -> list[str]:
    """Return the codes of a list that a reference covers; a dictionary, because 100 problems make 4,950 pairs."""
    if "-" in cited.rstrip("-"):
        return [code for code in listed if covers(cited, code)]
    return [code for code in by_stem.get(cited.rstrip("-").rstrip("."), ()) if covers(cited, code)]


def _in_residual_class(found: Lookup, terminology: Terminology) -> CodingFinding | None:
    """Return the remark on a code with side and site in a class of "other", where classes beside it have the same of both.

    Which of them the record supports, only its author can say: "trauma documented?" is a question, not a correction.
    """
    concept, release = found.concept, found.choice.release
    number = terminology.releases.number(release)
    above = next((each for each in reversed(found.ancestors) if each.residual and each.kind is Kind.SUBCATEGORY), None)
    parent = terminology.concepts.concept(above.parent, number) if above else None
    if not (above and parent and concept.residual and concept.site and concept.laterality):
        return None
    beside = (terminology.concepts.concept(code, number) for code in parent.children if code != above.code)
    same = (
        (each.concept.code, each.concept.display)
        for sibling in beside
        if sibling is not None and not sibling.concept.residual
        for each in terminology.concepts.below(sibling, number)
        if each.concept.billable and (each.concept.site, each.concept.laterality) == (concept.site, concept.laterality)
    )
    choices = tuple(islice(same, _MOST_BESIDE + 1))  # classes of fractures have hundreds
    if not 0 < len(choices) <= _MOST_BESIDE:
        return None
    text = (
        f"{concept.code} stands in the residual class {above.code} '{above.display}'. "
        "Where the record documents it, one of these names the same site and side:"
    )
    return CodingFinding("residual-class", concept.code, concept.display, text, choices, certain=False, release=release.version)


def _missing(found: NoSuchCode, terminology: Terminology, day: date | None) -> CodingFinding | None:
    if not found.code:  # not the shape of a code: it may be a local one
        return None
    gone = found.issue.detail == "code-not-in-release"
    choices = _titled(terminology.successors(found.code), terminology, day) if gone else ()
    kind = "deleted-code" if gone else "unknown-code"
    return CodingFinding(kind, found.code, "", found.issue.text, choices, gone, found.choice.release.version)


def _kind(found: Lookup, has_choices: bool) -> str:  # noqa: FBT001
    concept = found.concept
    details = {issue.detail for issue in found.issues}
    if "code-retired" in details:
        return "deleted-code"
    if "code-not-yet-valid" in details:
        return "not-yet-valid"
    if not concept.billable:
        return "header-code" if concept.kind not in (Kind.BLOCK, Kind.CHAPTER) else ""
    if not has_choices:
        return ""
    if concept.laterality == "unspecified":
        return "unspecified-side"
    return "residual-code" if concept.residual else "unspecified-site"


def _is_advice(fact: str) -> bool:
    return any(words in fact for words in ("is a header", "side is not specified", "site is not specified", "residual class"))


def _titled(found: Sequence[str], terminology: Terminology, day: date | None) -> tuple[tuple[str, str], ...]:
    looked = (terminology.lookup(code, codes.ICD10CM, day=day) for code in found)
    return tuple(
        (each.concept.code, each.concept.display) for each in looked if isinstance(each, Lookup) and each.concept.display
    )
