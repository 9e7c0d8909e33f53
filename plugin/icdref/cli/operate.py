"""`icdref serve`, `icdref build` and `icdref doctor`: running icdref."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from dataclasses import replace

import click
from rich.console import Console
from rich.table import Table

from icdref import __version__
from icdref.cli.session import json_option, print_json, progress, settings
from icdref.config import Settings, describe
from icdref.issues import IcdRefError
from icdref.server.launch import serve as serve_forever
from icdref.service.live import LiveService
from icdref.setup import build as build_edition
from icdref.setup import ensure_edition


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.")
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes.")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve every door over HTTP until stopped; compiles the embedded edition first where there is none."""
    chosen = Settings.from_environment(host=host, port=port, workers=workers)
    if "ICDREF_BASE_URL" not in os.environ and port:
        chosen = replace(chosen, base_url=f"http://127.0.0.1:{port}")  # links must lead back to where we listen
    with progress() as report:
        ensure_edition(chosen.directory, report)
    serve_forever(chosen)


@click.command()
@json_option
def build(as_json: bool) -> None:
    """Compile the embedded code sets and summaries into an edition and make it current."""
    with progress() as report:
        edition = build_edition(settings().directory, report)
    if as_json:
        print_json({"edition": edition.id, "folder": str(edition.folder), "manifest": edition.manifest})
    else:
        click.echo(f"Edition {edition.id} is current.")


@click.command()
@json_option
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Say whether this installation can serve: versions, settings, edition, disk; exit 3 when it cannot."""
    chosen = settings()
    try:
        service = LiveService(chosen).now()
        state, edition = service.state, service.edition.id
        releases = [release.version for release in service.releases.all]
        remark = service.degraded
    except IcdRefError as error:
        state, edition, releases, remark = "unservable", "", [], str(error)
    chosen.directory.mkdir(parents=True, exist_ok=True)
    report: dict[str, object] = {
        "icdref": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "state": state,
        "edition": edition,
        "releases": releases,
        "remark": remark,
        "data": str(chosen.directory),
        "free_megabytes": shutil.disk_usage(chosen.directory).free // 1_000_000,
        "settings": {name: str(getattr(chosen, name.removeprefix("ICDREF_").lower())) for name, *_ in describe()},
    }
    if as_json:
        print_json(report)
    else:
        _print(report)
    if state == "unservable":
        context.exit(3)


def _print(report: dict[str, object]) -> None:
    console = Console()
    table = Table.grid(padding=(0, 2))
    for name, value in report.items():
        if name != "settings" and value not in ("", []):
            table.add_row(f"[dim]{name}[/dim]", ", ".join(value) if isinstance(value, list) else str(value))
    console.print(table)
    listed = Table("setting", "value", "unit", "meaning")
    values = report["settings"]
    for name, _, unit, meaning in describe():
        listed.add_row(name, str(values[name]) if isinstance(values, dict) else "", unit, meaning)
    console.print(listed)
