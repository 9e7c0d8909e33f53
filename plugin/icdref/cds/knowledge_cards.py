"""Cards about conditions: red flags and what never to do first, then key points, then how far to trust them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from icdref.cds.cards import Card, Link, bullets, markdown
from icdref.codes import ICD10CM, ICD10CM_OID
from icdref.fhir.summary_parts import standing
from icdref.model import Statement
from icdref.results import MatchTrace, SummaryView

_SAFETY = ("red-flags", "never-do")
_KEY_POINTS = ("definition", "diagnosis")
_POINTS_PER_SECTION = 3


def knowledge_card(
    view: SummaryView,
    traces: Iterable[MatchTrace],
    boxes: Sequence[tuple[str, Statement]],
    base: str,
    *,
    kind: str,
    partial: bool,
) -> Card:
    """Return the card of a summary for one list of problems; `kind` is reference, red-flags or leaflet.

    `boxes` are warnings that stand with it: the title of the disease, and the stored statement.
    """
    parts = [f"**{markdown(view.banner)}**"] if view.banner else []
    parts += [f"> **{markdown(title)}**: {markdown(statement.text)}" for title, statement in boxes]
    parts += _sections(view, _SAFETY, limit=0)
    if kind == "reference":
        parts += _sections(view, _KEY_POINTS, limit=_POINTS_PER_SECTION)
    if view.withheld:
        parts.append(f"{view.withheld} statements are withheld from this card by this server's policy.")
    parts += [markdown(sentence) for sentence in _why(view, traces)]
    if partial:
        parts.append("The problem list that was sent is only a part of it.")
    parts += [f"_{markdown(sentence)}_" for sentence in standing(view) if sentence != view.banner]
    return Card(
        topic=view.summary.id,
        summary=_headline(view, kind),
        detail="\n\n".join(parts),
        links=_links(view, base, kind),
    )


def _headline(view: SummaryView, kind: str) -> str:
    if kind == "leaflet":
        return f"{view.title}: text for patients ({view.language})"
    return f"{view.title}: red flags" if kind == "red-flags" else f"{view.title}: red flags and key points"


def _sections(view: SummaryView, wanted: Sequence[str], limit: int) -> list[str]:
    by_code = {section.code: section for section in view.sections}
    shown = []
    for code in wanted:
        if code in by_code and (statements := by_code[code].statements):
            kept = statements[:limit] if limit else statements
            graded = (f"{each.text} (grade {each.grade})" for each in kept)
            shown.append(f"**{markdown(by_code[code].title)}**\n\n{bullets(graded)}")
    return shown


def _why(view: SummaryView, traces: Iterable[MatchTrace]) -> list[str]:
    """Return why the card is shown. A name that the record gave is not repeated: only codes and our own words are."""
    sentences = []
    for trace in traces:
        if trace.summary == view.summary.id:
            if trace.relation == "text":
                sentences.append("Shown because a problem has this name and no code that leads further.")
            else:
                sentences.append(trace.notice or f"Shown because of {trace.normalised}.")
        elif view.summary.id in trace.also:
            sentences.append(f"Shown because it also concerns {trace.normalised}.")
    return list(dict.fromkeys(sentences))


def _links(view: SummaryView, base: str, kind: str) -> tuple[Link, ...]:
    page = f"{base}/conditions/{view.summary.id}"
    if kind != "leaflet":
        return (Link(view.title, page), Link("FHIR document", f"{base}/fhir/r4/Composition/{view.summary.id}/$document"))
    codes = [each.code for each in view.summary.codes if each.system == ICD10CM]
    asked = {
        "mainSearchCriteria.v.c": codes[0] if codes else "",
        "mainSearchCriteria.v.cs": ICD10CM_OID,
        "informationRecipient": "PAT",
        "informationRecipient.languageCode.c": view.language,
    }
    return (Link(f"{view.title} ({view.language})", f"{base}/infobutton/application?{urlencode(asked)}"),)
