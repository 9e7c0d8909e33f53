"""`icdref content …`: what editors of condition summaries need."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from icdref.cli.content_claims import claims
from icdref.cli.content_edit import diff, new, show
from icdref.cli.content_open import coverage, import_open
from icdref.cli.content_release import release
from icdref.cli.content_safety import restore, withdraw, withdrawals
from icdref.cli.session import json_option, open_service, print_json, to_date
from icdref.compiler.content import check_directory
from icdref.compiler.publish import ReleaseTree
from icdref.compiler.sources import vendored


@click.group()
def content() -> None:
    """Write, check and look after the condition summaries and the open content beside them."""


for command in (new, diff, show, claims, release, withdraw, restore, withdrawals, import_open, coverage):
    content.add_command(command)


@content.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option(
    "--as-of", "as_of", callback=to_date, metavar="YYYY-MM-DD", help="Also check review and expiry dates as of this day."
)
@json_option
@click.pass_context
def check(context: click.Context, directory: Path | None, as_of: date | None, as_json: bool) -> None:
    """Check every summary in DIRECTORY (default: those that icdref carries); exit 1 when one must be mended.

    Each message names the file, the statement or key, the value at fault, and the fix.
    """
    faults = check_directory(directory or vendored("fixtures"), ReleaseTree(open_service()), as_of)
    errors = [fault for fault in faults if fault.severity == "error"]
    if as_json:
        rows = [
            {"severity": f.severity, "file": f.file, "where": f.where, "value": f.value, "message": f.message, "fix": f.fix}
            for f in faults
        ]
        print_json(rows)
    else:
        for fault in faults:
            click.echo(f"{fault.severity}: {fault}")
        warnings = sum(fault.severity == "warning" for fault in faults)
        click.echo(f"{len(errors)} errors, {warnings} warnings, {len(faults) - len(errors) - warnings} for information")
    if errors:
        context.exit(1)
