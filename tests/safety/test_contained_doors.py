"""C5 at the doors: every sentence of every page, feed and card on every M61 code is a stored text."""

from __future__ import annotations

import re

import pytest

from icdref.service.matching import Asked
from tests.doors.conftest import caller
from tests.doors.records import at, condition, create, order, view
from tests.safety.doors_containment import (
    Accounted,
    card_texts,
    feed_texts,
    frame,
    json_texts,
    markdown_texts,
    page_texts,
    value_texts,
)

pytestmark = pytest.mark.slow

PATIENT = {"informationRecipient": "PAT"}
SPANISH = PATIENT | {"informationRecipient__languageCode__c": "es"}
CARDS = {
    "condition-reference": view,
    "problem-code-check": create,
    "encounter-start-reference": lambda each: at("encounter-start", each),
    "discharge-leaflet": lambda each: at("encounter-discharge", each),
}


@pytest.fixture(scope="module")
def door(full):
    return caller(full.data)


@pytest.fixture(scope="module")
def accounted(door):
    return Accounted(door.service)


@pytest.fixture(scope="module")
def known(door, accounted, m61):
    """What the code set says of each code."""
    found = {}
    for code in m61:
        knowledge = door.service.knowledge.for_codes([Asked(code)])
        found[code] = accounted.of_code(knowledge.card.lookup, knowledge.card, knowledge.traces[0])
    return found


@pytest.fixture(scope="module")
def wide(door, known):
    """What answers on several codes may contain: the facts of all of them."""
    notices = {f"This text is not available in {language}; it is in English." for language in ("de", "es")}
    return Accounted(door.service, frozenset().union(notices, *known.values()))


def test_every_sentence_of_every_code_page_is_stored(door, accounted, m61, known, quarantined):
    assert len(m61) == 203
    for code in m61:
        page = door.ask(f"/codes/{code}")
        assert page.status == 200
        assert accounted.unaccounted(page_texts(page.body), known[code]) == [], code
        assert not [claim for claim in quarantined if claim in page.text]
        text = door.ask(f"/codes/{code}.md")
        assert accounted.unaccounted(markdown_texts(text.body), known[code]) == [], code


def test_every_sentence_of_every_other_page_is_stored(door, wide, quarantined):
    summaries = door.service.knowledge.summaries.all
    paths = [
        "/",
        "/conditions",
        "/coverage",
        "/compare?codes=M61.05,M61.25,M61.58",
        "/compare?codes=M61.0,M61.1,M61.3,M61.4,M61.9",
    ]
    for identifier in summaries:
        paths += [f"/conditions/{identifier}", f"/about/{identifier}", f"/compare?codes={identifier},M61"]
        paths += [f"/conditions/{identifier}?audience=patient&language={language}" for language in ("en", "es", "de")]
    assert len(paths) > 50
    for path in paths:
        page = door.ask(path)
        assert page.status == 200, path
        assert wide.unaccounted(page_texts(page.body)) == [], path
        assert not [claim for claim in quarantined if claim in page.text]


def test_every_form_of_a_page_holds_the_same_stored_sentences(door, wide, quarantined):
    for identifier in door.service.knowledge.summaries.all:
        for path in (f"/conditions/{identifier}", f"/about/{identifier}"):
            forms = [door.ask(f"{path}?format={form}") for form in ("print", "markdown", "json")]
            assert [each.status for each in forms] == [200, 200, 200], path
            printed, markdown, data = forms
            assert wide.unaccounted(page_texts(printed.body)) == [], path
            assert wide.unaccounted(markdown_texts(markdown.body)) == [], path
            assert wide.unaccounted(value_texts(data.json)) == [], path
            assert not [claim for claim in quarantined if claim in printed.text + markdown.text + data.text]


@pytest.mark.parametrize("recipient", [{}, PATIENT, SPANISH], ids=["clinician", "patient", "patient-es"])
def test_every_sentence_of_every_infobutton_answer_is_stored(door, accounted, m61, known, quarantined, recipient):
    for code in m61:
        asked = {"mainSearchCriteria__v__c": code, "mainSearchCriteria__v__cs": "2.16.840.1.113883.6.90", **recipient}
        feed = door.ask("/infobutton/service", **asked)
        assert accounted.unaccounted(feed_texts(feed.body), known[code]) == [], code
        answer = door.ask("/infobutton/service", knowledgeResponseType="application/json", **asked)
        assert accounted.unaccounted(json_texts(answer.json), known[code]) == [], code
        page = door.ask("/infobutton/application", **asked)
        assert accounted.unaccounted(page_texts(page.body), known[code]) == [], code
        assert not [claim for claim in quarantined if claim in feed.text + answer.text + page.text]


def test_every_sentence_of_every_cds_card_is_stored(door, wide, m61, quarantined):
    cards = 0
    for code in m61:
        for service, body in CARDS.items():
            reply = door.hook(service, body(condition(code)))
            assert reply.status == 200, (service, code, reply.text)
            for card in reply.json["cards"]:
                cards += 1
                assert wide.unaccounted(card_texts(card)) == [], (service, code)
                assert not [claim for claim in quarantined if claim in str(card)]
        for card in door.hook("order-reason-check", order(code)).json["cards"]:
            assert wide.unaccounted(card_texts(card)) == [], code
    assert cards > 800


@pytest.mark.parametrize(
    "planted",
    [
        "Give it a good rub.",
        "It is other bone.",
        "Bone and soft-tissue sarcoma need not be excluded: their mineral tends to be densest in the centre.",
        "Biopsy early.",
        "Sources disagree on rubbing.",
        "Do not refer.",
        "There is no red flag.",
        "Never wait for the bone to mature.",
    ],
)
def test_an_invented_sentence_is_found_in_every_format(accounted, planted):
    stored = accounted.service.knowledge.summaries.statements["mot.tx.1"][1].text
    for text in (planted, f"{stored} {planted}", f"{planted} {stored}", f"{planted} [B; savvidou2021]"):
        assert accounted.unaccounted([text]) == [text]
        assert accounted.unaccounted(page_texts(f"<p>{text}</p>")) == [text]
    card = {"summary": planted, "detail": f"- {planted}", "source": {"label": "icdref"}, "overrideReasons": []}
    assert accounted.unaccounted(card_texts(card)) == [planted, planted]


def test_the_frame_itself_says_nothing_clinical(accounted):
    clinical = re.compile(
        r"\b(?:bone|biops|inject|excis|surg|tumou?r|sarcoma|fractur|thrombos|dos(?:e|ing)|drug|pain|swell|x-ray|muscle|vaccin"
        r"|antibiot|massage|burn|injur|infect|symptom|prognos|prevent|ossif|calcif|malign|benign)\w*",
        re.IGNORECASE,
    )
    _, names = frame()
    stored = sorted({each.casefold() for each in accounted.stored if clinical.search(each)}, key=len, reverse=True)
    invented = []
    for literal in names:
        rest = literal.casefold().replace("-", " ").replace("+", " ")
        for each in stored if clinical.search(rest) else ():
            rest = rest.replace(each.replace("-", " "), "")
        if clinical.search(rest) and "and no dosing" not in rest:
            invented.append(literal)
    assert invented == []
