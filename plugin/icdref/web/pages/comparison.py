"""The page that puts two to six codes or conditions side by side."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from icdref import codes
from icdref.issues import IcdRefError
from icdref.results import Comparison
from icdref.service.compare import compare
from icdref.web.http import Answer
from icdref.web.pages import markdown, plain
from icdref.web.pages.frame import Frame, Page

_LONGEST = 300


def comparison(frame: Frame) -> Answer:
    """Answer `/compare?codes=a,b`; what cannot be compared is said above the form."""
    asked = [text.strip() for text in frame.query.get("codes", "")[:_LONGEST].split(",") if text.strip()]
    found: Comparison | None = None
    problem = ""
    if asked:
        try:
            found = compare(frame.service.terminology, frame.service.knowledge, asked, version=frame.version, day=frame.day)
        except IcdRefError as error:
            problem = str(error)
    boxes = frame.boxes(_codes_of(found)) if found else ()
    values: dict[str, Any] = {
        "asked": ", ".join(asked),
        "found": found,
        "problem": problem,
        "boxes": boxes,
        "served": frame.service.knowledge.served(),
    }
    page = Page(
        "compare.html",
        "/compare",
        "/compare",
        values,
        plain=lambda: plain.comparison(found, problem, boxes),
        markdown=lambda: markdown.comparison(found, problem, boxes),
        fhir="/fhir/r4/Composition/$compare?" + urlencode([("code", each) for each in asked] + [("_pretty", "true")]),
        release=found.release.version if found else "",
        formats=found is not None,
    )
    return frame.respond(page)


def _codes_of(found: Comparison) -> list[str]:
    asked = [side.trace.normalised for side in found.sides if side.trace]
    bound = [each.code for view in found.views for each in view.summary.codes if each.system == codes.ICD10CM]
    return [*asked, *bound]
