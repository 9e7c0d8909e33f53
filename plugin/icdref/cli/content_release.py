"""`icdref content release`: keeping a version of a summary as it was released."""

from __future__ import annotations

from pathlib import Path

import click

from icdref.cli.content_edit import directory_option
from icdref.cli.session import open_service
from icdref.compiler.content import check_directory
from icdref.compiler.publish import ReleaseTree
from icdref.compiler.released import release as keep
from icdref.compiler.sources import vendored
from icdref.importers.conditions import read_conditions
from icdref.importers.faults import ERROR


@click.command()
@click.argument("identifiers", metavar="[ID]...", nargs=-1)
@directory_option
@click.pass_context
def release(context: click.Context, identifiers: tuple[str, ...], directory: Path | None) -> None:
    """Keep the present version of the summaries ID (default: all) as released, so that it can be read ever after.

    The files are copied to released/ID/VERSION/, which is never edited. A version that is kept already stays as it is;
    where the text has changed since, raise `version` in its file first. Refused while the content check has errors.
    """
    folder = directory or vendored("fixtures")
    faults = [fault for fault in check_directory(folder, ReleaseTree(open_service())) if fault.severity == ERROR]
    for fault in faults:
        click.echo(f"error: {fault}", err=True)
    if faults:
        context.exit(1)
    summaries = {each.id: each for each in read_conditions(folder).summaries}
    if unknown := [each for each in identifiers if each not in summaries]:
        raise click.BadParameter(f"there is no summary {', '.join(unknown)}", param_hint="ID")
    for identifier in identifiers or summaries:
        summary = summaries[identifier]
        done = "is released" if keep(folder, summary) else "was released before"
        click.echo(f"{identifier} {summary.version} {done}")
