"""`icdref content claims`: what became of every claim of the pages that the work began from, for editors."""

from __future__ import annotations

from pathlib import Path

import click

from icdref.cli.content_edit import directory_option
from icdref.cli.session import json_option, print_json
from icdref.compiler.content import Background, SeedClaim, inspect_background
from icdref.compiler.content.claims import VERDICTS
from icdref.compiler.sources import vendored
from icdref.importers.conditions import read_conditions
from icdref.model import Statement

OPEN = "open"


@click.command()
@click.option("--seed", help="Only the claims of this page, such as seed-003.")
@click.option("--verdict", type=click.Choice(VERDICTS), help="Only the claims with this verdict.")
@click.option("--open", "only_open", is_flag=True, help="Only the claims that nothing answers and nothing withholds.")
@directory_option
@json_option
@click.pass_context
def claims(
    context: click.Context, seed: str | None, verdict: str | None, only_open: bool, directory: Path | None, as_json: bool
) -> None:
    """List the claims of the seed pages with our verdict, the statements that answer each, and why one is withheld.

    Withheld claims are unsafe or without support: never pass them on as facts. Exit 1 when a claim is open.
    """
    folder = directory or vendored("fixtures")
    background, _ = inspect_background(folder)
    if background.seed_claims is None:
        click.echo("icdref: the register of claims is not here; it is part of a source checkout alone", err=True)
        context.exit(1)
    served = [statement for summary in read_conditions(folder).summaries for statement in summary.statements]
    rows = [
        row
        for claim in background.seed_claims
        if claim.seed == (seed or claim.seed) and claim.verdict == (verdict or claim.verdict)
        for row in (_row(claim, served, background),)
        if not only_open or row["state"] == OPEN
    ]
    unanswered = sum(row["state"] == OPEN for row in rows)
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            click.echo(f"{row['id']}  {row['verdict']}  {row['state']}: {row['claim']}")
            for name in ("answered_by", "withheld_as", "reason"):
                if row[name]:
                    click.echo(f"      {name.replace('_', ' ')}: {row[name]}")
        click.echo(f"{len(rows)} claims: {unanswered} open")
    if unanswered:
        context.exit(1)


def _row(claim: SeedClaim, served: list[Statement], background: Background) -> dict[str, str]:
    answers = [each.id for each in served if _links(each, claim)]
    kept = [each for each in background.quarantine.statements if _links(each, claim)]
    reasons = [link.note for each in kept for link in each.seeds if claim.id in link.claims]
    states = {(True, False): "answered", (False, True): "withheld", (True, True): "answered, the claim itself withheld"}
    return {
        "id": claim.id,
        "seed": claim.seed,
        "section": claim.section,
        "claim": claim.claim,
        "verdict": claim.verdict,
        "state": states.get((bool(answers), bool(kept)), OPEN),
        "accepted": claim.accepted,
        "answered_by": ", ".join(answers),
        "withheld_as": ", ".join(each.id for each in kept),
        "reason": " ".join(reasons),
    }


def _links(statement: Statement, claim: SeedClaim) -> bool:
    return any(claim.id in link.claims for link in statement.seeds)
