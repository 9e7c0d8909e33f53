"""Answers as text for people at a terminal. Every clinical sentence printed is a stored statement."""

from __future__ import annotations

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from icdref.fhir.card_sections import map_text, stub_marks
from icdref.fhir.summary_parts import USES, cited_sources, form_line, identifiers, seed_line, source_url, standing
from icdref.model import NoteKind, Statement
from icdref.results import CodeCard, Lookup, MatchTrace, SectionView, SummaryView

_NOTE_TITLES = {
    NoteKind.INCLUSION_TERM: "Inclusion terms",
    NoteKind.INCLUDES: "Includes",
    NoteKind.EXCLUDES1: "Excludes1 (never with this code)",
    NoteKind.EXCLUDES2: "Excludes2 (not included here)",
    NoteKind.CODE_FIRST: "Code first",
    NoteKind.USE_ADDITIONAL_CODE: "Use additional code",
    NoteKind.CODE_ALSO: "Code also",
    NoteKind.NOTE: "Notes",
}


def print_lookup(console: Console, lookup: Lookup) -> None:
    """Print everything a release says about a code."""
    concept = lookup.concept
    console.print(f"[bold]{concept.code}[/bold]  {escape(concept.display) or '[dim](title not in the installed releases)[/dim]'}")
    table = Table.grid(padding=(0, 2))
    for name, value in _facts(lookup):
        table.add_row(f"[dim]{name}[/dim]", escape(value))
    console.print(table)
    for kind, title in _NOTE_TITLES.items():
        notes = [each for each in lookup.notes if each.note.kind is kind]
        if notes:
            console.print(f"[dim]{title}[/dim]")
        for each in notes:
            where = f"  [dim](from {each.inherited_from})[/dim]" if each.inherited_from else ""
            console.print(f"  - {escape(each.note.text)}{where}")
    for issue in (*lookup.issues, *lookup.choice.issues):
        console.print(f"[yellow]{issue.severity}[/yellow]: {escape(issue.text)}")
    console.print(f"[dim]ICD-10-CM {lookup.choice.release.version}, edition {lookup.choice.edition}[/dim]")


def _facts(lookup: Lookup) -> list[tuple[str, str]]:
    concept = lookup.concept
    facts = [("kind", str(concept.kind))]
    if concept.kind in ("category", "subcategory"):
        below = f"no: a header with {lookup.billable_below} billable codes below it"
        facts.append(("billable", "yes" if concept.billable else below))
    if lookup.active is not None:
        facts.append(("in force", "yes" if lookup.active else "no"))
    if lookup.validity:
        until = lookup.validity.valid_to.isoformat() if lookup.validity.valid_to else "open"
        facts.append(("valid", f"{lookup.validity.valid_from} to {until}"))
    facts += [(name, value) for name, value in (("side", concept.laterality), ("site", concept.site)) if value]
    facts += [("replaced by", ", ".join(lookup.replaced_by))] * bool(lookup.replaced_by)
    facts += [("replaces", ", ".join(lookup.replaces))] * bool(lookup.replaces)
    facts += [("edits", ", ".join(lookup.edits))] * bool(lookup.edits)
    facts += [("under", f"{above.code}  {above.display}") for above in lookup.ancestors]
    facts += [("children", ", ".join(lookup.children))] * bool(lookup.children)
    facts += [("7th", f"{each.character} = {each.meaning}") for each in concept.seventh_characters]
    return facts


def print_trace(console: Console, trace: MatchTrace) -> None:
    """Print how the question reached its answer."""
    asked = trace.normalised or trace.requested
    console.print(f"[bold]{escape(asked)}[/bold]  {escape(trace.display)}")
    if trace.summary:
        console.print(
            f"[dim]{trace.relation}: summary {trace.summary} {trace.summary_version}, bound to {trace.bound_code}[/dim]"
        )
    if trace.notice:
        console.print(f"[yellow]{escape(trace.notice)}[/yellow]")
    if trace.also:
        console.print(f"[dim]also concerns this code: {', '.join(trace.also)}[/dim]")


def print_card(console: Console, card: CodeCard) -> None:
    """Print what to do about the code, from the code set alone."""
    for fact in card.facts:
        console.print(f"  - {escape(fact)}")
    for code, title in card.choices:
        console.print(f"      {code}  {escape(title)}")
    for section in card_sections(card):
        console.print(f"[dim]{section}[/dim]")
        for line in card_sections(card)[section]:
            console.print(f"  - {escape(line)}")
    release = card.lookup.choice.release.version
    console.print(f"[dim]ICD-10-CM {release}, edition {card.lookup.choice.edition}. {card.intended_use}[/dim]")


