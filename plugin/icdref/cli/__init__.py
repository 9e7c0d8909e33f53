"""The command line: `icdref serve | lookup | summary | codeset | remap | build | content | doctor`.

Exit codes: 0 all is well; 1 the answer is no (unknown code, failed check); 2 the command was used wrongly; 3 there is no
edition that can be served.
"""

from __future__ import annotations

import sys

import click

from icdref import __version__
from icdref.cli.lazy import LazyGroup
from icdref.config import SettingError
from icdref.importers.errors import ImportFault
from icdref.importers.faults import ContentError
from icdref.issues import IcdRefError

NO_EDITION = 3

_COMMANDS = {
    "build": "icdref.cli.operate:build",
    "cds": "icdref.cli.cds:cds",
    "codeset": "icdref.cli.codeset:codeset",
    "compare": "icdref.cli.compare:compare",
    "content": "icdref.cli.content:content",
    "doctor": "icdref.cli.operate:doctor",
    "export": "icdref.cli.export:export",
    "lookup": "icdref.cli.codes:lookup",
    "remap": "icdref.cli.remap:remap",
    "search": "icdref.cli.search:search",
    "serve": "icdref.cli.operate:serve",
    "summary": "icdref.cli.codes:summary",
}


@click.group(cls=LazyGroup, lazily=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="icdref")
def cli() -> None:
    """A clinical reference by diagnosis code: what a code means, what to know, what to do about it.

    ICDREF_DATA names the data directory; `icdref doctor` shows every setting in force.
    """


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
