"""Staging schemes of a summary: a section inside the one on diagnosis, as text and as data."""

from __future__ import annotations

from typing import Any, Final

from icdref.fhir.canonical import SECTION_SYSTEM, extension_url
from icdref.fhir.datatypes import coding, concept, extension
from icdref.fhir.narrative import element, items, join, link, narrative
from icdref.model import Staging
from icdref.results import SummaryView

PLACE: Final = "diagnosis"
"""The section that staging schemes stand in; where it is withheld, they are too."""


def staging_sections(view: SummaryView) -> list[dict[str, Any]]:
    """Return one section for each staging scheme of a summary."""
    return [_staging(staging) for staging in view.summary.stagings]


def _staging(staging: Staging) -> dict[str, Any]:
    parts = [extension("name", valueString=staging.name), extension("applies-to", valueString=staging.applies_to)]
    parts += [
        extension("class", extension("name", valueString=each.name), extension("meaning", valueString=each.meaning))
        for each in staging.classes
    ]
    parts += [extension("source", valueString=source) for source in staging.sources]
    classes = [f"{each.name}: {each.meaning}" for each in staging.classes]
    marks = [join(", " if place else "", link(f"#{source}", source)) for place, source in enumerate(staging.sources)]
    return {
        "extension": [extension(extension_url("staging"), *parts)],
        "title": staging.name,
        "code": concept(coding(SECTION_SYSTEM, "staging", "Staging")),
        "text": narrative(
            "additional",
            element("p", f"Applies to: {staging.applies_to}."),
            items(classes),
            element("p", element("small", "From ", *marks, ".")),
        ),
    }
