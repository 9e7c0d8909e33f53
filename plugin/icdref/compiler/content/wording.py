"""Rules 6, 13, 14, 17 and 18: how a text is written, and whose words it uses."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from icdref.compiler.content.context import REGISTER, Context, Text, fault, file_of, texts_of
from icdref.compiler.content.numbers import wrong_percentages
from icdref.compiler.content.words import folded_words, hashed, holds_phrase, runs
from icdref.importers.faults import Fault, shown
from icdref.importers.tables import fault_of_line

MOST_WORDS = 40

_MARKUP = re.compile(r"<[A-Za-z/!?]|&[#\w]+;|\*\*|__|`|!?\[[^\]]*\]\(|^[#>*-] |~~")


def plain_sentences(context: Context) -> Iterator[Fault]:
    """Yield claims that are too long or end without a full stop, and texts with markup (rule 6)."""
    for summary, statement in context.pairs():
        words = len(statement.text.split())
        if words > MOST_WORDS:
            message = f"text has {words} words, more than {MOST_WORDS}"
            yield fault(summary, statement.id, statement.text, message, "split it into two claims", rule=6)
        if not statement.text.endswith("."):
            ending = shown(statement.text[-12:])
            yield fault(summary, statement.id, statement.text, f"text ends in {ending}", "end it with a full stop", rule=6)
    for text in _lines(context):
        line_fault = fault_of_line(text.text)
        if line_fault:
            yield _of(text, f"{shown(text.text)} {line_fault[0]}", line_fault[1], 6)
        markup = _MARKUP.search(text.text)
        if markup:
            yield _of(text, f"text holds markup, {shown(markup.group())}", "write plain words", 6)


def _lines(context: Context) -> Iterator[Text]:
    for summary in context.library.summaries:
        yield from (text for text in texts_of(summary) if text.file.endswith(".toml"))


def _of(text: Text, message: str, fix: str, rule: int) -> Fault:
    return Fault(text.file, text.where, text.text, message, fix, rule=rule)


def sound_percentages(context: Context) -> Iterator[Fault]:
    """Yield percentages that do not follow from the numbers beside them (rule 13).

    Notes are left out: there we report what a source printed wrongly.
    """
    for summary in context.library.summaries:
        for text in texts_of(summary):
            if text.where.endswith((" seeds", " conflict.note", " needs")) or text.language != "en":
                continue
            for passage, right in wrong_percentages(text.text):
                message = f"{shown(passage)} does not follow: it would be {right}%"
                yield _of(text, message, "correct the numbers or the percentage from the source", 13)


def ordered_windows(context: Context) -> Iterator[Fault]:
    """Yield windows that end before they begin or begin before the onset (rule 14)."""
    for summary, statement in context.pairs():
        window = statement.window
        if window and not 0 <= window.from_weeks <= window.to_weeks:
            value = f"{window.from_weeks} to {window.to_weeks}"
            message = f"window runs from week {window.from_weeks} to week {window.to_weeks}"
            yield fault(summary, f"{statement.id} window", value, message, "write 0 <= from_weeks <= to_weeks", rule=14)


def names_of_one_summary(context: Context) -> Iterator[Fault]:
    """Yield names that two summaries claim, unless one of them marks it as `related` (rule 17)."""
    owners: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for summary in context.active:
        seen: set[tuple[str, str]] = set()
        for number, synonym in enumerate(summary.synonyms, 1):
            name = " ".join(folded_words(synonym.text))
            if (name, synonym.language) in seen:
                message = f"synonym {shown(synonym.text)} stands twice"
                yield fault(summary, f"synonym[{number}]", synonym.text, message, "keep one of them", rule=17)
            seen.add((name, synonym.language))
            if synonym.kind != "related":
                owners[name].setdefault(file_of(summary), f"synonym[{number}]")
        for language, title in summary.title.items():
            owners[" ".join(folded_words(title))].setdefault(file_of(summary), f"title.{language}")
    for name, files in owners.items():
        first, *others = files
        for file in others:
            message = f"the name {shown(name)} is already that of {first}"
            yield Fault(file, files[file], name, message, 'kind = "related" in one of the two, or another name', rule=17)


def quarantined_phrases(context: Context) -> Iterator[Fault]:
    """Yield texts that hold a term or phrase of the quarantine (rule 17)."""
    phrases = [(phrase, folded_words(phrase.text)) for phrase in context.quarantine.phrases]
    for summary in context.library.summaries:
        for text in texts_of(summary):
            words = folded_words(text.text)
            for phrase, folded in phrases:
                if holds_phrase(words, folded):
                    message = f"text holds the quarantined {shown(phrase.text)} ({phrase.reason})"
                    yield Fault(text.file, text.where, phrase.text, message, "take it out", rule=17)


def own_words(context: Context) -> Iterator[Fault]:
    """Yield texts that share a run of eight words with a seed page (rule 18)."""
    if not context.seed_shingles:
        return
    for text in _own_texts(context):
        copied = next((run for run in runs(text.text) if hashed(run) in context.seed_shingles), None)
        if copied:
            message = f"the words {shown(copied, 80)} also stand in a seed page"
            yield Fault(text.file, text.where, copied, message, "say it in other words", rule=18)


def _own_texts(context: Context) -> Iterator[Text]:
    for summary in context.library.summaries:
        yield from texts_of(summary)
    for statement in context.quarantine.statements:
        yield Text("quarantine", statement.id, statement.text, "en")
    for claim in context.seed_claims or ():
        for text in (claim.claim, claim.accepted):
            yield Text(REGISTER, claim.id, text, "en")
