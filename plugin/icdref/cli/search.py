"""`icdref search`: codes from words as people say them, ranked, with the reasons on demand."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import click
from rich.console import Console
from rich.markup import escape

from icdref.cli.session import date_option, json_option, open_service, print_json, version_option
from icdref.service.search.code_search import Only


@click.command()
@click.argument("words", nargs=-1, required=True)
@version_option
@date_option
@click.option("--count", type=click.IntRange(1, 1000), default=10, show_default=True, help="Codes to print.")
@click.option("--billable", is_flag=True, help="Only codes that a claim of the day accepts.")
@click.option(
    "--within", "--chapter", default="", help="Only a chapter, block or code and what is below it, such as 13 or M60-M63."
)
@click.option("--why", is_flag=True, help="Say why each code was found.")
@json_option
@click.pass_context
def search(
    context: click.Context,
    words: tuple[str, ...],
    version: str,
    day: date | None,
    count: int,
    billable: bool,
    within: str,
    why: bool,
    as_json: bool,
) -> None:
    """Find codes by WORDS: a diagnosis, plain words, an abbreviation, a side, a code or its beginning."""
    only = Only(billable=billable, within=within)
    found = open_service().search.search(" ".join(words), count=count, only=only, version=version, day=day)
    if as_json:
        print_json(
            {
                "release": found.choice.release.version,
                "edition": found.choice.edition,
                "total": found.total,
                "corrected": [{"typed": typed, "read_as": read_as} for typed, read_as in found.corrected],
                "ignored": list(found.ignored),
                "hits": [asdict(hit) for hit in found.hits],
            }
        )
    else:
        console = Console()
        for hit in found.hits:
            console.print(
                f"[bold]{hit.code:<9}[/bold] {escape(hit.display)}{'' if hit.billable else ' [dim](not billable)[/dim]'}"
            )
            for reason in hit.why if why else ():
                read_as = f" (typed {reason.corrected})" if reason.corrected else ""
                console.print(f"          [dim]{reason.field}: {escape(reason.term)}{escape(read_as)}[/dim]")
        for typed, read_as in found.corrected:
            console.print(f"[dim]{escape(typed)} was read as {escape(read_as)}[/dim]")
        for issue in found.issues:
            console.print(f"[dim]{escape(issue.text)}[/dim]")
        console.print(f"[dim]{found.total} codes; ICD-10-CM {found.choice.release.version}, edition {found.choice.edition}[/dim]")
    if not found.hits:
        context.exit(1)
