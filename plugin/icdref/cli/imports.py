"""`icdref codeset import`, `imports`, `remove`, `prune` and `audit`: the publisher's files in, and what became of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from icdref.cli.session import json_option, print_json, progress, settings, to_date
from icdref.compiler import audit as trail
from icdref.compiler import editions, importing, imports
from icdref.compiler.imports import Parcel
from icdref.compiler.intake import Wanted
from icdref.importers.errors import ImportFault


def _days(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[date | None, ...]:
    return tuple(None if text == "-" else to_date(context, parameter, text) for text in texts)


@click.command("import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--effective-date",
    "effective",
    multiple=True,
    callback=_days,
    metavar="YYYY-MM-DD",
    help="First day of the release; no file states it. With several paths one for each, in their order, - where none is needed.",
)
@click.option("--fiscal-year", type=click.IntRange(2014, 2099), help="Fiscal year N: the release of 1 October N-1.")
@click.option("--licence", default="", help="Your own licence, for a code system that needs one.")
@click.option("--no-activate", is_flag=True, help="Compile the edition, but leave the current one current.")
@click.option("--replace", is_flag=True, help="Replace what is installed for the same release: the publisher issued it anew.")
@json_option
def import_files(
    paths: tuple[Path, ...],
    effective: tuple[date | None, ...],
    fiscal_year: int | None,
    licence: str,
    no_activate: bool,
    replace: bool,
    as_json: bool,
) -> None:
    """Import what a publisher ships: each PATH is a zip, a folder or a file; several are compiled together, all or none.

    Read are tabular list, order, codes and addenda files, conversion tables, POA-exempt lists, GEMs, indexes, and FHIR
    CodeSystem, ValueSet and ConceptMap resources, by themselves or in a package. Everything is checked first: a damaged or
    contradictory input is refused whole, and nothing changes. A folder may state the day in a release.toml beside its files:
    effective_from = 2025-10-01.
    """
    days = effective or (None,) * len(paths)
    if len(days) != len(paths):
        raise click.UsageError(
            f"{len(paths)} paths and {len(days)} effective dates: say one for each path, - where none is needed"
        )
    wanted = [(path, Wanted(day, fiscal_year or 0, licence)) for path, day in zip(paths, days, strict=True)]
    options = importing.Options(activate=not no_activate, replace=replace)
    with progress() as report:
        done = importing.import_paths(settings().directory, wanted, options, report)
    if as_json:
        print_json(
            {
                "imported": [_described(parcel) for parcel in done.kept],
                "already_installed": [_described(parcel) for parcel in done.known],
                "not_used": list(done.ignored),
                "edition": done.edition,
                "current": done.active,
            }
        )
        return
    table = Table("what", "release or table", "file", "rows", "")
    for parcels, remark in ((done.kept, "imported"), (done.known, "already installed")):
        for parcel in parcels:
            for part in parcel.parts:
                table.add_row(part.content, parcel.slot, part.name.rpartition("/")[2], str(part.rows), remark)
    Console().print(table)
    if done.ignored:
        click.echo(f"Not used (documentation or a second copy): {', '.join(name.rpartition('/')[2] for name in done.ignored)}")
    state = "is current" if done.active else f"is compiled; make it current with 'icdref codeset activate {done.edition}'"
    click.echo(f"Edition {done.edition} {state}.")


@click.command("imports")
@click.option("--verify", is_flag=True, help="Also hash every file; exit 1 when one is not what was imported.")
@json_option
@click.pass_context
def list_imports(context: click.Context, verify: bool, as_json: bool) -> None:
    """List the imported files that editions are compiled from, beside what icdref carries."""
    found = imports.imported(settings().directory)
    faults = {each.id: _fault(each) for each in found} if verify else {}
    if as_json:
        rows = [
            {"id": each.id, "system": each.system, "slot": each.slot, "fault": faults.get(each.id, ""), **_plain(each.meta)}
            for each in found
        ]
        print_json(rows)
    else:
        for each in found:
            state = f"  {faults[each.id] or 'intact'}" if verify else ""
            click.echo(f"{each.id}  {each.system}  {each.slot}{state}")
            for row in each.meta["file"]:
                click.echo(f"    {row['content']}, {row['rows']} rows, from {row['from']}")
        if not found:
            click.echo("Nothing was imported; icdref serves what it carries.")
    if any(faults.values()):
        context.exit(1)


@click.command()
@click.argument("identifier", metavar="ID")
def remove(identifier: str) -> None:
    """Take the import ID out again; the edition without it becomes current."""
    with progress() as report:
        edition = importing.remove(settings().directory, identifier, report)
    click.echo(f"{identifier} is removed; edition {edition} is current.")


@click.command()
@click.option("--keep", type=click.IntRange(0, 1000), default=0, help="How many more of the newest editions to keep.")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@json_option
def prune(keep: int, dry_run: bool, as_json: bool) -> None:
    """Remove editions that are neither current nor previous. Nothing else ever removes one."""
    data = settings().directory
    with editions.locked(data):
        gone = editions.prune(data, keep, dry_run=dry_run)
    if gone and not dry_run:
        trail.record(data, "prune", "", removed=[edition for edition, _ in gone])
    if as_json:
        print_json([{"edition": edition, "bytes": size} for edition, size in gone])
        return
    what = "would be removed" if dry_run else "removed"
    for edition, size in gone:
        click.echo(f"{edition}  {size / 1e6:.0f} MB  {what}")
    if not gone:
        click.echo("Nothing to remove.")


@click.command()
@json_option
def audit(as_json: bool) -> None:
    """Print what was imported, activated, rolled back and pruned, when and by which account."""
    found = list(trail.lines(settings().directory))
    if as_json:
        print_json(
            [
                {"at": each.at, "actor": each.actor, "action": each.action, "edition": each.edition, "detail": each.detail}
                for each in found
            ]
        )
        return
    for each in found:
        click.echo(f"{each.at}  {each.actor}  {each.action}  {each.edition}  {each.detail}")


def _described(parcel: Parcel) -> dict[str, object]:
    parts = [{"content": part.content, "file": part.name, "rows": part.rows, "sha256": part.digest} for part in parcel.parts]
    return {"system": parcel.system, "slot": parcel.slot, "title": parcel.meta["title"], "files": parts}


def _plain(meta: object) -> dict[str, object]:
    values = dict(meta) if isinstance(meta, dict) else {}
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items()}


def _fault(each: imports.Imported) -> str:
    try:
        each.verify()
    except ImportFault as error:
        return str(error)
    return ""
