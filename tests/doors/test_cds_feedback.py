from __future__ import annotations

import csv
import json
import shutil
import sqlite3

import pytest
from click.testing import CliRunner

from icdref.cli import cli
from tests.doors.conftest import caller
from tests.doors.invariants import cards_of
from tests.doors.records import condition, view

STAMP = "2026-11-22T10:00:00Z"


@pytest.fixture
def data(small, tmp_path):
    """Return a data directory of its own, with the edition of the cut."""
    shutil.copytree(small.data, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def door(data):
    return caller(data)


def export(data, *options):
    result = CliRunner().invoke(cli, ["cds", "feedback", "export", *options], env={"ICDREF_DATA": str(data)})
    assert result.exit_code == 0, result.output
    return result.output


def outcome(card="x", **more):
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": STAMP} | more


def send(door, *rows, service="condition-reference"):
    return door.hook(f"{service}/feedback", {"feedback": list(rows)})


def test_feedback_is_kept_by_topic_and_exported_without_the_card_and_the_comment(door, data):
    (card,) = cards_of(door.hook("condition-reference", view(condition("M61.011"))))
    reason = {"reason": {"code": "cds-not-applicable", "display": "x"}, "userComment": "Mr Canary said no"}
    assert send(door, outcome(card["uuid"], overrideReason=reason)).status == 200
    accepted = outcome(card["uuid"], outcome="accepted", acceptedSuggestions=[{"id": "s1"}])
    assert send(door, accepted, accepted).status == 200  # the same card may come many times

    rows = list(csv.DictReader(export(data).splitlines()))
    assert [(row["topic"], row["outcome"], row["suggestions"], row["reason"], row["day"]) for row in rows] == [
        ("bone-after-a-blow", "overridden", "0", "cds-not-applicable", "2026-11-22"),
        ("bone-after-a-blow", "accepted", "1", "", "2026-11-22"),
        ("bone-after-a-blow", "accepted", "1", "", "2026-11-22"),
    ]
    lines = [json.loads(line) for line in export(data, "--format", "ndjson").splitlines()]
    assert [line["outcome"] for line in lines] == ["overridden", "accepted", "accepted"]
    stored = b"".join(path.read_bytes() for path in data.glob("state.db*"))
    assert b"Canary" not in stored
    assert card["uuid"].encode() not in stored


def test_comments_are_kept_only_where_the_operator_wants_them_and_are_no_formulas(data):
    door = caller(data, cds_comments=True)
    send(door, outcome(overrideReason={"userComment": "=HYPERLINK()"}))
    (row,) = csv.DictReader(export(data).splitlines())
    assert (row["comment"], row["topic"]) == ("'=HYPERLINK()", "")


def test_a_reason_that_we_do_not_offer_is_kept_as_other(door, data):
    send(door, outcome(overrideReason={"reason": {"code": "patient-said-no-to-me"}}))
    (row,) = csv.DictReader(export(data).splitlines())
    assert row["reason"] == "other"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"outcome": "ignored"}, "outcome"),  # fb-1
        ({"outcome": "accepted"}, "acceptedSuggestions"),  # fb-2
        ({"outcome": "accepted", "acceptedSuggestions": [{}]}, "acceptedSuggestions"),
        ({"overrideReason": {}}, "overrideReason"),  # fb-3
        ({"overrideReason": "because"}, "overrideReason"),
        ({"outcomeTimestamp": "yesterday"}, "outcomeTimestamp"),
        ({"outcomeTimestamp": None}, "outcomeTimestamp"),
        ({"card": None}, "card"),
    ],
)
def test_feedback_that_breaks_an_invariant_is_refused_whole(door, data, row, field):
    reply = send(door, outcome(), outcome(**row))
    assert (reply.status, reply.json["issue"][0]["expression"]) == (400, [f"feedback[1].{field}"])
    assert export(data).count("\n") == 1


@pytest.mark.parametrize("body", [{}, {"feedback": []}, {"feedback": "x"}, {"feedback": [1]}])
def test_feedback_without_outcomes_is_refused(door, body):
    assert door.hook("condition-reference/feedback", body).status == 400


def test_where_nothing_can_be_stored_reads_go_on_and_feedback_says_so(door, data):
    (data / "state.db").mkdir()  # no file can be there, whoever runs this
    reply = door.hook("condition-reference", view(condition("M61.011")))
    assert cards_of(reply)
    api_reply = door.api.answer(_request(outcome()))
    assert api_reply.status == 503
    assert dict(api_reply.headers)["Retry-After"] == "5"
    assert b"state-unavailable" in api_reply.body


def test_without_any_feedback_the_export_is_a_header(data):
    assert export(data) == "service,topic,outcome,suggestions,reason,comment,day\n"


def test_tables_of_others_in_the_same_file_are_left_alone(door, data):
    with sqlite3.connect(data / "state.db") as database:
        database.execute("CREATE TABLE audit (what TEXT)")
        database.execute("INSERT INTO audit VALUES ('kept')")
    assert send(door, outcome()).status == 200
    assert sqlite3.connect(data / "state.db").execute("SELECT what FROM audit").fetchall() == [("kept",)]


def _request(row):
    from icdref.web.http import Request

    body = json.dumps({"feedback": [row]}).encode()
    return Request("POST", "/cds-services/condition-reference/feedback", "", {"content-type": "application/json"}, body)
