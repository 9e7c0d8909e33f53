"""`icdref compare`: two to six codes or conditions side by side."""

from __future__ import annotations

from datetime import date

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from icdref.cli.session import date_option, json_option, open_service, print_json, version_option
from icdref.cli.text import print_trace
from icdref.fhir.document import comparison_document
from icdref.fhir.match_trace import with_traces
from icdref.fhir.summary_parts import standing
from icdref.results import Comparison, ComparisonRow, SectionView
from icdref.service.compare import compare as compare_codes
from icdref.service.sections import to_section
from icdref.service.views import Reader

_FIRST = ("red-flags", "never-do")


@click.command()
@click.argument("codes", nargs=-1, required=True)
@version_option
@date_option
@click.option("--section", "sections", multiple=True, help="Only these sections (safety sections always show).")
@json_option
def compare(codes: tuple[str, ...], version: str, day: date | None, sections: tuple[str, ...], as_json: bool) -> None:
    """Set two to six CODES, or ids of condition summaries, side by side with what tells them apart.

    --json prints the FHIR answer of Composition/$compare.
    """
    wanted = tuple(to_section(section) for section in sections)
    if "" in wanted:
        raise click.BadParameter(f"{sections[wanted.index('')]!r} is not a section", param_hint="--section")
    service = open_service()
    reader = Reader(sections=wanted)
    found = compare_codes(service.terminology, service.knowledge, codes, version=version, day=day, reader=reader)
    if as_json:
        bundle = comparison_document(found, f"{service.settings.root_url}/fhir/r4")
        print_json(with_traces(bundle, [side.trace for side in found.sides if side.trace]))
        return
    _print(Console(), found)


def _print(console: Console, found: Comparison) -> None:
    for side in found.sides:
        if side.trace:
            print_trace(console, side.trace)
    for view in found.views:
        console.print(f"[bold]{escape(view.title)}[/bold]")
        for sentence in standing(view):
            console.print(f"  [dim]{escape(sentence)}[/dim]")
    for row in (row for row in found.rows if row.code in _FIRST):
        _print_row(console, found, row)
    _print_features(console, found)
    for row in (row for row in found.rows if row.code not in _FIRST):
        _print_row(console, found, row)
    for side in found.sides:
        if side.card:
            concept = side.card.lookup.concept
            console.print(f"\n[bold]{concept.code}[/bold] {escape(concept.display)}")
            for fact in side.card.facts:
                console.print(f"  - {escape(fact)}")
    console.print(f"[dim]ICD-10-CM {found.release.version}, edition {found.edition}. {found.intended_use}[/dim]")


def _print_features(console: Console, found: Comparison) -> None:
    if not found.features:
        return
    titles = {view.summary.id: view.title for view in found.views}
    console.print("\n[bold]What tells them apart[/bold]")
    for each in found.features:
        against = f", against {titles[each.against]}" if each.against else ""
        marks = f"[dim]\\[{each.statement.grade}; {', '.join(each.statement.sources)}; {each.statement.id}][/dim]"
        console.print(f"  - {escape(titles[each.summary] + against)}: {escape(each.statement.text)} {marks}")


def _print_row(console: Console, found: Comparison, row: ComparisonRow) -> None:
    table = Table(*(escape(view.title) for view in found.views), title=row.title, title_justify="left", expand=True)
    table.add_row(*(_cell(cell) for cell in row.cells))
    console.print(table)


def _cell(cell: SectionView | None) -> str:
    if cell is None:
        return ""
    lines = [f"- {escape(each.text)} \\[{each.grade}; {each.id}]" for each in cell.statements]
    if cell.withheld:
        lines.append(f"{cell.withheld} statements are withheld.")
    return "\n".join([*lines, escape(cell.notice)]) if cell.notice else "\n".join(lines)
