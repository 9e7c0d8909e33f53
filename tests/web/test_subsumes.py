"""CodeSystem/$subsumes over HTTP: the tree decides, never the characters of a code."""

from __future__ import annotations

import pytest

from icdref.codes import ICD10CM
from tests.web.client import Client, get_and_post

SUBSUMPTION = "CodeSystem/$subsumes"
PAIRS = (
    ("M61.1", "M61.1", "equivalent"),
    ("m611", "M61.1", "equivalent"),
    ("M61", "M61.1", "subsumes"),
    ("M61.1", "M61", "subsumed-by"),
    ("M61.0", "M61.1", "not-subsumed"),
    ("13", "M61.051", "subsumes"),
    ("M60-M63", "M61.051", "subsumes"),
    ("M61.051", "M60-M79", "subsumed-by"),
    ("12", "M61.051", "not-subsumed"),
    ("T07", "T07.XXXA", "subsumes"),
    ("1", "B20", "subsumes"),
    ("S52.5", "S52.501A", "subsumes"),
    ("C49", "C4A", "not-subsumed"),
    ("M61.05", "M61.051", "subsumes"),
    ("M61.05", "M61.059", "subsumes"),
)


@pytest.mark.parametrize(("a", "b", "outcome"), PAIRS)
def test_two_codes_relate_as_in_the_tree(client: Client, a: str, b: str, outcome: str) -> None:
    reply = get_and_post(client, SUBSUMPTION, codeA=a, codeB=b)
    assert reply.value("outcome") == outcome
    assert [row["name"] for row in reply.json["parameter"]] == ["outcome"]


def test_release_and_edition_travel_in_the_headers(client: Client) -> None:
    reply = client.operation(SUBSUMPTION, codeA="M61", codeB="M61.1")
    assert reply.headers["icdref-release"] == "2026-04-01"
    assert reply.json["meta"]["source"].endswith(reply.headers["icdref-edition"])


def test_codings_and_instances_and_releases_answer_alike(client: Client) -> None:
    a, b = ({"system": ICD10CM, "code": code} for code in ("M61", "M61.1"))
    wanted = client.operation(SUBSUMPTION, codeA="M61", codeB="M61.1").json
    assert client.operation(SUBSUMPTION, method="POST", codingA=a, codingB=b).json == wanted
    assert client.operation(SUBSUMPTION, method="POST", codingA=a, codeB="M61.1").json == wanted
    for method in ("GET", "POST"):
        assert client.operation(SUBSUMPTION, at="icd-10-cm-2026-04-01", method=method, codeA="M61", codeB="M61.1").json == wanted
        assert client.operation(SUBSUMPTION, method=method, codeA="M61", codeB="M61.1", version="2026").json == wanted
        asked = {"codeA": "M61", "codeB": "M61.1", "date": "2026-05-05", "system": "urn:oid:2.16.840.1.113883.6.90"}
        assert client.operation(SUBSUMPTION, method=method, **asked).json == wanted


def test_a_named_release_makes_the_answer_immutable(client: Client) -> None:
    pinned = client.operation(SUBSUMPTION, codeA="M61", codeB="M61.1", version="2026-04-01")
    assert "immutable" in pinned.headers["cache-control"]
    assert "immutable" not in client.operation(SUBSUMPTION, codeA="M61", codeB="M61.1").headers["cache-control"]
