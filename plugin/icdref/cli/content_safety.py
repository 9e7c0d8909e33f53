"""`icdref content withdraw | restore | withdrawals`: hiding a statement everywhere at once."""

from __future__ import annotations

from difflib import get_close_matches

import click

from icdref import issues
from icdref.cli.session import json_option, open_service, print_json, settings
from icdref.compiler import withdrawals as write
from icdref.issues import IcdRefError
from icdref.service.service import Service
from icdref.store.withdrawals import Withdrawals, read_withdrawals

_reason = click.option("--reason", required=True, help="Why; it is kept with the day and the account.")


@click.command()
@click.argument("statement")
@_reason
def withdraw(statement: str, reason: str) -> None:
    """Hide STATEMENT (or the id of an imported definition) in every answer: running servers within a second.

    It stays hidden after a restart and in every later edition, until it is restored. Patient texts that rest on the
    statement are hidden with it.
    """
    _refuse_unknown(open_service(), statement)
    _say(write.withdraw(settings().directory, statement, _one_line(reason)), statement, "withdrawn")


@click.command()
@click.argument("statement")
@_reason
def restore(statement: str, reason: str) -> None:
    """Show a withdrawn STATEMENT again."""
    _say(write.restore(settings().directory, statement, _one_line(reason)), statement, "restored")


@click.command()
@json_option
@click.pass_context
def withdrawals(context: click.Context, as_json: bool) -> None:
    """List every withdrawal and restoration, oldest first; exit 1 when the list is damaged."""
    found = read_withdrawals(settings().directory)
    rows = [
        {
            "serial": number,
            "at": each.at,
            "action": each.action,
            "statement": each.statement,
            "by": each.by,
            "reason": each.reason,
        }
        for number, each in enumerate(found.events, 1)
    ]
    if as_json:
        print_json({"serial": found.serial, "damaged": found.damaged, "withdrawn": sorted(found.statements), "events": rows})
    else:
        for row in rows:
            click.echo("  ".join(str(value) for value in row.values()))
        click.echo(found.damaged or f"{len(found.statements)} statements are withdrawn (serial {found.serial})")
    if found.damaged:
        context.exit(1)


def _refuse_unknown(service: Service, statement: str) -> None:
    """Refuse an id that nothing served has; one that is withdrawn already is told so by the write side."""
    summaries, stubs = service.knowledge.summaries, service.knowledge.stubs
    if statement in summaries.statements or statement in service.withdrawals.statements:
        return
    if stubs and stubs.store.has(statement):
        return
    near = get_close_matches(statement, list(summaries.statements), n=3)
    raise IcdRefError(issues.unknown_statement(statement, near))


def _one_line(reason: str) -> str:
    text = " ".join(reason.split())
    if not text:
        raise click.BadParameter("say why in a few words", param_hint="--reason")
    return text


def _say(now: Withdrawals, statement: str, done: str) -> None:
    click.echo(f"{statement} is {done} (serial {now.serial}); running servers follow within a second.")
