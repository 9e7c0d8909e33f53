"""Every claim of the pages that the product started from is answered by a statement, or kept back with its reason."""

from __future__ import annotations

import csv
import tomllib

from tests.checkout import ROOT

QUARANTINE = ROOT / "fixtures" / "quarantine"


def claims():
    with (QUARANTINE / "seed-claims.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def withheld():
    """Return claim id -> the public reason, from the links of the quarantined statements."""
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted(QUARANTINE.glob("*.toml"))]
    links = (link for table in tables for row in table.get("statement", ()) for link in row.get("seeds", ()))
    return {claim: link["note"] for link in links for claim in link.get("claims", ())}


def test_every_claim_is_answered_or_withheld(full_service):
    served = full_service.knowledge.summaries.statements
    kept = withheld()
    rows = claims()
    assert len(rows) == len({row["id"] for row in rows}) == 75
    for row in rows:
        answers = [answer.strip() for answer in row["answered_by"].split(",") if answer.strip() not in ("", "-")]
        assert all(answer in served or answer.partition(".")[2].rpartition(".")[2].startswith("9") for answer in answers), row[
            "id"
        ]
        assert [answer for answer in answers if answer in served] or row["id"] in kept, f"claim {row['id']} is not accounted for"


def test_every_unsafe_claim_is_withheld_with_a_reason():
    kept = withheld()
    unsafe = [row["id"] for row in claims() if "unsafe" in row["verdict"] or row["withheld"] == "yes"]
    assert len(unsafe) >= 11
    for claim in unsafe:
        assert kept.get(claim, "").startswith("Reason: "), claim
