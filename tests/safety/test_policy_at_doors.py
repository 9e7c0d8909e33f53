"""C1, C3, C9, C10, C11 and C17 in every format: what stands on a summary, the calendar, and the access policy, at every door."""

from __future__ import annotations

import html
import json
import re
from datetime import date
from urllib.parse import urlencode

import pytest

from icdref.config import Settings
from icdref.model import SECTIONS
from icdref.service.live import LiveService
from icdref.service.views import Reader
from tests.doors.calling import Caller
from tests.doors.conftest import caller
from tests.doors.records import at, condition, create, order, view

DRAFT = "Draft: written by the software's authors, not reviewed by a clinician."
INTENDED = "Reference for health professionals: general information, not advice for a particular patient, and no dosing."
GATEABLE = tuple(code for code, _ in SECTIONS if code not in ("red-flags", "never-do", "coding", "definition", "references"))
FULL, SMALL = "M61.051", "M72.0"
USES = ("race", "ethnicity", "language", "sexual-orientation", "gender-identity", "sex", "date-of-birth", "sdoh", "health-status")


def paths(code, summary):
    """Return an address of every format by its name."""
    asked = urlencode({"mainSearchCriteria.v.c": code, "mainSearchCriteria.v.cs": "2.16.840.1.113883.6.90"})
    feed, patient = f"/infobutton/service?{asked}", "&informationRecipient=PAT"
    return {
        "R4 document": f"/fhir/r4/Composition/$for-code?code={code}",
        "R4 document for patients": f"/fhir/r4/Composition/$for-code?code={code}&audience=patient",
        "R4 composition": f"/fhir/r4/Composition/{summary}",
        "R4 library": f"/fhir/r4/Library/{summary}",
        "code page": f"/codes/{code}",
        "code page as Markdown": f"/codes/{code}.md",
        "condition page": f"/conditions/{summary}",
        "condition page for patients": f"/conditions/{summary}?audience=patient",
        "Infobutton Atom": feed,
        "Infobutton JSON": f"{feed}&knowledgeResponseType=application/json",
        "Infobutton page": f"/infobutton/application?{asked}",
        "Infobutton for patients": feed + patient,
    }


def hooks(code):
    return {
        "condition-reference": view(condition(code)),
        "problem-code-check": create(condition(code)),
        "encounter-start-reference": at("encounter-start", condition(code)),
        "discharge-leaflet": at("encounter-discharge", condition(code)),
        "order-reason-check": order(code),
    }


def said(reply):
    """Return an answer as text, whatever escapes and line breaks its format uses."""
    text = reply.text if reply.text[:1] != "{" else json.dumps(reply.json, ensure_ascii=False).replace("\\n", " ")
    for _ in range(2):  # markup inside a feed is escaped twice
        text = html.unescape(re.sub(r"<[^>]*>", " ", text))
    return " ".join(re.sub(r"\\+([\[\]*_`<>|#~])", r"\1", text).replace("\\\\", "").split())


def everything(door, code, summary):
    """Return what every door says about a code, by format; formats that answer with an error are left out."""
    found = {name: door.ask(path) for name, path in paths(code, summary).items()}
    found |= {name: door.hook(name, body) for name, body in hooks(code).items()}
    return {name: said(reply) for name, reply in found.items() if reply.status == 200}


def asked_on(data, day, **settings):
    chosen = Settings(data=str(data), scrub_seconds=0, **settings)
    return Caller(chosen, LiveService(chosen, lambda: day))


