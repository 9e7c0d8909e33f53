"""`icdref codeset …`: what is installed, whether it is intact, and which edition is current."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from icdref.cli.lazy import LazyGroup
from icdref.cli.session import json_option, print_json, settings
from icdref.compiler import audit as trail
from icdref.compiler import editions as write
from icdref.issues import IcdRefError
from icdref.store.editions import CURRENT, PREVIOUS, Edition, installed, pointer, verify

_COMMANDS = {
    "audit": "icdref.cli.imports:audit",
    "diff": "icdref.cli.diff:diff",
    "export": "icdref.cli.remap:export",
    "import": "icdref.cli.imports:import_files",
    "imports": "icdref.cli.imports:list_imports",
    "prune": "icdref.cli.imports:prune",
    "remove": "icdref.cli.imports:remove",
}


@click.group(cls=LazyGroup, lazily=_COMMANDS)
def codeset() -> None:
    """Look after code-set releases and the editions compiled from them."""


@codeset.command("list")
@json_option
def list_editions(as_json: bool) -> None:
    """List the installed editions with their releases; the current and the previous one are marked."""
    data = settings().directory
    current, previous = pointer(data, CURRENT), pointer(data, PREVIOUS)
    found = [
        (edition, "current" if edition.id == current else "previous" if edition.id == previous else "")
        for edition in installed(data)
    ]
    if as_json:
        print_json([_described(edition, state) for edition, state in found])
        return
    if not found:
        click.echo(f"No edition in {data}; run 'icdref build'.")
        return
    table = Table("edition", "state", "compiled", "releases", "summaries", "MB")
    for edition, state in found:
        versions = [release["version"] for release in edition.manifest["releases"]]
        covered = f"{len(versions)}: {versions[0]} to {versions[-1]}" if len(versions) > 1 else versions[0]
        size = sum(file["bytes"] for file in edition.manifest["files"].values()) / 1e6
        table.add_row(edition.id, state, _compiled(edition), covered, str(len(edition.manifest["summaries"])), f"{size:.0f}")
    Console().print(table)
    served = next((edition for edition, state in found if state == "current"), None)
    releases = Table("release of the current edition", "codes", "billable", "notes")
    for release in served.manifest["releases"] if served else ():
        notes = "yes" if release.get("notes", True) else "no: order file"
        releases.add_row(release["version"], str(release["codes"]), str(release["billable"]), notes)
    Console().print(releases)


@codeset.command("verify")
@json_option
@click.pass_context
def verify_editions(context: click.Context, as_json: bool) -> None:
    """Hash every file of every installed edition; exit 1 when one is not what it was."""
    data = settings().directory
    results = {edition.id: _fault(edition) for edition in installed(data)}
    for name in (CURRENT, PREVIOUS):
        identifier = pointer(data, name)
        if identifier and identifier not in results:
            results[identifier] = f"{name} names it, but its manifest is missing or damaged"
    if as_json:
        print_json([{"edition": edition, "intact": not fault, "fault": fault} for edition, fault in results.items()])
    else:
        for edition, fault in results.items():
            click.echo(f"{edition}  {'intact' if not fault else 'DAMAGED: ' + fault}")
        if not results:
            click.echo(f"No edition in {data}; run 'icdref build'.")
    if not results or any(results.values()):
        context.exit(1)


@codeset.command()
@click.argument("edition")
def activate(edition: str) -> None:
    """Make an installed EDITION current; running servers switch to it within a second."""
    from icdref.compiler import importing  # noqa: PLC0415 - all that can be imported comes with it

    importing.activate(settings().directory, edition)
    click.echo(f"{edition} is current.")


@codeset.command()
def rollback() -> None:
    """Make the previous edition current again; running servers switch back within a second."""
    data = settings().directory
    with write.locked(data):
        edition = write.roll_back(data)
    trail.record(data, "rollback", edition, before=pointer(data, PREVIOUS))
    click.echo(f"{edition} is current again.")


def _fault(edition: Edition) -> str:
    try:
        verify(edition)
    except IcdRefError as error:
        return str(error)
    return ""


def _compiled(edition: Edition) -> str:
    """Return the day an edition was compiled here: the day its folder was written, for a manifest has no time stamp."""
    return datetime.fromtimestamp(edition.folder.stat().st_mtime, UTC).date().isoformat()


def _described(edition: Edition, state: str) -> dict[str, object]:
    manifest = edition.manifest
    return {
        "edition": edition.id,
        "state": state,
        "releases": manifest["releases"],
        "summaries": manifest["summaries"],
        "compiled": _compiled(edition),
        "bytes": sum(file["bytes"] for file in manifest["files"].values()),
    }
