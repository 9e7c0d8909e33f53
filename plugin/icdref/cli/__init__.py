"""The command line: `icdref serve | lookup | summary | codeset | remap | build | content | doctor`.

Exit codes: 0 all is well; 1 the answer is no (unknown code, failed check); 2 the command was used wrongly; 3 there is no
edition that can be served.
"""

from __future__ import annotations

import sys

import click

from icdref import __version__
from icdref.cli.cds import cds
from icdref.cli.codes import lookup, summary
from icdref.cli.codeset import codeset
from icdref.cli.compare import compare
from icdref.cli.content import content
from icdref.cli.export import export
from icdref.cli.operate import build, doctor, serve
from icdref.cli.remap import remap
from icdref.cli.search import search
from icdref.config import SettingError
from icdref.importers.errors import ImportFault
from icdref.importers.faults import ContentError
from icdref.issues import IcdRefError

NO_EDITION = 3


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="icdref")
def cli() -> None:
    """A clinical reference by diagnosis code: what a code means, what to know, what to do about it.

    ICDREF_DATA names the data directory; `icdref doctor` shows every setting in force.
    """


for command in (serve, lookup, summary, search, compare, codeset, remap, build, content, export, doctor, cds):
    cli.add_command(command)


def main() -> None:
    """Run the command line; every foreseen failure is one line on standard error and an exit code."""
    try:
        cli.main(prog_name="icdref")
    except IcdRefError as error:
        click.echo(f"icdref: {error}", err=True)
        sys.exit(NO_EDITION if error.issue.detail in ("no-edition", "edition-damaged") else 1)
    except (ImportFault, ContentError, SettingError) as error:
        click.echo(f"icdref: {error}", err=True)
        sys.exit(1)