def card_sections(card: CodeCard) -> dict[str, list[str]]:
    """Return what a card says beside its facts, by heading: notes, edits, maps, imported definitions under their banner."""
    found: dict[str, list[str]] = {}
    for each in card.lookup.notes:
        where = f" (from {each.inherited_from})" if each.inherited_from else ""
        found.setdefault("Notes of the tabular list", []).append(f"{_NOTE_TITLES[each.note.kind]}: {each.note.text}{where}")
    if card.lookup.edits:
        found["Medicare Code Editor"] = [", ".join(card.lookup.edits)]
    if card.mappings:
        found["Maps to other code systems"] = [map_text(each) for each in card.mappings]
    for stub in card.stubs:
        lines = found.setdefault(card.stub_banner, [])
        lines += [stub.text] if stub.text else []
        lines.append(stub_marks(stub, card.lookup.concept.code))
    return found


def print_summary(console: Console, view: SummaryView) -> None:
    """Print a summary: banner and safety sections first, each statement with its grade and sources."""
    console.print()
    console.print(Panel("\n".join([f"[bold]{escape(view.title)}[/bold]", *map(escape, standing(view))]), expand=False))
    if view.audience != "patient":
        _print_names(console, view)
    for section in view.sections:
        _print_section(console, view, section)
    if view.patient_text:
        console.print(Markdown(view.patient_text.body))
        console.print(f"[dim]This text rests on the statements {', '.join(view.patient_text.based_on)}.[/dim]")
    else:
        _print_relations(console, view)
    _print_sources(console, view)
    for name, value in source_attributes(view):
        console.print(f"[dim]{name}: {escape(value)}[/dim]")


def source_attributes(view: SummaryView) -> list[tuple[str, str]]:
    """Return the decision-support source attributes of a summary, each with its answer, in the order of the rule."""
    attributes = view.summary.attributes
    dates = f"released {attributes.release_date}, revised {attributes.revision_date}"
    rows = [
        ("citation", attributes.citation),
        ("developer", attributes.developer),
        ("funding", attributes.funding),
        ("release and revision dates", dates),
    ]
    return [*rows, *((f"uses {use}", "yes" if use in attributes.uses else "no") for use in USES)]


def _print_names(console: Console, view: SummaryView) -> None:
    names = [f"{each.text} ({each.kind})" for each in view.summary.synonyms]
    if names:
        console.print(f"[dim]Names: {escape('; '.join(names))}[/dim]")


def _print_relations(console: Console, view: SummaryView) -> None:
    if view.subset or not view.summary.relations:
        return
    console.print("\n[bold]Related conditions[/bold]")
    for each in view.summary.relations:
        found = f" {', '.join(each.codes)}" if each.codes else ""
        why = f" [dim]\\[{each.why}][/dim]" if each.why else ""
        console.print(f"  - {each.kind}: {escape(each.target)}{found}{why}")


def _print_section(console: Console, view: SummaryView, section: SectionView) -> None:
    style = "bold red" if section.code in ("red-flags", "never-do") else "bold"
    console.print(f"\n[{style}]{section.title}[/{style}]")
    if section.withheld:
        console.print(f"  [dim]{section.withheld} statements are withheld. {escape(section.notice)}[/dim]")
    elif section.notice:
        console.print(f"  [dim]{escape(section.notice)}[/dim]")
    for statement in section.statements:
        console.print(f"  - {escape(statement.text)} [dim]\\[{statement.grade}; {escape(', '.join(statement.sources))}][/dim]")
        if statement.form:
            console.print(f"      [dim]{escape(form_line(statement.form))}[/dim]")
        _print_conflict(console, view, statement)
    if section.code == "diagnosis" and section.statements:
        _print_stagings(console, view)


def _print_conflict(console: Console, view: SummaryView, statement: Statement) -> None:
    conflict = statement.conflict
    if conflict is None:
        return
    text = f"Sources disagree ({conflict.topic}): here {conflict.position}. {conflict.note}"
    console.print(f"      [yellow]{escape(text.strip())}[/yellow]")
    for other in conflict.other:
        if other in view.opposed:
            against = view.opposed[other].statement
            marks = f"\\[{against.grade}; {', '.join(against.sources)}; {other}]"
            console.print(f"      [yellow]Other position:[/yellow] {escape(against.text)} [dim]{marks}[/dim]")


def _print_stagings(console: Console, view: SummaryView) -> None:
    for staging in view.summary.stagings:
        console.print(f"  [bold]{escape(staging.name)}[/bold] ({escape(staging.applies_to)})")
        for each in staging.classes:
            console.print(f"    {escape(each.name)}: {escape(each.meaning)}")


def _print_sources(console: Console, view: SummaryView) -> None:
    cited = cited_sources(view)
    if cited:
        console.print("\n[bold]References[/bold]")
    for source in cited:
        where = " ".join(part for part in (identifiers(source), source_url(source)) if part)
        console.print(f"  [dim]{source.id}[/dim] {escape(source.citation)} {escape(where)} [dim](read: {source.read})[/dim]")
    if line := seed_line(view):
        console.print(f"  [dim]{escape(line)}[/dim]")
