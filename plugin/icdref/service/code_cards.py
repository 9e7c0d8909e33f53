"""Code cards: what to do about a code, from the code set alone. Facts only; not one clinical sentence."""

from __future__ import annotations

import re

from icdref import codes
from icdref.model import Concept, Kind
from icdref.results import CodeCard, Lookup
from icdref.service.terminology import Terminology

INTENDED_USE = "Reference for health professionals: general information, not advice for a particular patient, and no dosing."

_MOST_CHOICES = 12
_SIDES = re.compile(r"\b(right|left|bilateral|both|unspecified)\b|,")
_UNNAMED_SITE = re.compile(r"\b(other|unspecified|multiple) (specified )?sites?\b", re.IGNORECASE)


def code_card(lookup: Lookup, terminology: Terminology) -> CodeCard:
    """Return the card of a code: what it is, whether it may stand on a claim, and what to choose instead."""
    choices = _choices(lookup, terminology)
    facts = [*_standing(lookup), *_advice(lookup, choices), *_bucket(lookup, choices, terminology), *_history(lookup)]
    return CodeCard(
        lookup, tuple(facts), tuple((choice.code, choice.display) for choice in choices[:_MOST_CHOICES]), INTENDED_USE
    )


def _standing(lookup: Lookup) -> list[str]:
    concept, release = lookup.concept, lookup.choice.release.version
    if not concept.display:
        return [issue.text + "." for issue in lookup.issues if issue.detail == "title-not-installed"]
    facts = [f"{concept.code} is '{concept.display}' in ICD-10-CM {release}."]
    if lookup.ancestors:
        path = " > ".join(f"{above.code} {above.display}" for above in reversed(lookup.ancestors))
        facts.append(f"It stands under: {path}.")
    return facts


def _advice(lookup: Lookup, choices: list[Concept]) -> list[str]:
    concept = lookup.concept
    if concept.kind in (Kind.CHAPTER, Kind.BLOCK):
        return [f"{concept.code} is a {concept.kind}, not a code; {lookup.billable_below} billable codes stand below it."]
    if not concept.billable:
        return [f"{concept.code} is a header and not billable; {lookup.billable_below} billable codes stand below it."]
    facts = [f"{concept.code} is billable."] if lookup.active is not False else []
    named = ", ".join(choice.code for choice in choices[:_MOST_CHOICES])
    if concept.laterality == "unspecified" and named:
        facts.append(f"The side is not specified; codes that name it: {named}.")
    elif _names_no_site(concept) and named:
        facts.append(f"The site is not specified; codes that name it: {named}.")
    return facts


def _bucket(lookup: Lookup, choices: list[Concept], terminology: Terminology) -> list[str]:
    """Say of a residual code that it is a bucket, with what is sharper: specific neighbours, else those of its class."""
    concept = lookup.concept
    if not concept.residual or concept.kind in (Kind.CHAPTER, Kind.BLOCK):
        return []
    by_side_or_site = not concept.billable or concept.laterality == "unspecified" or _names_no_site(concept)
    sharper = [] if by_side_or_site else choices
    named = ", ".join(each.code for each in (sharper or _beside_its_class(lookup, terminology))[:_MOST_CHOICES])
    offered = f"; more specific codes beside it: {named}" if named else ""
    return [f"It is a residual class ('other' or 'unspecified'){offered}."]


def _beside_its_class(lookup: Lookup, terminology: Terminology) -> list[Concept]:
    """Return the specific neighbours of the highest residual code above a code, or of itself, within its category."""
    top = lookup.concept
    for above in lookup.ancestors:
        if not above.residual or above.kind is not Kind.SUBCATEGORY:
            break
        top = above
    if top.kind is not Kind.SUBCATEGORY:
        return []
    number = terminology.releases.number(lookup.choice.release)
    parent = terminology.concepts.concept(top.parent, number)
    return [each for each in _existing(parent.children, terminology, number) if not each.residual] if parent else []


def _history(lookup: Lookup) -> list[str]:
    facts = [
        issue.text + "."
        for issue in lookup.issues
        if issue.detail in ("code-retired", "code-not-yet-valid", "code-became-header")
    ]
    if lookup.validity:
        until = f" to {lookup.validity.valid_to.isoformat()}" if lookup.validity.valid_to else ""
        # The table begins on 2015-10-01 and writes that day for every code that is older.
        since = lookup.validity.valid_from.isoformat()
        facts.append(f"Valid from {since}{' or earlier' if since == '2015-10-01' else ''}{until}.")
    if lookup.replaces:
        facts.append(f"It replaced: {', '.join(lookup.replaces)}.")
    return facts


def _choices(lookup: Lookup, terminology: Terminology) -> list[Concept]:
    """Return sharper codes: the children of a header, the sided siblings of an unspecified side, else specific siblings."""
    concept = lookup.concept
    number = terminology.releases.number(lookup.choice.release)
    if not concept.billable:
        return _existing(lookup.children, terminology, number)
    if concept.laterality != "unspecified" and not concept.residual and not _names_no_site(concept):
        return []
    parent = terminology.concepts.concept(concept.parent, number) if concept.parent else None
    if parent is None:
        return []
    # 180 codes of seven characters are plain leaves (T86.8409): their title also continues that of their parent.
    if len(concept.code) == 8 and any(above.seventh_characters for above in lookup.ancestors):
        return _extended_choices(concept, parent.concept, terminology, number)
    return [other for other in _existing(parent.children, terminology, number) if _is_sharper(other, concept)]


def _extended_choices(concept: Concept, leaf: Concept, terminology: Terminology, number: int) -> list[Concept]:
    """Return the same seventh character on the sharper siblings of the leaf that an extended code belongs to."""
    above = terminology.concepts.concept(leaf.parent, number)
    siblings = _existing(above.children, terminology, number) if above else []
    wanted = [codes.pad_seventh(other.code, concept.code[-1]) for other in siblings if _is_sharper(other, leaf)]
    return _existing(tuple(wanted), terminology, number)


def _existing(found: tuple[str, ...], terminology: Terminology, number: int) -> list[Concept]:
    return [stored.concept for code in found if (stored := terminology.concepts.concept(code, number))]


def _is_sharper(other: Concept, concept: Concept) -> bool:
    if concept.laterality == "unspecified":
        return other.laterality in ("right", "left", "bilateral") and _differs_in_side_alone(other, concept)
    if _names_no_site(concept):
        return other.residual == concept.residual and _UNNAMED_SITE.search(other.display) is None
    return not other.residual and other.laterality != "unspecified"


def _differs_in_side_alone(other: Concept, concept: Concept) -> bool:
    """Tell whether two titles differ in the side alone: beside a nondisplaced fracture stand displaced ones of either side."""
    theirs, ours = (_SIDES.sub(" ", each.display.lower()).split() for each in (other, concept))
    if other.laterality != "bilateral":
        return theirs == ours
    # "Pupillary abnormality, bilateral" leaves out the eye; "bilateral ovaries" are more than one ovary.
    return set(map(_singular, theirs)) <= set(map(_singular, ours))


def _singular(word: str) -> str:
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")


def _names_no_site(concept: Concept) -> bool:
    """Tell whether a title leaves the site open while its siblings name one: "…, unspecified site"."""
    return "unspecified site" in concept.display.lower()
