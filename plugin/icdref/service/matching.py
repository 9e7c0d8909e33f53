"""Which summary answers a code, and the trace that says how it was reached."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from icdref import codes, issues
from icdref.issues import Issue
from icdref.model import Concept, ConceptMapping, Kind, NoteKind
from icdref.results import Lookup, MatchTrace, NoSuchCode, ReleaseChoice, Step
from icdref.service.code_cards import code_card
from icdref.service.summaries import Summaries
from icdref.service.terminology import Terminology
from icdref.store.conditions import ConceptMapStore

_RANGE = re.compile(r"\A(?P<first>[^-]+)-(?P<last>[^-]+)\Z")


@dataclass(frozen=True, slots=True)
class Asked:
    """One code (or text) that a caller wants to know about; `others` say the same in other codes, for when it leads nowhere."""

    code: str = ""
    system: str = ""
    text: str = ""
    others: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """The outcome for one asked code: its trace, and its lookup where it is a known code."""

    trace: MatchTrace
    lookup: Lookup | None = None
    problem: Issue | None = None


@dataclass(slots=True)
class _Search:
    """What is known while one code is being matched."""

    asked: Asked
    system: str
    choice: ReleaseChoice
    steps: list[Step] = field(default_factory=list)
    mapped_from: str = ""
    quality: str = ""

    def tried(self, method: str, code: str, *, hit: bool, system: str = codes.ICD10CM) -> bool:
        """Note a step and return whether it hit."""
        self.steps.append(Step(method, system, code, hit))
        return hit


class Matcher:
    """Finds summaries for codes: exact, then the nearest bound ancestor, through maps, then by name; never by guessing."""

    def __init__(self, terminology: Terminology, summaries: Summaries, maps: ConceptMapStore) -> None:
        self._terminology = terminology
        self._summaries = summaries
        self._maps = maps

    def match(self, asked: Asked, choice: ReleaseChoice, version: str, mode: str) -> Match:
        """Return the match of one asked code. `mode` is exact, hierarchy or any; `choice` the release that answers.

        Of several codes that say the same, the first that leads to a summary is taken, else the first that is known.
        """
        matches: list[Match] = []
        for each in (asked, *asked.others):
            matches.append(self._match_one(each, choice, version, mode))
            if matches[-1].trace.summary:
                break
        taken = next((each for each in matches if each.trace.summary), None) or next(
            (each for each in matches if each.lookup), matches[0]
        )
        if len(matches) == 1:
            return taken
        return replace(taken, trace=replace(taken.trace, steps=tuple(step for each in matches for step in each.trace.steps)))

    def _match_one(self, asked: Asked, choice: ReleaseChoice, version: str, mode: str) -> Match:
        system = codes.to_system(asked.system) if asked.system else codes.ICD10CM
        search = _Search(asked, system, choice)
        if not asked.code:
            return self._by_text(search, mode)
        if system == codes.ICD10CM:
            return self._in_icd10cm(search, asked.code, version, mode)
        return self._mapped(search, version, mode)

    # --- ICD-10-CM ---------------------------------------------------------------------------------------------------

    def _in_icd10cm(self, search: _Search, code: str, version: str, mode: str) -> Match:
        day = search.choice.day if search.choice.method == "date" else None
        found = self._terminology.lookup(code, codes.ICD10CM, version, day)
        if isinstance(found, NoSuchCode):
            return self._unknown(search, found, version, mode)
        hit = self._nearest(search, found, mode)
        if hit is None:
            named = self._by_text(search, mode) if search.asked.text else None
            if named and named.trace.summary:
                return named
            return Match(self._trace(search, found, "no-summary", "none"), found)
        identifier, bound, levels = hit
        relation = "mapped" if search.mapped_from else "exact" if levels == 0 else "inherited"
        trace = self._trace(search, found, "found", relation, identifier, bound, levels)
        return Match(replace(trace, also=self._also(found, identifier)), found)

    def _nearest(self, search: _Search, found: Lookup, mode: str) -> tuple[str, Concept, int] | None:
        """Return (summary id, the concept it is bound to, levels up), nearest first, up to the category."""
        levels = [found.concept] if mode == "exact" else [found.concept, *found.ancestors]
        for level, concept in enumerate(levels):
            if concept.kind in (Kind.BLOCK, Kind.CHAPTER) and level:
                break
            bound = self._summaries.bound_to(concept.code, exact=level == 0)
            method = "ancestor" if level else "exact"
            if bound and level and self._excluded(found.concept, self._terminology.noted_above(found)):
                search.tried(method, concept.code, hit=False)
                continue
            if search.tried(method, concept.code, hit=bool(bound)):
                return bound[0], concept, level
        return None

    @staticmethod
    def _excluded(concept: Concept, above: Iterable[Concept]) -> bool:
        """Tell whether a concept is named in an Excludes1 note of one of the concepts above it, on the way or further up."""
        cited = (code for each in above for note in each.notes if note.kind is NoteKind.EXCLUDES1 for code in note.codes)
        return any(covers(code, concept.code) for code in cited)

    def _also(self, found: Lookup, primary: str) -> tuple[str, ...]:
        levels = (found.concept, *found.ancestors)
        context = (
            identifier
            for level, concept in enumerate(levels)
            for identifier in self._summaries.in_context_of(concept.code, exact=level == 0)
        )
        return tuple(dict.fromkeys(identifier for identifier in context if identifier != primary))

    def _unknown(self, search: _Search, found: NoSuchCode, version: str, mode: str) -> Match:
        """Follow a deleted code to its one successor; several are listed and none is picked."""
        successors = (
            self._terminology.successors(found.code) if found.issue.detail == "code-not-in-release" and mode != "exact" else ()
        )
        for successor in successors:
            search.tried("successor", successor, hit=len(successors) == 1)
        if len(successors) == 1:  # at the end of its chain: it has no successor itself
            followed = f"{found.issue.text}; its one successor {successors[0]} was followed"
            search.mapped_from = search.mapped_from or found.code
            search.quality = f"{search.quality}. {followed}" if search.quality else followed
            return self._in_icd10cm(search, successors[0], version, mode)
        if not successors:
            search.tried("exact", found.code or found.asked, hit=False)
        if mode == "any" and search.asked.text:
            named = self._by_text(search, mode)
            if named.trace.summary:
                return named
        return Match(self._plain_trace(search, found.code, "unknown-code", (found.issue,)), problem=found.issue)

    # --- other code systems ------------------------------------------------------------------------------------------

    def _mapped(self, search: _Search, version: str, mode: str) -> Match:
        asked, system = search.asked, search.system
        code = asked.code.strip()
        if mode == "exact":
            return self._wrong_system(search)
        named = self._equivalents(search, code)
        if len(named) == 1:
            return self._through_equivalent(search, code, named[0])
        rows = () if system != codes.ICD9CM else self._icd9cm_rows(code)
        targets = tuple(dict.fromkeys(row.target for row in rows if row.target))
        if len(targets) == 1:
            search.tried("map", targets[0], hit=True)
            quality = "approximate" if rows[0].approximate else "exact"
            search.mapped_from, search.quality = (
                code,
                f"{code} was mapped to {targets[0]} by the general equivalence mappings {self._maps_of(system)} ({quality})",
            )
            return self._in_icd10cm(search, targets[0], version, mode)
        if targets:
            for target in targets:
                search.tried("map", target, hit=False)
            listed = ", ".join(targets[:12])
            notice = f"The general equivalence mappings {self._maps_of(system)} lead from {code} to several codes, none of which is picked: {listed}"
            return Match(self._plain_trace(search, "", "no-summary", (), notice))
        if named:
            notice = f"Several summaries name {code} as an equivalent of their codes, none of which is picked: {', '.join(named)}"
            return Match(self._plain_trace(search, "", "no-summary", (), notice))
        if self._knows(system):
            problem = issues.unmapped_code(code, system)
            return Match(self._plain_trace(search, "", "unknown-code", (problem,)), problem=problem)
        return self._wrong_system(search)

    def _equivalents(self, search: _Search, code: str) -> tuple[str, ...]:
        """Return the ids of the summaries that name the code; it decides only when it is one."""
        for spelling in dict.fromkeys((code.upper(), codes.with_dot_of(search.system, code.upper()))):
            named = self._summaries.equivalent_to(search.system, spelling)
            search.tried("map", spelling, hit=len(named) == 1, system=search.system)
            if named:
                return named
        return ()

    def _icd9cm_rows(self, code: str) -> tuple[ConceptMapping, ...]:
        return self._maps.mappings(codes.ICD9CM, codes.with_dot_of(codes.ICD9CM, code.upper()))

    def _maps_of(self, system: str) -> str:
        origin = self._maps.origin(system)
        return f"of {origin}" if origin.isdigit() else "that the operator imported"

    def _knows(self, system: str) -> bool:
        return system == codes.ICD9CM or system in self._summaries.systems()

    def _wrong_system(self, search: _Search) -> Match:
        problem = issues.wrong_system(search.asked.code, search.asked.system)
        return Match(self._plain_trace(search, "", "wrong-system", (problem,)), problem=problem)

    def _through_equivalent(self, search: _Search, code: str, identifier: str) -> Match:
        summary = self._summaries.all[identifier]
        notice = f"{code} of {search.system} is named by this summary as an equivalent, exact or approximate, of its codes"
        trace = MatchTrace(
            requested_system=search.asked.system,
            requested=search.asked.code,
            normalised="",
            display="",
            release=search.choice.release.version,
            edition=search.choice.edition,
            steps=tuple(search.steps),
            outcome="found",
            relation="mapped",
            summary=identifier,
            summary_version=summary.version,
            bound_code=next((each.code for each in summary.codes if each.role == "focus" and each.system == codes.ICD10CM), ""),
            notice=notice,
        )
        return Match(trace)

    # --- names -------------------------------------------------------------------------------------------------------

    def _by_text(self, search: _Search, mode: str) -> Match:
        text = search.asked.text
        named = self._summaries.named(text) if mode == "any" and text else ()
        if text and mode == "any":
            search.tried("synonym", text, hit=len(named) == 1, system="")
        if len(named) != 1:
            return Match(self._plain_trace(search, "", "no-summary", ()))
        summary = self._summaries.all[named[0]]
        trace = self._plain_trace(search, "", "found", (), f"Found by the name '{text}', not by a code")
        bound = next((each.code for each in summary.codes if each.role == "focus" and each.system == codes.ICD10CM), "")
        return Match(replace(trace, relation="text", summary=summary.id, summary_version=summary.version, bound_code=bound))

    # --- traces ------------------------------------------------------------------------------------------------------

    def _plain_trace(self, search: _Search, code: str, outcome: str, problems: tuple[Issue, ...], notice: str = "") -> MatchTrace:
        return MatchTrace(
            requested_system=search.asked.system or (codes.ICD10CM if search.asked.code else ""),
            requested=search.asked.code or search.asked.text,
            normalised=code,
            display="",
            release=search.choice.release.version,
            edition=search.choice.edition,
            steps=tuple(search.steps),
            outcome=outcome,
            relation="none",
            notice=notice or "; ".join(problem.text for problem in problems),
            issues=problems,
        )

    def _trace(
        self,
        search: _Search,
        found: Lookup,
        outcome: str,
        relation: str,
        summary: str = "",
        bound: Concept | None = None,
        levels: int = 0,
    ) -> MatchTrace:
        version = self._summaries.all[summary].version if summary else ""
        notices = [search.quality] if search.quality else []
        if bound and levels:
            up = f"{levels} level{'s' if levels > 1 else ''} up"
            notices.append(
                f"No summary is written for {found.concept.code} alone; this one is about {bound.code} '{bound.display}', {up}"
            )
        if outcome == "no-summary":
            follows = "what the code set says about it follows"
            unserved = self._summaries.unserved([found.concept.code, *(above.code for above in found.ancestors)])
            notices.append(f"{unserved or f'There is no condition summary for {found.concept.code}'}; {follows}")
        return MatchTrace(
            requested_system=search.asked.system or codes.ICD10CM,
            requested=search.asked.code or search.asked.text,
            normalised=found.concept.code,
            display=found.concept.display,
            release=search.choice.release.version,
            edition=search.choice.edition,
            steps=tuple(search.steps),
            outcome=outcome,
            relation=relation,
            summary=summary,
            summary_version=version,
            bound_code=bound.code if bound else "",
            notice=". ".join(notices) + "." if notices else "",
            advice=code_card(found, self._terminology).facts,
            issues=(*found.issues, *found.choice.issues),
        )


def covers(cited: str, code: str) -> bool:
    """Tell whether a reference as notes write it covers a code: `M65.2-`, `M75.3`, `E10-E14`.

    >>> covers("M65.2-", "M65.221"), covers("M75.3", "M75.4"), covers("E10-E14", "E11.9")
    (True, False, True)
    """
    if match := _RANGE.match(cited):
        first, last = match["first"], match["last"]
        return first <= code[: len(first)] and code[: len(last)] <= last
    stem = cited.rstrip("-").rstrip(".")
    return code == stem or (code.startswith(stem) and (len(stem) > 3 or code[3:4] == "."))
