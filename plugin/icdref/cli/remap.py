"""`icdref remap` and `icdref codeset export`: bulk work goes to the data, never one HTTP call per record."""

from __future__ import annotations

from pathlib import Path

import click

from icdref.cli.session import json_option, open_service, print_json, progress
from icdref.compiler import parquet, remap_table
from icdref.compiler import remap as bulk
from icdref.service.release_diff import resolve


@click.command()
@click.argument("source", metavar="INPUT", type=click.Path(exists=True, path_type=Path))
@click.option("-o", "--output", "target", required=True, type=click.Path(path_type=Path), help="File or folder to write.")
@click.option("--to", "release", required=True, metavar="RELEASE", help="Release to go to: a version, an alias or a day.")
@click.option("--code-column", default="code", help="Column with the ICD-10-CM code.")
@click.option("--date-column", default="", help="Column with the date of service; for Conditions a property.")
@click.option("--memory", default="768MB", help="Most memory the engine may take.")
@click.option("--threads", type=click.IntRange(1, 256), default=2, help="Threads of the engine.")
@json_option
def remap(
    source: Path, target: Path, release: str, code_column: str, date_column: str, memory: str, threads: int, as_json: bool
) -> None:
    """Say of every diagnosis record in INPUT what became of its code in RELEASE; rows in equal rows out.

    INPUT is a CSV or Parquet file, FHIR Bulk Data NDJSON of Condition, or a folder of such shards; finished shards are not
    done again. Each record gains: whether its code was valid on its date, whether it is billable, its title, what replaces
    it and how, and the id of the condition summary. Where several codes replace it, all are listed and none is picked.
    """
    service = open_service()
    with progress() as report:
        job = bulk.Job(release, code_column, date_column, memory, threads)
        shards = bulk.remap(service, source, target, job, report)
    if as_json:
        print_json([{"source": str(s.source), "target": str(s.target), "rows": s.rows, "skipped": s.skipped} for s in shards])
        return
    for shard in shards:
        click.echo(f"{shard.target}  {shard.rows} rows{'  (done before)' if shard.skipped else ''}")


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--to", "release", default="", metavar="RELEASE", help="Also write what became of every code in RELEASE.")
@json_option
def export(folder: Path, release: str, as_json: bool) -> None:
    """Write the current edition as Parquet into FOLDER: releases, concepts, validity, successors, maps.

    With --to it also writes the table that `icdref remap` joins with, one row for each code without its dot, so that any
    engine can do the same where the records are.
    """
    service = open_service()
    written = parquet.export(service, folder)
    if release:
        side = resolve(service, release)
        name = f"remap-{side.name}.parquet"
        written.append((name, remap_table.write(service, side, folder / name)))
    if as_json:
        print_json([{"file": name, "rows": rows} for name, rows in written])
        return
    for name, rows in written:
        click.echo(f"{folder / name}  {rows} rows")
