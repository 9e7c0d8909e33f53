"""Summaries by a name that is only roughly theirs, for requests that bring a text and no code."""

from __future__ import annotations

from icdref.service.summaries import Summaries, folded

MOST_FOUND = 3
_FEWEST_LETTERS = 3
_FEWEST_WORDS = 2
"""A single word inside a longer text says too little: 'bone' is not the name of a disease."""


def by_title(text: str, summaries: Summaries) -> tuple[str, ...]:
    """Return the ids of the summaries that a text may mean, best first, at most MOST_FOUND.

    An exact name decides alone. Else a name that stands whole inside the text (an EHR sends a code's title with side and
    site) comes before one that the text is a part of; of each, longer names first. Words count, their order does not.
    """
    if exact := summaries.named(text):
        return exact[:MOST_FOUND]
    words = frozenset(folded(text).split())
    if not words:
        return ()
    ranked: dict[str, tuple[int, int]] = {}
    for identifier, summary in summaries.all.items():
        if summaries.is_served(summary):
            names = (*summary.title.values(), *(synonym.text for synonym in summary.synonyms))
            best = max((_rank(words, frozenset(folded(name).split())) for name in names), default=(0, 0))
            if best > (0, 0):
                ranked[identifier] = best
    return tuple(sorted(ranked, key=lambda identifier: (ranked[identifier], identifier), reverse=True)[:MOST_FOUND])


def by_beginning(text: str, summaries: Summaries) -> tuple[str, ...]:
    """Return the ids of the summaries that a name begins with what has been typed so far, titles first; at most MOST_FOUND.

    The beginning of a later word of the name counts too, after that of the name: "ossificans" is typed as often as "myositis".
    """
    typed = folded(text)
    if len(typed) < _FEWEST_LETTERS:
        return ()
    ranked: dict[str, int] = {}
    for identifier, summary in summaries.all.items():
        if summaries.is_served(summary):
            titles = [folded(name) for name in summary.title.values()]
            names = [folded(each.text) for each in summary.synonyms if each.kind != "related"]
            for rank, found in enumerate((titles, names)):
                if any(name.startswith(typed) for name in found):
                    ranked[identifier] = max(ranked.get(identifier, 0), 4 - 2 * rank)
                elif any(f" {typed}" in name for name in found):
                    ranked[identifier] = max(ranked.get(identifier, 0), 3 - 2 * rank)
    return tuple(sorted(ranked, key=lambda identifier: (-ranked[identifier], identifier))[:MOST_FOUND])


def _rank(words: frozenset[str], name: frozenset[str]) -> tuple[int, int]:
    if len(name) >= _FEWEST_WORDS and name <= words:
        return 2, len(name)
    if len(words) >= _FEWEST_WORDS and words <= name:
        return 1, -len(name)
    return 0, 0
