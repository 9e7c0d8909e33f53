"""`icdref export pages`: files for systems that hand out files and call no API."""

from __future__ import annotations

from pathlib import Path

import click

from icdref.cli.session import open_service
from icdref.export.files import write
from icdref.export.pdf import CannotWrite


@click.group()
def export() -> None:
    """Write what icdref says as files."""


@export.command("pages")
@click.option("--codes", "asked", multiple=True, required=True, help="Codes, separated by commas or given several times.")
@click.option("--lang", "languages", default="en", show_default=True, help="Languages, separated by commas: en,es.")
@click.option("--clinician", "audience", flag_value="clinician", default="patient", help="The text for clinicians (English).")
@click.option("--pdf", is_flag=True, help="Also one PDF per code and language; needs the extra icdref[pdf].")
@click.option("--exactly", is_flag=True, help="Only the codes named, not those below them.")
@click.option(
    "-o", "--output", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write to."
)
@click.pass_context
def export_pages(
    context: click.Context,
    asked: tuple[str, ...],
    languages: str,
    audience: str,
    pdf: bool,
    exactly: bool,
    folder: Path,
) -> None:
    """Write one page per code and language: the text for patients, or for clinicians with --clinician.

    A code stands for itself and every code below it. The files are named icd10_<code>_<lang>.html and .pdf in lower case,
    as OpenEMR looks for local content. A code without a text in a language gets no file in it, and is counted.
    """
    wanted = [code.strip() for text in asked for code in text.split(",") if code.strip()]
    tongues = list(dict.fromkeys(text.strip().lower() for text in languages.split(",") if text.strip()))
    endings = ("html", "pdf") if pdf else ("html",)
    try:
        done = write(open_service(), wanted, folder, audience=audience, languages=tongues, endings=endings, below=not exactly)
    except CannotWrite as error:
        click.echo(f"icdref: {error}", err=True)
        context.exit(1)
    click.echo(f"{len(done.files)} files in {folder}")
    for language, missing in done.without.items():
        if missing:
            shown = ", ".join(missing[:5]) + (", …" if len(missing) > 5 else "")
            click.echo(f"no text in {language} for {len(missing)} codes: {shown}", err=True)
    if not done.files:
        context.exit(1)
