"""`icdref content import | coverage`: open content from elsewhere, and how far the content reaches."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from icdref.cli.session import json_option, open_service, print_json, progress, settings
from icdref.compiler.content_imports import import_content
from icdref.service.coverage import Coverage, coverage_of
from icdref.setup import build


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@json_option
def import_open(path: Path, as_json: bool) -> None:
    """Import open content from PATH (a file, a folder or an archive) and compile it into a new edition.

    Known: the OBO file and the cross-reference report of the Disease Ontology, SSSOM mapping sets of Mondo (identifiers
    only), XML documents in the form of MedQuAD. Everything is recognised by content. What is imported is served under the
    banner "Imported definition, not reviewed", apart from the condition summaries.
    """
    kept = import_content(settings().directory, path)
    with progress() as report:
        edition = build(settings().directory, report)
    stubs = edition.manifest.get("stubs", 0)
    if as_json:
        rows = [{"kind": each.kind, "slot": each.slot, "release": each.release, "rows": each.rows} for each in kept]
        print_json({"imported": rows, "edition": edition.id, "stubs": stubs})
        return
    for each in kept:
        click.echo(f"{each.slot}: {each.rows} rows{f' of {each.release}' if each.release else ''}")
    click.echo(f"Edition {edition.id} is current; it holds {stubs} imported definitions and identifiers.")


@click.command()
@click.option("--by-chapter", is_flag=True, help="Also by chapter.")
@json_option
def coverage(by_chapter: bool, as_json: bool) -> None:
    """Say how many billable codes have a summary of their own or inherited, an imported definition, or a card alone."""
    found = coverage_of(open_service())
    if as_json:
        print_json({"total": found.total.row(), "chapters": {name: each.row() for name, each in found.chapters.items()}})
        return
    table = Table("", "billable", "own summary", "inherited", "imported", "imported, parent's", "card only")
    _add(table, "all", found.total)
    for name, each in found.chapters.items() if by_chapter else ():
        _add(table, _short(name), each)
    Console().print(table)


def _short(name: str) -> str:
    """Return the chapter and its range of codes: the whole titles would leave no room for figures."""
    number, _, title = name.partition(" ")
    return f"{number} {title.rpartition(' ')[2]}"


def _add(table: Table, name: str, found: Coverage) -> None:
    counts = (found.own, found.inherited, found.imported, found.imported_above, found.card_only)
    shares = (f"{count} ({count / found.billable:.1%})" if found.billable else "0" for count in counts)
    table.add_row(name, str(found.billable), *shares)
