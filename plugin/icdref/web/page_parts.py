"""What the pages show of a code besides its summary: badges, facts, notes in groups, validity as years, Markdown."""

from __future__ import annotations

from datetime import date

from icdref.model import Kind, NoteKind, Source, Validity, ValidityHorizon
from icdref.results import CodeCard, InheritedNote, Lookup, MatchTrace, SummaryView

_NOTE_TITLES = {
    NoteKind.INCLUSION_TERM: "Inclusion terms",
    NoteKind.INCLUDES: "Includes",
    NoteKind.EXCLUDES1: "Excludes1: never with this code",
    NoteKind.EXCLUDES2: "Excludes2: not included here",
    NoteKind.CODE_FIRST: "Code first",
    NoteKind.USE_ADDITIONAL_CODE: "Use additional code",
    NoteKind.CODE_ALSO: "Code also",
    NoteKind.NOTE: "Notes",
}


def badges(lookup: Lookup) -> list[tuple[str, str]]:
    """Return (colour, text) of the badges under a code's title, the most important first."""
    concept = lookup.concept
    found: list[tuple[str, str]] = []
    if lookup.active is False:
        found.append(("stop", "not valid on this date"))
    if concept.billable:
        found.append(("good", "billable"))
    elif concept.kind in (Kind.CHAPTER, Kind.BLOCK):
        found.append(("info", str(concept.kind)))
    else:
        found.append(("warn", f"header: choose one of {lookup.billable_below} codes"))
    if concept.laterality == "unspecified":
        found.append(("warn", "side not specified"))
    elif concept.laterality:
        found.append(("info", concept.laterality))
    if not concept.display:
        found.append(("warn", "title not installed"))
    return found


def facts(lookup: Lookup) -> list[tuple[str, str]]:
    """Return (name, value) of the facts in the margin."""
    concept = lookup.concept
    found = [("Release", lookup.choice.release.version), ("Kind", str(concept.kind))]
    if concept.site:
        found.append(("Site", concept.site))
    if lookup.validity:
        until = lookup.validity.valid_to.isoformat() if lookup.validity.valid_to else "open"
        found += [("Valid from", lookup.validity.valid_from.isoformat()), ("Valid to", until)]
    found += [("Replaced by", ", ".join(lookup.replaced_by))] * bool(lookup.replaced_by)
    found += [("Replaces", ", ".join(lookup.replaces))] * bool(lookup.replaces)
    found += [("Claim edits", ", ".join(lookup.edits))] * bool(lookup.edits)
    found += [(f"7th character {each.character}", each.meaning) for each in concept.seventh_characters]
    return found


def note_groups(lookup: Lookup) -> list[tuple[str, list[InheritedNote]]]:
    """Return the notes in the order in which a coder reads them, own before inherited."""
    groups = ((title, [each for each in lookup.notes if each.note.kind is kind]) for kind, title in _NOTE_TITLES.items())
    return [(title, notes) for title, notes in groups if notes]


def validity_years(validity: Validity | None, horizon: ValidityHorizon) -> list[tuple[int, str]]:
    """Return (fiscal year, valid | not) for every fiscal year that the validity table reaches; [] without validity."""
    if validity is None:
        return []
    first, last = horizon.first.year + 1, horizon.last.year
    return [(year, "valid" if _touches(validity, year) else "not") for year in range(first, last + 1)]


def years_label(years: list[tuple[int, str]]) -> str:
    """Return the picture of the years in words, for those who cannot see it."""
    valid = [year for year, state in years if state == "valid"]
    return f"Valid in fiscal years {valid[0]} to {valid[-1]}" if valid else "Not valid in any fiscal year shown"


def _touches(validity: Validity, year: int) -> bool:
    begins, ends = date(year - 1, 10, 1), date(year, 9, 30)
    return validity.valid_from <= ends and (validity.valid_to is None or validity.valid_to >= begins)


def source_link(source: Source) -> str:
    """Return an https link to a source, '' where there is none."""
    if source.doi:
        return f"https://doi.org/{source.doi}"
    if source.pmcid:
        return f"https://www.ncbi.nlm.nih.gov/pmc/articles/{source.pmcid}/"
    if source.pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{source.pmid}/"
    return source.url if source.url.startswith("https://") else ""


def to_markdown(lookup: Lookup, card: CodeCard, trace: MatchTrace, view: SummaryView | None) -> str:
    """Return the answer for a code as Markdown: the same statements as the page, with grades and sources."""
    lines = [f"# {lookup.concept.code} {lookup.concept.display}".rstrip(), ""]
    lines += [f"- {fact}" for fact in card.facts]
    lines += [f"  - {code} {title}" for code, title in card.choices]
    lines += ["", trace.notice] if trace.notice else []
    if view:
        lines += ["", f"## {view.title}", "", f"> {view.banner}", f"> {view.intended_use}", ""]
        for section in view.sections:
            lines += [f"### {section.title}", ""]
            lines += [f"- {each.text} [{each.grade}; {', '.join(each.sources)}]" for each in section.statements]
            lines += [section.notice] if section.notice else []
            lines.append("")
        lines += ["### References", "", *(f"- {source.id}: {source.citation}" for source in view.summary.sources)]
    lines += ["", f"ICD-10-CM {lookup.choice.release.version}, edition {lookup.choice.edition}. {card.intended_use}", ""]
    return "\n".join(lines)
