"""`icdref codeset diff`: what one release changes against another, and what that does to the condition summaries."""

from __future__ import annotations

import click
import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from icdref.cli.session import open_service, settings
from icdref.compiler import diff_report
from icdref.compiler.impact import Finding, impact
from icdref.fhir.successor_map import successor_map
from icdref.service.diff_sections import remarks, sections
from icdref.service.release_diff import ReleaseDiff, compare
from icdref.service.service import Service
from icdref.store.editions import read, verify

_SHOWN = 20


@click.command("diff")
@click.argument("first", metavar="FROM")
@click.argument("second", metavar="TO")
@click.option("--json", "form", flag_value="json", help="Print everything as JSON.")
@click.option("--csv", "form", flag_value="csv", help="Print one row per change as CSV.")
@click.option("--html", "form", flag_value="html", help="Print one page of HTML.")
@click.option("--fhir", "form", flag_value="fhir", help="Print the successors as a FHIR ConceptMap.")
@click.option("--edition", "edition", default="", help="Look in this edition instead of the current one, before you activate it.")
@click.option("--all", "show_all", is_flag=True, help=f"As text: every row, not only the first {_SHOWN} of a section.")
@click.pass_context
def diff(context: click.Context, first: str, second: str, form: str | None, edition: str, show_all: bool) -> None:
    """Say what release TO changes against release FROM, by consequence, and which summaries it concerns.

    FROM and TO are versions (2025-10-01), aliases (2024, FY2024, 2023-04) or days. A release that is not installed is
    compared by the validity table. Exit 1 when a summary is left bound to nothing.
    """
    service = _edition(edition) if edition else open_service()
    found = compare(service, first, second)
    findings = impact(service, found)
    if form == "json":
        click.echo(orjson.dumps(diff_report.to_json(found, findings), option=orjson.OPT_INDENT_2).decode())
    elif form == "csv":
        click.echo(diff_report.to_csv(found), nl=False)
    elif form == "html":
        click.echo(diff_report.to_html(found, findings), nl=False)
    elif form == "fhir":
        url = f"{service.settings.root_url}/fhir/r4"
        names = (found.first.name, found.second.name)
        resource = successor_map(*names, found.deleted, found.successors, found.became_header, url)
        click.echo(orjson.dumps(resource, option=orjson.OPT_INDENT_2).decode())
    else:
        _print(Console(), found, findings, show_all=show_all)
    if any(finding.is_failure for finding in findings):
        click.echo("icdref: a summary is bound to nothing in this release", err=True)
        context.exit(1)


def _edition(identifier: str) -> Service:
    """Return the service of an installed edition after verifying its files."""
    chosen = settings()
    found = read(chosen.directory, identifier)
    verify(found)
    return Service(found, chosen)


def _print(console: Console, found: ReleaseDiff, findings: tuple[Finding, ...], *, show_all: bool) -> None:
    console.print(f"[bold]ICD-10-CM {found.first.name} to {found.second.name}[/bold]")
    for remark in remarks(found):
        console.print(f"[yellow]{escape(remark)}[/yellow]")
    shown = sections(found)
    if not shown:
        console.print("No difference.")
    for section in shown:
        console.print(f"\n[bold]{section.title}: {len(section.rows)}[/bold]\n[dim]{section.advice}[/dim]")
        table = Table("code", "before", "after", "related")
        for row in section.rows if show_all else section.rows[:_SHOWN]:
            table.add_row(*map(escape, row))
        console.print(table)
        if not show_all and len(section.rows) > _SHOWN:
            console.print(f"[dim]and {len(section.rows) - _SHOWN} more; --all shows them[/dim]")
    console.print(f"\n[bold]What icdref says that is concerned: {len(findings)}[/bold]")
    for finding in findings if show_all else findings[:_SHOWN]:
        mark = "[red]FAILS[/red] " if finding.is_failure else ""
        console.print(f"  {mark}{finding.kind}  {finding.subject}  {finding.code}: {escape(finding.detail)}")
    if not show_all and len(findings) > _SHOWN:
        console.print(f"[dim]and {len(findings) - _SHOWN} more; --all shows them[/dim]")
