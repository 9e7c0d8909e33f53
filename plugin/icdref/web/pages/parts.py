"""What the pages show of a code besides its summary: badges, facts, notes in groups, choices that differ in a few words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from icdref import codes
from icdref.fhir.summary_parts import source_url
from icdref.model import Kind, NoteKind, Source
from icdref.results import CodeCard, InheritedNote, Lookup, SearchHit, SummaryView
from icdref.service.terminology import Terminology

NOTE_TITLES: Final = {
    NoteKind.EXCLUDES1: ("Excludes1", "never coded together with this code"),
    NoteKind.EXCLUDES2: ("Excludes2", "not part of this code; may be coded beside it"),
    NoteKind.CODE_FIRST: ("Code first", ""),
    NoteKind.USE_ADDITIONAL_CODE: ("Use additional code", ""),
    NoteKind.CODE_ALSO: ("Code also", ""),
    NoteKind.INCLUDES: ("Includes", ""),
    NoteKind.INCLUSION_TERM: ("Inclusion terms", ""),
    NoteKind.NOTE: ("Notes", ""),
}
_REASONS: Final = {
    "title": "title",
    "term": "inclusion term",
    "above": "heading above",
    "code": "code",
    "seventh-character": "7th character",
    "lay": "plain words",
    "abbreviation": "abbreviation",
    "eponym": "eponym",
    "clinical": "clinical name",
    "site": "site",
    "word": "other word",
    "spelling": "spelling",
    "summary": "condition summary",
    "related": "related name",
}
_WORD: Final = re.compile(r"\w+")
_FEW: Final = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """A sharper code: its title in three pieces, of which `own` is what tells it from the other choices."""

    code: str
    before: str
    own: str
    after: str
    billable: bool


@dataclass(frozen=True, slots=True)
class NoteGroup:
    """The notes of one kind; `few` stand open, `more` behind a click."""

    title: str
    meaning: str
    few: tuple[InheritedNote, ...]
    more: tuple[InheritedNote, ...]


def badges(lookup: Lookup) -> list[tuple[str, str]]:
    """Return (colour, text) of the badges beside a code, the most important first."""
    concept = lookup.concept
    found: list[tuple[str, str]] = []
    if lookup.active is False:
        found.append(("stop", "Not valid on this date"))
    if concept.billable:
        found.append(("good", "Billable"))
    elif concept.kind in (Kind.CHAPTER, Kind.BLOCK):
        found.append(("info", str(concept.kind).capitalize()))
    else:
        found.append(("warn", "Header, not billable"))
    if concept.laterality == "unspecified":
        found.append(("warn", "Side not specified"))
    elif concept.laterality:
        found.append(("info", concept.laterality.capitalize()))
    if concept.residual:
        found.append(("info", "Residual class"))
    if not concept.display:
        found.append(("warn", "Title not installed"))
    return found


def facts(lookup: Lookup) -> list[tuple[str, str]]:
    """Return (name, value) of the facts in the margin."""
    concept = lookup.concept
    found = [("Release", lookup.choice.release.version), ("Kind", str(concept.kind))]
    if concept.site:
        found.append(("Site", concept.site))
    if lookup.validity:
        since = lookup.validity.valid_from.isoformat()
        until = lookup.validity.valid_to.isoformat() if lookup.validity.valid_to else "open"
        found += [("Valid from", f"{since} or earlier" if since == "2015-10-01" else since), ("Valid to", until)]
    found += [("Claim edits", ", ".join(lookup.edits))] * bool(lookup.edits)
    found += [(f"7th character {each.character}", each.meaning) for each in concept.seventh_characters]
    return found


def note_groups(lookup: Lookup) -> list[NoteGroup]:
    """Return the notes in the order in which a coder reads them, own before inherited; long lists are cut in two."""
    found = []
    for kind, (title, meaning) in NOTE_TITLES.items():
        notes = [each for each in lookup.notes if each.note.kind is kind]
        own = sum(not each.inherited_from for each in notes)
        cut = len(notes) if len(notes) <= _FEW + 1 else max(own, _FEW)
        if notes:
            found.append(NoteGroup(title, meaning, tuple(notes[:cut]), tuple(notes[cut:])))
    return found


def choice_heading(lookup: Lookup, card: CodeCard) -> str:
    """Return what a coder has to choose, '' where there is nothing to choose."""
    concept = lookup.concept
    if not card.choices and not lookup.children:
        return ""
    if concept.kind in (Kind.CHAPTER, Kind.BLOCK):
        return f"What stands in this {concept.kind}"
    if not concept.billable:
        many = f"{lookup.billable_below} billable codes" if lookup.billable_below != 1 else "one billable code"
        return f"Choose a code below: {many}"
    if concept.laterality == "unspecified":
        return "Choose the side"
    if "unspecified site" in concept.display.lower():
        return "Choose the site"
    return "More specific codes beside it"


def choices(lookup: Lookup, card: CodeCard, terminology: Terminology) -> list[Choice]:
    """Return the sharper codes of a card, or everything directly below a header, with the words that tell them apart."""
    number = terminology.releases.number(lookup.choice.release)
    wanted = [code for code, _ in card.choices] if lookup.concept.billable else list(lookup.children)
    found = [stored.concept for code in wanted if (stored := terminology.concepts.concept(code, number))]
    pieces = told_apart([concept.display for concept in found])
    return [Choice(concept.code, *piece, concept.billable) for concept, piece in zip(found, pieces, strict=True)]


def told_apart(titles: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return each title in three pieces: what all begin with, what is its own, what all end with.

    >>> told_apart(["Pain in right hip", "Pain in left hip"])
    [('Pain in ', 'right', ' hip'), ('Pain in ', 'left', ' hip')]
    >>> told_apart(["Cholera"])
    [('', 'Cholera', '')]
    """
    split = [title.split(" ") for title in titles]
    if len(split) < 2:
        return [("", title, "") for title in titles]
    shortest = min(map(len, split))
    start = 0
    while start < shortest - 1 and len({words[start] for words in split}) == 1:
        start += 1
    end = 0
    while end < shortest - start - 1 and len({words[-1 - end] for words in split}) == 1:
        end += 1
    return [_piece(words, start, end) for words in split]


