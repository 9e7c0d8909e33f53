"""`icdref cds …`: what operators of the CDS Hooks door need."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

import click
import orjson

from icdref.cli.session import settings
from icdref.store.cds_state import CdsState, Row


@click.group()
def cds() -> None:
    """Look after the CDS Hooks services."""


@cds.group()
def feedback() -> None:
    """What clinicians did with the cards."""


@feedback.command()
@click.option("--format", "form", type=click.Choice(["csv", "ndjson"]), default="csv", help="Form of the rows.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; without it, standard output.")
def export(form: str, output: Path | None) -> None:
    """Write every outcome that was sent: service, topic, outcome, accepted suggestions, reason, comment, day.

    Comments are empty unless ICDREF_CDS_COMMENTS keeps them. Nothing in it leads to a patient.
    """
    rows = CdsState(settings().directory).feedback()
    if output is None:
        _write(rows, form, sys.stdout)
        return
    with output.open("w", encoding="utf-8", newline="") as stream:
        _write(rows, form, stream)


def _write(rows: Iterable[Row], form: str, stream: TextIO) -> None:
    if form == "csv":
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(CdsState.columns)
        writer.writerows([_harmless(value) for value in row] for row in rows)
        return
    for row in rows:
        stream.write(orjson.dumps(dict(zip(CdsState.columns, row, strict=True))).decode() + "\n")


def _harmless(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula: a comment could begin with an equals sign."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value
