"""The pages that list: the start, the condition summaries, and how far the content reaches."""

from __future__ import annotations

from icdref.web.http import Answer
from icdref.web.pages import markdown, plain
from icdref.web.pages.frame import Frame, Page


def home(frame: Frame) -> Answer:
    """Answer `/`: the search box, what was viewed lately in this browser, and the condition summaries."""
    views = frame.service.knowledge.served()
    choice = frame.service.terminology.choose(frame.version, frame.day)
    values = {"views": views, "installed": choice.release, "texts": sum(len(each.summary.patient_texts) for each in views)}
    return frame.respond(Page("home.html", "/", "/", values, release=choice.release.version, formats=False))


def conditions(frame: Frame) -> Answer:
    """Answer `/conditions`: every summary that is served."""
    views = frame.service.knowledge.served()
    page = Page(
        "conditions.html",
        "/conditions",
        "/conditions",
        {"views": views},
        plain=lambda: plain.conditions(views),
        markdown=lambda: markdown.conditions(views),
        fhir="/fhir/r4/Composition?_pretty=true",
    )
    return frame.respond(page)


def coverage(frame: Frame) -> Answer:
    """Answer `/coverage`: what stands behind the billable codes, by chapter."""
    found = frame.kept.coverage
    rows = [*found.chapters.items(), ("All", found.total)]
    page = Page(
        "coverage.html",
        "/coverage",
        "/coverage",
        {"total": found.total, "rows": rows},
        plain=lambda: {name: each.row() for name, each in rows},
        markdown=lambda: markdown.coverage(rows),
        fhir="/fhir/r4/ValueSet?_pretty=true",
    )
    return frame.respond(page)
