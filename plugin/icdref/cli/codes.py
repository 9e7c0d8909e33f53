"""`icdref lookup` and `icdref summary`: what a code means, and what to know about the condition."""

from __future__ import annotations

from datetime import date

import click
from rich.console import Console

from icdref.cli.session import date_option, json_option, open_service, print_json, version_option
from icdref.cli.text import print_card, print_lookup, print_summary, print_trace
from icdref.fhir.document import card_document, document
from icdref.fhir.match_trace import with_traces
from icdref.fhir.outcome import operation_outcome
from icdref.fhir.parameters import lookup_parameters
from icdref.results import NoSuchCode
from icdref.service.matching import Asked
from icdref.service.sections import to_section
from icdref.service.views import GRADES, Reader


@click.command()
@click.argument("code")
@version_option
@date_option
@json_option
@click.pass_context
def lookup(context: click.Context, code: str, version: str, day: date | None, as_json: bool) -> None:
    """Say what CODE means in the release in force: title, place, notes, validity, successors.

    --json prints the FHIR answer of CodeSystem/$lookup.
    """
    found = open_service().terminology.lookup(code, version=version, day=day)
    if isinstance(found, NoSuchCode):
        if as_json:
            print_json(operation_outcome([found.issue]))
        else:
            click.echo(f"icdref: {found.issue.text}", err=True)
        context.exit(1)
    if as_json:
        print_json(lookup_parameters(found))
    else:
        print_lookup(Console(), found)


@click.command()
@click.argument("code")
@version_option
@date_option
@click.option("--patient", "audience", flag_value="patient", default="clinician", help="The text for patients.")
@click.option("--language", default="en", help="BCP 47 tag of the text, such as es.")
@click.option("--section", "sections", multiple=True, help="Only these sections (safety sections always show).")
@click.option("--grade", "grades", multiple=True, type=click.Choice(GRADES), help="Only statements of these grades.")
@json_option
@click.pass_context
def summary(
    context: click.Context,
    code: str,
    version: str,
    day: date | None,
    audience: str,
    language: str,
    sections: tuple[str, ...],
    grades: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say what a clinician should know about the condition that CODE stands for, and what to do about the code.

    --json prints the FHIR answer of Composition/$for-code.
    """
    wanted = tuple(to_section(section) for section in sections)
    if "" in wanted:
        raise click.BadParameter(f"{sections[wanted.index('')]!r} is not a section", param_hint="--section")
    service = open_service()
    reader = Reader(audience, language, wanted, grades)
    knowledge = service.knowledge.for_codes([Asked(code)], version=version, day=day, reader=reader)
    trace = knowledge.traces[0]
    if not knowledge.summaries and knowledge.card is None:
        if as_json:
            print_json(with_traces(operation_outcome(knowledge.issues), knowledge.traces))
        else:
            click.echo(f"icdref: {trace.notice}", err=True)
        context.exit(1)
    if as_json:
        base_url = f"{service.settings.root_url}/fhir/r4"
        bundle = document(knowledge.summaries[0], base_url) if knowledge.summaries else None
        if bundle is None and knowledge.card:
            bundle = card_document(knowledge.card, base_url, notice=trace.notice)
        print_json(with_traces(bundle or {}, knowledge.traces))
        return
    console = Console()
    print_trace(console, trace)
    if knowledge.summaries:
        print_summary(console, knowledge.summaries[0])
        console.print("\n[bold]The code[/bold]")
    if knowledge.card:
        print_card(console, knowledge.card)