def _piece(words: list[str], start: int, end: int) -> tuple[str, str, str]:
    stop = len(words) - end
    before, own, after = (" ".join(part) for part in (words[:start], words[start:stop], words[stop:]))
    return (f"{before} " if before else "", own, f" {after}" if after else "")


def marked(display: str, hit: SearchHit, asked: str) -> Markup:
    """Return a title with the words that were asked for marked."""
    wanted = {word.casefold() for word in _WORD.findall(asked) if len(word) > 1}
    wanted |= {word.casefold() for why in hit.why if why.field == "title" for word in _WORD.findall(why.term)}
    found, at = Markup(""), 0
    for word in _WORD.finditer(display):
        if word[0].casefold() in wanted:
            found += escape(display[at : word.start()]) + Markup("<mark>{}</mark>").format(word[0])
            at = word.end()
    return found + escape(display[at:])


def why_found(hit: SearchHit) -> list[str]:
    """Return why a code was found, in a few words for each reason."""
    said = []
    for why in hit.why:
        read_as = f", typed “{why.corrected}”" if why.corrected else ""
        said.append(f"{_REASONS.get(why.field, why.field)}: {why.term}{read_as}")
    return list(dict.fromkeys(said))


def source_link(source: Source) -> str:
    """Return an https link to a source, '' where there is none."""
    link = source_url(source)
    return link if link.startswith("https://") else ""


def source_label(source: Source) -> str:
    """Return what a link to a source says."""
    if source.doi:
        return f"doi:{source.doi}"
    if source.pmid:
        return f"PMID {source.pmid}"
    return source.pmcid or "open"


def bound_codes(view: SummaryView) -> str:
    """Return the ICD-10-CM codes that a summary is about, as coders write them."""
    own = [each for each in view.summary.codes if each.system == codes.ICD10CM]
    shown = [each for each in own if each.role == "focus"] or own[:1]
    return ", ".join(f"{each.code}{'-' if each.match != 'self' else ''}" for each in shown)


def count_of(number: int, one: str, many: str = "") -> str:
    """Return a number with the word that fits it.

    >>> count_of(1, "source"), count_of(1200, "code")
    ('1 source', '1,200 codes')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """Return a text with a full stop where it ends without any mark.

    >>> sentence("no such code"), sentence("did you mean M61.9?")
    ('no such code.', 'did you mean M61.9?')
    """
    return text if text.endswith((".", "?", "!")) else f"{text}."
