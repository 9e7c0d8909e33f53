"""`icdref content new | diff | show`: writing and reading summaries as an editor."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from icdref.cli.revisions import tables_of
from icdref.cli.session import json_option, print_json
from icdref.compiler.content import Background, inspect_background
from icdref.compiler.content.differences import differences
from icdref.compiler.content.template import template
from icdref.compiler.sources import vendored
from icdref.fhir.summary_parts import USES
from icdref.importers.conditions import read_conditions
from icdref.model import ConditionSummary, Statement

_ID = re.compile(r"\A[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")

directory_option = click.option(
    "--directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Content directory; default: what icdref carries.",
)


@click.command()
@click.argument("identifier", metavar="ID")
@click.option("--title", required=True, help="Title in English.")
@click.option("--code", "codes", multiple=True, required=True, help="ICD-10-CM code that it is about, with all below it.")
@click.option("--prefix", required=True, help="Beginning of its statement ids, such as mot.")
@directory_option
def new(identifier: str, title: str, codes: tuple[str, ...], prefix: str, directory: Path | None) -> None:
    """Write a new summary ID.toml with everything that can be known beforehand; the content check says what is missing."""
    if not _ID.match(identifier):
        raise click.BadParameter(f"{identifier!r} must be words of small letters joined by -", param_hint="ID")
    path = (directory or vendored("fixtures")) / "conditions" / f"{identifier}.toml"
    if path.exists():
        raise click.BadParameter(f"{path} exists already", param_hint="ID")
    path.write_text(template(identifier, title, codes, prefix), "utf-8")
    click.echo(f"{path} is written. Fill in red-flags and never-do, then run 'icdref content check'.")


@click.command()
@click.argument("before")
@click.argument("after")
@click.argument("identifier", metavar="[ID]", required=False)
@json_option
@click.pass_context
def diff(context: click.Context, before: str, after: str, identifier: str | None, as_json: bool) -> None:
    """Say what changed from BEFORE to AFTER, statement by statement; exit 1 when something did.

    Each is a content directory, a summary's file, or a git revision (run inside the checkout). ID limits it to one summary.
    """
    found = [each for each in differences(tables_of(before), tables_of(after)) if not identifier or each.summary == identifier]
    if as_json:
        keys = ("summary", "statement", "what", "before", "after")
        print_json([{key: getattr(each, key) for key in keys} for each in found])
    else:
        for each in found:
            click.echo(str(each))
    if found:
        context.exit(1)


@click.command()
@click.argument("identifier", metavar="ID")
@click.option("--withheld", is_flag=True, help="Also what is kept in quarantine and never served.")
@directory_option
@json_option
@click.pass_context
def show(context: click.Context, identifier: str, withheld: bool, directory: Path | None, as_json: bool) -> None:
    """Show the summary ID, or the one statement with this id, as an editor needs it: sources, seeds, review, attributes.

    With --withheld also the claims of grade X, which are in no edition and no answer: never pass them on as facts.
    """
    folder = directory or vendored("fixtures")
    background, _ = inspect_background(folder)
    found = _found(identifier, read_conditions(folder).summaries, background, withheld=withheld)
    if not found:
        hint = "" if withheld else "; --withheld looks in the quarantine too"
        click.echo(f"icdref: there is no summary or statement {identifier!r}{hint}", err=True)
        context.exit(1)
    if as_json:
        print_json(found)
        return
    for key, value in found.items():
        _print(key, value)


def _found(identifier: str, summaries: tuple[ConditionSummary, ...], background: Background, *, withheld: bool) -> dict[str, Any]:
    for summary in summaries:
        if summary.id == identifier:
            return _summary(summary) | (_quarantined(summary, background) if withheld else {})
        for statement in summary.statements:
            if statement.id == identifier:
                return {"summary": summary.id, **_statement(statement), "claims": _claims(statement, background)}
    kept = next((each for each in background.quarantine.statements if each.id == identifier), None) if withheld else None
    return {"state": "WITHHELD: not to be served", **_statement(kept), "claims": _claims(kept, background)} if kept else {}


def _summary(summary: ConditionSummary) -> dict[str, Any]:
    review, attributes = summary.review, summary.attributes
    return {
        "summary": summary.id,
        "version": summary.version,
        "status": summary.status,
        "title": summary.title,
        "codes": [f"{each.code} ({each.role}, {each.match})" for each in summary.codes],
        "last checked": str(review.last_checked or "never"),
        "last reviewed": str(review.last_reviewed or "never"),
        "next look": str(review.next_review_due or review.next_check_due or ""),
        "expires": str(review.expires or ""),
        "source attributes": {
            "citation": attributes.citation,
            "developer": attributes.developer,
            "funding": attributes.funding,
            "released, revised": f"{attributes.release_date}, {attributes.revision_date}",
            **{use: "used" if use in attributes.uses else "not used" for use in USES},
        },
        "statements": [_statement(each) for each in summary.statements],
        "patient texts": [f"{each.language}: {', '.join(each.based_on)}" for each in summary.patient_texts],
        "retired": [f"{each.id}: {each.reason}" for each in summary.retired],
    }


def _statement(statement: Statement) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": statement.id,
        "section": statement.section,
        "grade": statement.grade,
        "text": statement.text,
        "sources": list(statement.sources),
        "seeds": [f"{each.id} {each.relation} {', '.join(each.claims)} {each.note}".strip() for each in statement.seeds],
        "needs": statement.needs,
    }
    if statement.conflict:
        found["conflict"] = f"{statement.conflict.topic}: {statement.conflict.position}; other: {statement.conflict.other}"
    return {key: value for key, value in found.items() if value}


def _quarantined(summary: ConditionSummary, background: Background) -> dict[str, Any]:
    prefixes = {statement.id.partition(".")[0] for statement in summary.statements}
    kept = [each for each in background.quarantine.statements if each.id.partition(".")[0] in prefixes]
    return {"WITHHELD, not to be served": [_statement(each) for each in kept]}


def _claims(statement: Statement, background: Background) -> list[str]:
    wanted = {claim for link in statement.seeds for claim in link.claims}
    return [f"{each.id} ({each.verdict}): {each.claim}" for each in background.seed_claims or () if each.id in wanted]


def _print(key: str, value: Any, indent: int = 0) -> None:
    blank = "  " * indent
    if isinstance(value, dict):
        click.echo(f"{blank}{key}:")
        for inner, each in value.items():
            _print(inner, each, indent + 1)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        click.echo(f"{blank}{key}:")
        for each in value:
            click.echo(f"{blank}  {each['id']} [{each['grade']}] {each['section']}: {each['text']}")
            for inner, text in each.items():
                if inner not in ("id", "grade", "section", "text"):
                    _print(inner, text, indent + 2)
    elif isinstance(value, list):
        click.echo(f"{blank}{key}: {'; '.join(value) if value else '-'}")
    else:
        click.echo(f"{blank}{key}: {value}")
