"""Every Infobutton request that an EHR was seen to send, replayed, with what its client reads from the answer."""

from __future__ import annotations

import json

import pytest

from tests.checkout import ROOT
from tests.doors.calling import ATOM, Caller, Reply

EXCHANGES = json.loads((ROOT / "fixtures" / "exchanges" / "ehr-requests.json").read_text("utf-8"))
OURS = {each["id"]: each for each in EXCHANGES if each["kind"].startswith("infobutton")}

pytestmark = pytest.mark.slow  # on the vendored data, which is compiled once per session


def replay(door: Caller, name: str) -> Reply:
    given = OURS[name]
    return door.ask(given["path"], given["method"], given["body"] or "", given["headers"])


def summary(reply: Reply) -> str:
    return reply.atom.find(f"{ATOM}entry").findtext(f"{ATOM}summary")


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_recorded_request_has_the_recorded_status(full_door, name):
    assert replay(full_door, name).status in OURS[name]["status"]


def test_openemr_gets_a_page_for_the_code(full_door):
    reply = replay(full_door, "openemr-en")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="en">' in reply.text
    assert "ICD-10-CM M61.051" in reply.text
    assert "Traumatic myositis ossificans" in reply.text


def test_open_dental_is_answered_despite_its_comma_and_trailing_ampersand(full_door):
    reply = replay(full_door, "open-dental-one")
    assert reply.titles()[0] == "Traumatic myositis ossificans"
    assert ("mainSearchCriteria.v.dn", "Myositis ossificans traumatica, right thigh") in [
        (each.get("scheme"), each.get("term")) for each in reply.atom.findall(f"{ATOM}category")
    ]


@pytest.mark.parametrize("name", ["open-dental-text-only", "va-hmp-problem"])
def test_without_a_code_the_display_name_is_answered_and_the_entry_says_so(full_door, name):
    reply = replay(full_door, name)
    assert reply.titles()
    assert "Found by" in summary(reply)


def test_the_bridge_gets_atom_under_the_name_it_asked_for(full_door):
    reply = replay(full_door, "cds-hooks-bridge")
    assert reply.headers["content-type"] == "application/xml; charset=utf-8"
    assert reply.atom.tag == f"{ATOM}feed"
    assert reply.headers["cache-control"] == "private, no-store"


def test_a_medlineplus_client_reads_the_fields_it_knows(full_door):
    feed = replay(full_door, "json-client").json["feed"]
    assert len(feed["entry"]) >= 1
    first = feed["entry"][0]
    assert first["title"]["_value"] == "Traumatic myositis ossificans"
    assert first["link"][0] == {
        "href": "https://icdref.example.org/conditions/myositis-ossificans-traumatica",
        "rel": "alternate",
        "title": "Traumatic myositis ossificans",
        "type": "text/html",
    }
    assert first["summary"]["_value"].startswith("<p>")
    assert first["category"] == [{"scheme": "relevanceScore", "term": "0.90"}]


def test_a_script_is_called_back_with_the_same_json(full_door):
    reply = replay(full_door, "jsonp-callback")
    assert reply.headers["content-type"] == "application/javascript; charset=utf-8"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.text.startswith("/**/cb({")
    assert reply.text.endswith("});")
    assert json.loads(reply.text[len("/**/cb(") : -2])["feed"]["entry"]


def test_old_names_in_any_case_choose_the_section_after_the_red_flags(full_door):
    reply = replay(full_door, "case-and-deprecated")
    assert reply.titles()[0] == "Traumatic myositis ossificans: Treatment"
    text = summary(reply)
    assert text.index("Red flags") < text.index("Never do") < text.index("<h3>Treatment</h3>")
    first = reply.atom.find(f"{ATOM}entry")
    assert first.find(f"{ATOM}link").get("href").endswith("/conditions/myositis-ossificans-traumatica#treatment")
    assert first.findtext(f"{ATOM}source/{ATOM}id") == reply.atom.findall(f"{ATOM}entry")[1].findtext(f"{ATOM}id")


def test_a_parameter_sent_twice_is_named(full_door):
    assert replay(full_door, "duplicate-parameter").problem() == ("repeated-parameter", "mainSearchCriteria.v.c")


def test_every_m61_answer_carries_the_box_and_the_standing_in_every_entry(full_door):
    box = full_door.service.knowledge.summaries.statements["fop.never.1"][1].text
    for code in ("M61", "M61.051", "M61.10", "M61.9"):
        for entry in full_door.as_json(code)["feed"]["entry"]:
            text = entry["summary"]["_value"]
            assert box in text
            for words in (
                "Draft:",
                "2026-04-01",
                full_door.service.edition.id,
                "Content version",
                "Last reviewed",
                "Reference for",
            ):
                assert words in text, words
