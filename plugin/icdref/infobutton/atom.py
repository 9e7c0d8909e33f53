"""An answer as an Atom feed, its elements in the order that the HL7 KnowledgeResponse schema fixes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from icdref.fhir.narrative import escape
from icdref.infobutton.answer import NAME, RIGHTS, Entry, Feed, instant
from icdref.results import MatchTrace, Step

MEDIA_TYPE: Final = "application/atom+xml"
ATOM: Final = "http://www.w3.org/2005/Atom"
OURS: Final = "https://icdref.example.org/infobutton"
"""The namespace of what Atom has no element for: the trace, remarks and errors. `category@scheme` is a closed list."""


def to_atom(feed: Feed) -> bytes:
    """Return the answer as XML."""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(_feed(feed)) + "\n").encode()


def _feed(feed: Feed) -> Iterator[str]:
    yield (
        f'<feed xmlns="{ATOM}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:icdref="{OURS}"'
        f' xml:base="{escape(feed.base)}/" xml:lang="{escape(feed.language)}">'
    )
    yield _text("title", NAME, type="text")
    yield _text("subtitle", feed.subtitle, type="text")
    yield f"<author>{_text('name', NAME)}{_text('uri', feed.base)}</author>"
    yield _text("updated", feed.updated_text)
    yield from (_empty("category", scheme=scheme, term=term) for scheme, term in feed.categories)
    yield _text("id", feed.id)
    yield _text("rights", RIGHTS, type="text")
    yield _text("generator", NAME, uri=feed.base)
    for entry in feed.entries:
        yield from _entry(entry)
    yield from _foreign(feed)
    yield "</feed>"


def _entry(entry: Entry) -> Iterator[str]:
    yield f'<entry xml:lang="{escape(entry.language)}">'
    yield _text("title", entry.title, type="text")
    yield _empty("link", href=entry.href, rel="alternate", type="text/html", title=entry.title)
    if entry.data:
        yield _empty("link", href=entry.data, rel="related", type="application/fhir+json", title=entry.title)
    yield _text("id", entry.id)
    yield _text("updated", instant(entry.updated))
    yield _text("summary", entry.summary, type="html")
    yield _empty("category", scheme="relevanceScore", term=f"{entry.relevance:.2f}")
    if entry.parent:
        yield f"<source>{_text('id', entry.parent)}</source>"
    yield "</entry>"


def _foreign(feed: Feed) -> Iterator[str]:
    if feed.problem:
        yield _text("icdref:error", feed.problem.text, code=feed.problem.detail, parameter=feed.problem.expression)
    for remark in feed.remarks:
        yield _text("icdref:remark", remark)
    for trace in feed.traces:
        yield _trace(trace)


def _trace(trace: MatchTrace) -> str:
    steps = "".join(
        _empty(
            "icdref:step", method=step.method, system=step.tried_system, tried=step.tried, result="hit" if step.hit else "miss"
        )
        for step in trace.steps
    )
    head = _attributes(
        {
            "system": trace.requested_system,
            "requested": trace.requested,
            "normalised": trace.normalised,
            "outcome": trace.outcome,
            "relation": trace.relation,
            "summary": trace.summary,
            "bound-code": trace.bound_code,
            "release": trace.release,
            "edition": trace.edition,
        }
    )
    return f"<icdref:match{head}>{steps}{_texts('notice', (trace.notice,))}{_more(trace)}</icdref:match>"


def _step(step: Step) -> str:
    result = "hit" if step.hit else "miss"
    return _empty("icdref:step", method=step.method, system=step.tried_system, tried=step.tried, result=result)


def _more(trace: MatchTrace) -> str:
    said = {"advice": trace.advice, "also": trace.also, "context": trace.context, "issue": [each.text for each in trace.issues]}
    return "".join(_texts(name, texts) for name, texts in said.items())


def _texts(name: str, texts: Iterable[str]) -> str:
    return "".join(_text(f"icdref:{name}", text) for text in texts if text)


def _text(element: str, content: str, **attributes: str) -> str:
    # str() because markup inside `type="html"` is text here: it is escaped once more.
    return f"<{element}{_attributes(attributes)}>{escape(str(content))}</{element}>"


def _empty(element: str, **attributes: str) -> str:
    return f"<{element}{_attributes(attributes)}/>"


def _attributes(values: dict[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in values.items() if value)