@pytest.mark.slow
def test_every_format_carries_status_banner_use_dates_release_and_the_13_attributes(full):
    door = caller(full.data)
    shown = door.service.knowledge.summary("myositis-ossificans-traumatica")
    answers = everything(door, FULL, shown.summary.id)
    assert len(answers) == 17
    attributes = shown.summary.attributes
    for name, text in answers.items():
        small = text.lower()
        for part in (
            DRAFT,
            INTENDED,
            shown.release.version,
            shown.edition,
            shown.summary.version,
            attributes.citation.rstrip("."),
        ):
            assert part in text, (name, part)
        for part in ("last reviewed: never", "next check due 2027-05-27", "expires 2028-11-22"):
            assert part in small, (name, part)
        for part in (attributes.developer, attributes.funding, f"released {attributes.release_date}", *USES):
            assert part in text, (name, part)


@pytest.mark.slow
def test_past_expiry_no_format_has_a_sentence_of_the_text_and_every_format_has_the_facts(small):
    fresh, late = (asked_on(small.data, day) for day in (date(2026, 10, 31), date(2026, 11, 1)))
    summary = fresh.service.knowledge.summaries.all["passing-fashion"]
    texts = [each.text for each in summary.statements if each.section in ("definition", "treatment", "cause")]
    before, after = (everything(door, SMALL, summary.id) for door in (fresh, late))
    assert set(before) - set(after) == {"R4 composition", "R4 library", "condition page", "condition page for patients"}
    assert [name for name, text in before.items() if any(each in text for each in texts)]
    for name, text in after.items():
        assert not [each for each in texts if each in text], name
    for name in ("R4 document", "code page", "Infobutton Atom", "Infobutton page"):
        assert "expired on 2026-10-31" in after[name], name
        assert "Palmar fascial fibromatosis" in after[name], name


@pytest.mark.slow
def test_past_review_every_format_says_overdue(small):
    answers = everything(asked_on(small.data, date(2028, 5, 23)), "D72.823", "white-cells")
    assert len(answers) >= 16
    for name, text in answers.items():
        assert "Review overdue since 2028-05-22." in text, name


@pytest.mark.slow
@pytest.mark.parametrize("section", GATEABLE)
def test_no_format_has_a_statement_of_a_gated_section(full, section):
    door = caller(full.data, gated_sections=(section,), gated_notice="Sign in at example.org.")
    summary = door.service.knowledge.summaries.all["myositis-ossificans-traumatica"]
    gated = summary.in_section(section)
    assert gated
    answers = everything(door, FULL, summary.id)
    pages = ("/compare?codes=M61.05,M61.25,M61.58", f"/conditions/{summary.id}.md", f"/conditions/{summary.id}.json")
    fhir = (
        f"Composition/{summary.id}/_history/0.1.0",
        f"Composition?_id={summary.id}",
        "Composition/$compare?code=M61.05&code=M61.25",
    )
    answers |= {
        path: said(door.ask(path)) for path in (*pages, *(f"/fhir/r{release}/{each}" for release in (4, 5) for each in fhir))
    }
    kept = {each.text for each in summary.statements if each.section != section}
    for name, text in answers.items():
        assert not [each.id for each in gated if each.text in text and each.text not in kept], name
        for safety in summary.in_section("red-flags")[:1]:
            assert safety.text in text or "library" in name or "for patients" in name, name
    for name in ("R4 document", "code page", "condition page", "code page as Markdown"):
        assert "Sign in at example.org." in answers[name], name
        assert re.search(rf"\b{len(gated)} statements? (?:is|are|of this section are) withheld", answers[name]), name


@pytest.mark.slow
def test_patients_without_the_scope_read_red_flags_and_never_do_at_every_door(full):
    door = caller(full.data, gated_sections=GATEABLE)
    body = door.service.knowledge.summary("myositis-ossificans-traumatica", Reader("patient")).patient_text.body
    assert "## When should I call?" in body and "## A warning" in body
    assert "## How is it treated?" not in body
    answers = everything(door, FULL, "myositis-ossificans-traumatica")
    for name in ("R4 document for patients", "condition page for patients", "Infobutton for patients"):
        assert "no shots go into the muscle" in answers[name], name
        assert "Surgery is kept for bone" not in answers[name], name
        assert "withheld" in answers[name], name
