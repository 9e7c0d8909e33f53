"""What the commands share: settings, the service (compiled first where there is none), progress and JSON output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from icdref.config import Settings
from icdref.service.releases import to_day

if TYPE_CHECKING:
    from icdref.compiler.sources import Progress as Report
    from icdref.service.service import Service

_STEP_IN_LOG = 0.1
"""Where nobody watches, a line for each step and for each tenth of it."""


def settings() -> Settings:
    """Return the settings of the environment; a command never scrubs in the background."""
    return Settings.from_environment(scrub_seconds=0)


def open_service() -> Service:
    """Return the current service, compiling the embedded edition first where there is none."""
    # A command that opens no service starts in a third of the time without them.
    from icdref.service.live import LiveService  # noqa: PLC0415
    from icdref.setup import ensure_edition  # noqa: PLC0415

    chosen = settings()
    with progress() as report:
        ensure_edition(chosen.directory, report)
    return LiveService(chosen).now()


@contextmanager
def progress() -> Iterator[Report]:
    """Show a progress bar on standard error while something reports; nothing is shown when nothing does."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
    bar = Progress(*columns, console=console)
    task = None
    printed = ("", -1.0)

    def report(what: str, share: float) -> None:
        nonlocal task, printed
        if task is None:
            bar.start()
            task = bar.add_task(what, total=1.0)
        bar.update(task, description=what, completed=share)
        if not console.is_terminal and (what != printed[0] or share >= printed[1] + _STEP_IN_LOG):
            console.print(f"{share:4.0%} {what}")
            printed = (what, share)

    try:
        yield report
    finally:
        if task is not None:
            bar.stop()


def print_json(value: Any) -> None:
    """Print a value as JSON for programs."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def to_date(_context: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    """Read a date option; a wrong one is a usage error."""
    if not text:
        return None
    try:
        return to_day(text)
    except Exception as error:
        raise click.BadParameter(str(error)) from None


version_option = click.option(
    "--version", "version", default="", help="Release: 2026-04-01, or 2026 for the newest of a fiscal year."
)
date_option = click.option(
    "--date", "day", callback=to_date, metavar="YYYY-MM-DD", help="Date of service; picks the release in force."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
