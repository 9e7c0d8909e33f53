from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from icdref.cli.search import search


@pytest.fixture
def run(full, monkeypatch):
    monkeypatch.setenv("ICDREF_DATA", str(full.data))
    return lambda *arguments: CliRunner().invoke(search, arguments)


def test_words_need_no_quotes(run):
    done = run("heart", "attack")
    assert done.exit_code == 0
    assert done.output.startswith("I21.9")
    assert "of 3" in done.output or " of " in done.output


def test_json_is_complete(run):
    answer = json.loads(run("--json", "--count", "2", "sprianed R ankle").output)
    assert answer["hits"][0]["code"] == "S93.401"
    assert answer["corrected"] == [{"typed": "sprianed", "read_as": "sprain"}]
    assert answer["release"] == "2026-04-01"
    assert {"field", "term", "corrected"} == answer["hits"][0]["why"][0].keys()
    assert len(answer["hits"]) == 2 < answer["total"]


def test_why_says_what_matched(run):
    assert "lay: heart attack" in run("--why", "heart attack").output


def test_filters(run):
    billable = json.loads(run("--json", "--billable", "ankle sprain right").output)["hits"]
    assert all(hit["billable"] for hit in billable)
    chapter = json.loads(run("--json", "--chapter", "9", "stroke").output)["hits"]
    assert all(hit["code"].startswith("I") for hit in chapter)
    assert run("--date", "2020-01-01", "asthma").exit_code == 0
    assert run("--version", "2026", "asthma").exit_code == 0


def test_nothing_found_is_exit_code_one(run):
    done = run("xqzvw")
    assert done.exit_code == 1
    assert "No code was found" in done.output


@pytest.mark.parametrize("arguments", [(), ("--count", "0", "x"), ("--date", "soon", "x")])
def test_wrong_use_is_exit_code_two(run, arguments):
    assert run(*arguments).exit_code == 2


def test_markup_in_the_words_is_only_text(run):
    assert "[bold]" in run("[bold]xqzvw[/bold]").output or run("[bold]xqzvw[/bold]").exit_code in (0, 1)
