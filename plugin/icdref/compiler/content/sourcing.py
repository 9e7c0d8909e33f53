"""Rules 7, 8 and the second half of 20: what a statement may rest on, and whether its source can be found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from icdref.compiler.content.context import SEED_PREFIX, Context, fault
from icdref.importers.faults import WARNING, Fault, shown
from icdref.model import ConditionSummary, Source, Statement

_GRADES = "ABCDX"
CEILINGS = {
    "A": ("classification", "guideline", "systematic-review", "trial", "label"),
    "B": ("review", "cohort", "case-control", "textbook"),
    "C": ("case-series", "narrative", "reference-work"),
    "D": ("case-report", "secondary-web", "unattributed-web"),
}
"""The source types that can carry each grade."""

_CEILING_OF_TYPE = {kind: letter for letter, kinds in CEILINGS.items() for kind in kinds}
_FORMS = (
    ("doi", re.compile(r"10\.[0-9]{4,9}/[^\s\"<>]+"), "write it as 10.<registrant>/<suffix>, without an address in front"),
    ("pmid", re.compile(r"[1-9][0-9]{0,8}"), "write the number only"),
    ("pmcid", re.compile(r"PMC[1-9][0-9]{0,9}"), "write it as PMC10688266"),
    ("url", re.compile(r"https?://[^\s\"<>]+"), "write the whole address, starting with https://"),
)
_RELEASE = re.compile(r"\bFY ?[0-9]{4}\b|\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b|\b(?:edition|release|version)s? [0-9]{4}\b")


def lower(*grades: str) -> str:
    """Return the lowest of some grades.

    >>> lower("B", "D", "A")
    'D'
    """
    return max(grades, key=_GRADES.index)


def supported_grade(source: Source) -> str:
    """Return the highest grade that a source can carry: by its type, by what was read of it, by its own ceiling.

    A seed page carries at most D whatever it calls itself.
    """
    if source.quarantine:
        return "X"
    read = "A" if source.read == "full" else "B"
    seed = "D" if source.id.startswith(SEED_PREFIX) else "A"
    return lower(_CEILING_OF_TYPE[source.type], read, seed, source.ceiling or "A")


def grades_within_sources(context: Context) -> Iterator[Fault]:
    """Yield statements and stagings that rest on quarantined, unread or too weak sources (rule 7)."""
    for summary, statement in context.pairs():
        known = [context.sources[source] for source in statement.sources if source in context.sources]
        yield from _unfit_support(summary, statement.id, known)
        yield from _grade_too_high(summary, statement, known)
    for summary in context.library.summaries:
        for staging in summary.stagings:
            known = [context.sources[source] for source in staging.sources if source in context.sources]
            yield from _unfit_support(summary, f"staging {staging.name}", known)
    for source in context.library.sources:
        if source.ceiling and lower(source.ceiling, _CEILING_OF_TYPE[source.type]) != source.ceiling:
            limit = _CEILING_OF_TYPE[source.type]
            message = f"ceiling {shown(source.ceiling)} is above what the type {source.type} allows, {shown(limit)}"
            yield Fault("sources.toml", source.id, source.ceiling, message, "a ceiling only lowers: leave it out", rule=7)


def _unfit_support(summary: ConditionSummary, where: str, known: list[Source]) -> Iterator[Fault]:
    for source in known:
        if supported_grade(source) == "X":
            message = f"source {source.id} is quarantined"
            yield fault(summary, where, source.id, message, "take it out of sources; it may only stand under seeds", rule=7)
    if known and all(source.read == "metadata" for source in known):
        message = f"rests on {_names(known)} alone, of which only metadata was read"
        yield fault(summary, where, _names(known), message, "read the source or add another", rule=7)


def _grade_too_high(summary: ConditionSummary, statement: Statement, known: list[Source]) -> Iterator[Fault]:
    bearing = [source for source in known if source.read != "metadata" and supported_grade(source) != "X"]
    if not bearing or statement.grade not in _GRADES:
        return
    best = min(bearing, key=lambda source: _GRADES.index(supported_grade(source)))
    limit = supported_grade(best)
    if lower(limit, statement.grade) != statement.grade:
        message = f'grade "{statement.grade}" but best source {best.id} supports "{limit}"'
        fix = f'grade = "{limit}" or add {"an" if statement.grade == "A" else "a"} {statement.grade} source'
        yield fault(summary, statement.id, statement.grade, message, fix, rule=7)


def _names(sources: Iterable[Source]) -> str:
    return ", ".join(source.id for source in sources)


def known_sources(context: Context) -> Iterator[Fault]:
    """Yield source ids that do not exist, badly written identifiers, sources no one could find again (rule 8)."""
    for summary, statement in context.pairs():
        yield from _unknown(context, summary, statement.id, statement.sources)
        yield from _unknown(context, summary, f"{statement.id} seeds", (link.id for link in statement.seeds))
    for summary in context.library.summaries:
        for staging in summary.stagings:
            yield from _unknown(context, summary, f"staging {staging.name}", staging.sources)
    for source in context.library.sources:
        yield from _unfindable(source)
    yield from _unused(context)


def _unknown(context: Context, summary: ConditionSummary, where: str, sources: Iterable[str]) -> Iterator[Fault]:
    for source in sources:
        if source not in context.sources:
            message = f"source {shown(source)} is not in sources.toml"
            yield fault(summary, where, source, message, "correct the id or add the source", rule=8)


def _unfindable(source: Source) -> Iterator[Fault]:
    values = {"doi": source.doi, "pmid": source.pmid, "pmcid": source.pmcid, "url": source.url}
    for key, form, fix in _FORMS:
        if values[key] and not form.fullmatch(values[key]):
            message = f"{key} {shown(values[key])} is not well formed"
            yield Fault("sources.toml", source.id, values[key], message, fix, rule=8)
    if source.url and not source.retrieved and not (source.doi or source.pmid or source.pmcid or source.file):
        message = "has only a web address, and not the day it was read"
        yield Fault("sources.toml", source.id, source.url, message, "add retrieved", rule=8)
    findable = any(values.values()) or source.file or source.needs or source.type == "classification"
    if not findable:
        message = "has no doi, pmid, pmcid, url or file"
        yield Fault("sources.toml", source.id, "", message, "add one, or say in needs what is missing", rule=8)


def _unused(context: Context) -> Iterator[Fault]:
    used = {source for _, statement in context.pairs() for source in statement.sources}
    used |= {link.id for _, statement in context.pairs() for link in statement.seeds}
    used |= {source for summary in context.library.summaries for staging in summary.stagings for source in staging.sources}
    for statement in context.quarantine.statements:
        used |= {*statement.sources, *(link.id for link in statement.seeds)}
    for claim in context.seed_claims or ():
        used |= {claim.seed, *claim.sources}
    for source in context.library.sources:
        if source.id not in used:
            message = "is cited by no statement"
            yield Fault("sources.toml", source.id, source.id, message, "cite it or take it out", WARNING, 8)


def named_releases(context: Context) -> Iterator[Fault]:
    """Yield classifications and code bindings that do not say which release was read (rule 20)."""
    cited = {source for _, statement in context.pairs() for source in statement.sources}
    for source in context.library.sources:
        if source.type == "classification" and source.id in cited and not _RELEASE.search(source.citation):
            message = "is a classification, but its citation names no release"
            yield Fault("sources.toml", source.id, source.citation, message, "name the fiscal year (FY2026) or the day", rule=20)
