"""C13 in every format: a withdrawn statement is gone from documents, pages, feeds and cards at once.

The command line has its own test in tests/cli/test_content.py."""

from __future__ import annotations

import json
import time
from urllib.parse import urlencode

import pytest

from icdref.compiler import audit
from icdref.compiler.editions import activate
from icdref.compiler.withdrawals import restore, withdraw
from icdref.store.editions import CURRENT, pointer
from tests.doors.conftest import caller
from tests.doors.records import at, condition, create, view

GONE = "Do not knead the lump."
CODE = "M61.011"
ASKED = urlencode({"mainSearchCriteria.v.c": CODE, "mainSearchCriteria.v.cs": "2.16.840.1.113883.6.90"})
PATHS = {
    "R4 document": f"/fhir/r4/Composition/$for-code?code={CODE}",
    "R4 composition": "/fhir/r4/Composition/bone-after-a-blow",
    "R4 version": "/fhir/r4/Composition/bone-after-a-blow/_history/0.1.0",
    "R5 version": "/fhir/r5/Composition/bone-after-a-blow/_history/0.1.0",
    "R5 document": f"/fhir/r5/Composition/$for-code?code={CODE}",
    "FHIR XML": f"/fhir/r4/Composition/$for-code?code={CODE}&_format=xml",
    "FHIR search": "/fhir/r4/Composition?_id=bone-after-a-blow",
    "R4 comparison": "/fhir/r4/Composition/$compare?code=M61.0&code=M61.5",
    "code page": f"/codes/{CODE}",
    "code page as Markdown": f"/codes/{CODE}.md",
    "condition page": "/conditions/bone-after-a-blow",
    "condition page as Markdown": "/conditions/bone-after-a-blow.md",
    "condition page as JSON": "/conditions/bone-after-a-blow.json",
    "condition page for print": "/conditions/bone-after-a-blow?format=print",
    "condition page for patients": "/conditions/bone-after-a-blow?audience=patient",
    "comparison page": "/compare?codes=M61.0,M61.5",
    "Infobutton Atom": f"/infobutton/service?{ASKED}",
    "Infobutton JSON": f"/infobutton/service?{ASKED}&knowledgeResponseType=application/json",
    "Infobutton page": f"/infobutton/application?{ASKED}",
    "Infobutton for patients": f"/infobutton/service?{ASKED}&informationRecipient=PAT",
}
HOOKS = {
    "condition-reference": view(condition(CODE)),
    "problem-code-check": create(condition(CODE)),
    "encounter-start-reference": at("encounter-start", condition(CODE)),
    "discharge-leaflet": at("encounter-discharge", condition(CODE)),
}


def answers(door):
    """Return the answer of every door by its name."""
    found = {name: door.ask(path) for name, path in PATHS.items()}
    return {name: each for name, each in found.items() if each.status == 200} | {
        name: door.hook(name, body) for name, body in HOOKS.items()
    }


def said(reply):
    """Return an answer as text, whatever escapes its format uses."""
    return reply.text if reply.text[:1] != "{" else json.dumps(reply.json, ensure_ascii=False)


@pytest.mark.slow
def test_a_withdrawn_statement_is_gone_from_every_door_at_once_and_comes_back(cut, tmp_path):
    data = tmp_path / "data"
    activate(data, cut.compile(data).id)
    door = caller(data)
    before = answers(door)
    assert len(before) == len(PATHS) + len(HOOKS)
    times = {name: said(reply).count(GONE) for name, reply in before.items()}
    assert all(times.values()), times
    generation = door.api.generation()
    withdraw(data, "bab.never.1", "wrong")
    _until(lambda: door.api.generation() != generation)
    # another summary of the cut has the same words: where it stands beside this one, they are said once less
    assert not [name for name, reply in answers(door).items() if said(reply).count(GONE) >= times[name]]
    assert GONE not in said(door.ask(PATHS["condition page"]))
    generation = door.api.generation()
    restore(data, "bab.never.1", "right after all")
    _until(lambda: door.api.generation() != generation)
    assert {name: said(reply).count(GONE) for name, reply in answers(door).items()} == times


def test_withdrawing_and_restoring_are_lines_of_the_audit_trail(small, tmp_path):
    (tmp_path / CURRENT).write_text(pointer(small.data, CURRENT))
    withdraw(tmp_path, "bab.never.1", "the source was retracted")
    restore(tmp_path, "bab.never.1", "it was not")
    lines = list(audit.lines(tmp_path))
    assert [line.action for line in lines] == ["withdraw", "restore"]
    assert {line.edition for line in lines} == {pointer(small.data, CURRENT)}
    assert json.loads(lines[0].detail) == {"reason": "the source was retracted", "serial": 1, "statement": "bab.never.1"}


def test_a_broken_audit_trail_does_not_keep_an_unsafe_statement_on_show(tmp_path, caplog):
    (tmp_path / audit.STATE).write_bytes(b"this is no database" * 100)
    assert withdraw(tmp_path, "bab.never.1", "wrong").statements == {"bab.never.1"}
    assert "the audit line of withdraw bab.never.1 was not written" in caplog.text


def _until(happened, seconds=10):
    last = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < last, "it never happened"
        time.sleep(0.05)
