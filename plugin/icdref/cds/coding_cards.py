"""Cards about codes: what is wrong or could be sharper, with what to choose. Only a certain error is a warning."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from icdref.cds.cards import Card, Link, bullets, markdown
from icdref.cds.prefetch import Problem
from icdref.cds.suggestions import MOST_SUGGESTIONS, suggestions

INTENDED_USE = "Reference for health professionals about the code set; choosing a code is the decision of the one who records it."

_HEADLINES = {
    "deleted-code": "{code} is not a valid code on the date of service",
    "not-yet-valid": "{code} is not valid yet on the date of service",
    "unknown-code": "{code} is not a code of ICD-10-CM {release}",
    "header-code": "{code} is a header and not billable: choose a code below it",
    "unspecified-side": "{code} leaves the side unspecified",
    "unspecified-site": "{code} leaves the site unspecified",
    "residual-code": "{code} is a residual code: more specific codes stand beside it",
    "residual-class": "{code} is in a residual class: is a more specific cause documented?",
}
_ONLY_SHOWN = "residual-class"
KINDS = (*_HEADLINES, "excludes1")
"""Every topic of a coding card."""


def coding_card(
    problem: Problem,
    kind: str,
    code: str,
    title: str,
    text: str,
    choices: Sequence[tuple[str, str]],
    release: str,
    edition: str,
    base: str,
    *,
    certain: bool,
) -> Card:
    """Return the card of one remark on a code; the better codes are suggestions where they are few, else a link."""
    offered = suggestions(problem, title, choices) if kind != _ONLY_SHOWN else ()
    parts = [markdown(text)]
    if choices and not offered:
        shown = choices[:MOST_SUGGESTIONS]
        more = f"\n- and {len(choices) - len(shown)} more" if len(choices) > len(shown) else ""
        parts.append(bullets(f"{each} {display}" for each, display in shown) + more)
    parts += [f"_{markdown(sentence)}_" for sentence in (INTENDED_USE, _where(release, edition))]
    label = f"Choose below {code}" if kind == "header-code" else f"Code {code}"
    return Card(
        topic=kind,
        key=code,
        summary=_HEADLINES[kind].format(code=code, release=release),
        detail="\n\n".join(parts),
        indicator="warning" if certain else "info",
        links=(Link(label, f"{base}/codes/{quote(code)}"),),
        suggestions=offered,
    )


def excluded_card(code: str, other: str, place: str, note: str, release: str, edition: str, base: str) -> Card:
    """Return the card of two codes that an Excludes1 note keeps apart: information, because they may be unrelated."""
    said = (
        f"An Excludes1 note on {place} names codes that cover {other}: '{note}'. {code} and {other} are not coded together"
        " unless the two conditions are unrelated to each other (ICD-10-CM guidelines, section I.A.12.a)."
    )
    parts = [markdown(said), *(f"_{markdown(sentence)}_" for sentence in (INTENDED_USE, _where(release, edition)))]
    return Card(
        topic="excludes1",
        key=f"{code}+{other}",
        summary=f"{code} and {other} exclude each other, unless unrelated (Excludes1)",
        detail="\n\n".join(parts),
        links=(Link(f"Code {code}", f"{base}/codes/{quote(code)}"), Link(f"Code {other}", f"{base}/codes/{quote(other)}")),
    )


def _where(release: str, edition: str) -> str:
    return f"ICD-10-CM {release}; edition {edition}."
