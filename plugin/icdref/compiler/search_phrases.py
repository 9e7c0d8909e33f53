"""The phrases of the search index: the rows of lay-terms.tsv and the names that the summaries give their conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from icdref.codes import ICD10CM
from icdref.importers.lay_terms import is_code
from icdref.language.titles import NOT, analyse
from icdref.language.tokens import COMMA, tokens
from icdref.model import ConditionSummary, LayTerm

SUMMARY = "summary"
RELATED = "related"
RETIRED = "retired"
_MOST_TITLE_WORDS = 4
_UNHELPFUL = frozenset(["other", "right", "left", "bilateral", "specified", "encounter", "disease", "disorder"])


def phrases(
    lay_terms: Sequence[LayTerm], summaries: Sequence[ConditionSummary], titles: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the records of all phrases, our own rows first; `titles` are those of the newest release by code."""
    found = [_record(term.text, term.kind, term.means) for term in lay_terms]
    for phrase in found:
        if phrase["codes"] and (text := _in_title_words(titles.get(phrase["codes"][0].rstrip("-"), ""))):
            phrase["texts"] += [text] if text not in phrase["texts"] and text.split() != phrase["key"] else []
    known = {tuple(phrase["key"]) for phrase in found}
    served = sorted((summary for summary in summaries if summary.status != RETIRED), key=lambda summary: summary.id)
    names = (phrase for summary in served for phrase in _names(summary))
    found.extend(phrase for phrase in names if tuple(phrase["key"]) not in known or phrase["kind"] == SUMMARY)
    return found


def phrase_key(text: str) -> list[str]:
    """Return the words by which a phrase is found: its words without stop words, unless one word or none were left.

    >>> phrase_key("blood in the stool"), phrase_key("a fib")
    (['blood', 'stool'], ['a', 'fib'])
    """
    every = [token for token in tokens(text) if token.word != COMMA]
    content = [token.word for token in every if not token.stop]
    return content if len(content) > 1 else [token.word for token in every]


def vocabulary_of(found: Sequence[dict[str, Any]]) -> set[str]:
    """Return the words of all phrases."""
    return {word for phrase in found for word in phrase["key"]}


def _in_title_words(title: str) -> str:
    """Return what a short title says in the fewest words, so that the phrase also finds titles that say more than that.

    >>> _in_title_words("Hematuria, unspecified"), _in_title_words("Other specified disorders of kidney and ureter")
    ('hematuria', '')
    """
    words = analyse(title).loose
    if len(words) > _MOST_TITLE_WORDS or any(word.startswith(NOT) or word in _UNHELPFUL for word in words):
        return ""
    return " ".join(words)


def _names(summary: ConditionSummary) -> Iterator[dict[str, Any]]:
    means = [
        binding.code + ("-" if binding.match == "self-and-descendants" else "")
        for binding in summary.codes
        if binding.system == ICD10CM and binding.role != "context"
    ]
    if not means:
        return
    names = [(title, SUMMARY) for title in summary.title.values()]
    names += [(name.text, RELATED if name.kind == "related" else SUMMARY) for name in summary.synonyms]
    for text, kind in dict(reversed(names)).items():
        yield _record(text, kind, means)


def _record(text: str, kind: str, means: Sequence[str]) -> dict[str, Any]:
    return {
        "text": text,
        "kind": kind,
        "key": phrase_key(text),
        "codes": [meaning for meaning in means if is_code(meaning)],
        "texts": [meaning for meaning in means if not is_code(meaning)],
    }
