"""Markup in every parameter: nothing of it is active in a page, a feed, JSON, a script or a card."""

from __future__ import annotations

import json
import re
from urllib.parse import quote, urlencode

import pytest
from lxml import etree, html
from markdown_it import MarkdownIt

from icdref.infobutton.parameters import _KNOWN, _NOT_ECHOED
from tests.doors.calling import ATOM, CM
from tests.doors.invariants import cards_of
from tests.doors.records import bundle, call, condition, create, order, view
from tests.doors.vectors import VECTORS

NAMES = sorted(
    {name for name in _KNOWN.values() if name not in _NOT_ECHOED}
    | {f"{stem}.v.{part}" for stem in ("mainSearchCriteria", "subTopic") for part in ("c", "cs", "dn", "ot")}
)
_ACTIVE = {"script", "iframe", "object", "embed", "svg", "math", "img", "video", "base", "link", "body", "template", "details"}
_ALLOWED_HERE = {"html", "head", "meta", "title", "style", "body", "link"}
_RAW_TAG = re.compile(rb"<\s*(script|img|svg|iframe|object|embed|base|video|math|template|details)", re.IGNORECASE)


def active(markup: str, allowed: frozenset[str] = frozenset()) -> list[str]:
    """Return what a browser would run or load in a piece of HTML."""
    found = []
    for node in html.fromstring(f"<div>{markup}</div>").iter():
        if not isinstance(node.tag, str):
            continue
        if node.tag.lower() in _ACTIVE - allowed:
            found.append(node.tag)
        found += [name for name in node.attrib if name.lower().startswith("on") or name == "style"]
        found += [value for name, value in node.attrib.items() if name in ("href", "src", "action") and not is_ours(value)]
    return found


def is_ours(url: str) -> bool:
    return url.startswith(("https://icdref.example.org/", "/infobutton/application", "#"))


def assert_inert_page(body: bytes) -> None:
    tree = html.fromstring(body)
    tags = {node.tag for node in tree.iter() if isinstance(node.tag, str)}
    assert not tags & (_ACTIVE - _ALLOWED_HERE), tags
    assert len(tree.findall(".//style")) == 1
    for node in tree.iter():
        if isinstance(node.tag, str):
            assert not [name for name in node.attrib if name.startswith("on") or name == "style"]
            assert all(is_ours(node.get(name)) for name in ("href", "src", "action") if node.get(name))


def assert_inert_feed(body: bytes) -> None:
    feed = etree.fromstring(body)  # well-formed, or this raises
    assert all(
        node.tag.startswith(("{http://www.w3.org/2005/Atom}", "{https://icdref.example.org/infobutton}")) for node in feed.iter()
    )
    assert feed.getroottree().docinfo.doctype == ""
    for summary in feed.iter(f"{ATOM}summary"):
        assert active(summary.text) == []


def query(vector: str) -> str:
    """Return a query with the vector in every parameter."""
    return urlencode([(name, vector) for name in NAMES] + [("explain", "true")])


@pytest.mark.parametrize("kind", ["application/atom+xml", "text/html", "application/json", "application/javascript"])
def test_no_vector_in_every_parameter_at_once_is_active(door, kind):
    assert len(set(VECTORS)) >= 200
    for vector in VECTORS:
        url = f"/infobutton/service?{query(vector)}&knowledgeResponseType={quote(kind)}&callback=cb"
        reply = door.ask(url)
        assert reply.status == 200, vector
        check(reply, kind)


def check(reply, kind):
    if kind == "text/html":
        assert_inert_page(reply.body)
    elif kind == "application/atom+xml":
        assert_inert_feed(reply.body)
    elif kind == "application/json":
        assert reply.headers["x-content-type-options"] == "nosniff"
        for entry in reply.json["feed"]["entry"]:
            assert active(entry["summary"]["_value"]) == []
    else:
        assert not _RAW_TAG.search(reply.body)
        assert reply.text.isprintable() or "\u2028" not in reply.text
        json.loads(reply.text[len("/**/cb(") : -2])


def test_no_vector_beside_a_good_code_is_active_and_the_code_is_still_answered(door):
    for vector in VECTORS:
        pairs = [(name, vector) for name in NAMES if not name.endswith((".c", ".cs")) or not name.startswith("mainSearch")]
        good = urlencode([("mainSearchCriteria.v.c", "M61.0"), ("mainSearchCriteria.v.cs", CM), *pairs])
        page = door.ask(f"/infobutton/application?{good}")
        assert "Bone after a blow" in page.text
        assert_inert_page(page.body)


@pytest.mark.parametrize("name", ["callback", "jsonp", "knowledgeResponseType", "date", "explain", "<script>alert(1)</script>"])
def test_no_vector_in_what_controls_the_answer_is_active(door, name):
    for vector in VECTORS:
        url = f"/infobutton/service?mainSearchCriteria.v.c=M61.0&{quote(name)}={quote(vector)}"
        reply = door.ask(url)
        assert reply.status in (200, 415)
        assert_inert_feed(reply.body)
        script = door.ask(f"{url}&knowledgeResponseType=application/javascript") if name in ("callback", "jsonp") else None
        assert script is None or script.status == 400


def test_no_vector_anywhere_in_a_record_is_active_in_a_card(door):
    render = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render
    for vector in VECTORS:
        record = condition(vector, vector, system=vector, note=[{"text": vector}])
        record["code"]["coding"].append({"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M61.019", "display": vector})
        hostile = condition(vector, vector)
        for service, body in (
            ("condition-reference", view(hostile, record)),
            ("problem-code-check", create(record, hostile, known=(hostile,))),
            ("order-reason-check", order(vector)),
            ("discharge-leaflet", call("encounter-discharge", {"conditions": bundle(record)}, encounterId=vector)),
        ):
            for card in cards_of(door.hook(service, body)):
                texts = [card["detail"], card["summary"], *(link["label"] for link in card.get("links", []))]
                texts += [each["label"] for each in card.get("suggestions", [])]
                assert [found for text in texts for found in active(render(text))] == []
                assert "alert(1)" not in json.dumps({key: value for key, value in card.items() if key != "suggestions"})


def test_markup_in_an_error_is_inert(door):
    for vector in VECTORS:
        reply = door.ask(f"/infobutton/application?mainSearchCriteria.v.c={quote(vector)}&mainSearchCriteria.v.c={quote(vector)}")
        assert reply.status == 400
        assert_inert_page(reply.body)
        assert b"alert(1)" not in reply.body
