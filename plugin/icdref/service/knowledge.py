"""What a clinician should know about codes: the summaries that apply, how they were found, and the code's own card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from icdref import codes, issues
from icdref.config import Settings
from icdref.issues import IcdRefError
from icdref.model import ConditionSummary, Kind, Release, Statement
from icdref.results import CodeCard, Knowledge, Lookup, OtherPosition, SummaryView, VersionView
from icdref.service.code_cards import code_card
from icdref.service.matching import Asked, Match, Matcher
from icdref.service.sections import ALWAYS_SHOWN
from icdref.service.stubs import BANNER, Stubs
from icdref.service.summaries import Summaries
from icdref.service.terminology import Terminology
from icdref.service.versions import SummaryVersion, Versions
from icdref.service.views import NO_GAPS, Reader, view
from icdref.store.conditions import ConceptMapStore

_SUPERSEDED = "This is the former version {} of the text; the current one is {}."
MATCH_MODES = ("exact", "hierarchy", "any")
MOST_CODES = 200
"""Codes of one question; a longer problem list is split by the caller."""


class KnowledgeService:
    """Answers questions about conditions from one edition."""

    def __init__(
        self,
        terminology: Terminology,
        summaries: Summaries,
        matcher: Matcher,
        settings: Settings,
        versions: Versions,
        maps: ConceptMapStore | None = None,
        stubs: Stubs | None = None,
    ) -> None:
        self._terminology = terminology
        self._maps = maps
        self.stubs = stubs
        self.summaries = summaries
        self.versions = versions
        self._matcher = matcher
        self._settings = settings

    def for_codes(
        self,
        asked: Sequence[Asked],
        *,
        version: str = "",
        day: date | None = None,
        mode: str = "any",
        reader: Reader | None = None,
        limit: int = 1,
    ) -> Knowledge:
        """Return the answer for one or more codes: a trace each, at most `limit` summaries, the first code's card.

        Raises IcdRefError for an unknown version, a bad mode or more than MOST_CODES codes; an unknown code is an answer.
        """
        if mode not in MATCH_MODES:
            raise IcdRefError(issues.bad_parameter("match", mode, f"it must be {', '.join(MATCH_MODES)}"))
        if len(asked) > MOST_CODES:
            raise IcdRefError(issues.too_many_values("code", MOST_CODES))
        choice = self._terminology.choose(version, day)
        matches = [self._matcher.match(each, choice, version, mode) for each in asked]
        views = self._views(matches, choice.release, reader or Reader(), limit)
        lookup = next((match.lookup for match in matches if match.lookup), None)
        return Knowledge(
            traces=tuple(match.trace for match in matches),
            summaries=views,
            card=self.card_of(lookup, covered=bool(views)) if lookup else None,
            edition=choice.edition,
            issues=tuple(match.problem for match in matches if match.problem),
            cards=self._cards(matches),
        )

    def _cards(self, matches: Sequence[Match]) -> tuple[CodeCard, ...]:
        """Return the card of each code that is known and has no summary, once."""
        alone = {match.trace.normalised: match.lookup for match in matches if match.lookup and not match.trace.summary}
        return tuple(self.card_of(lookup, covered=False) for lookup in alone.values())

    def card(self, code: str) -> CodeCard | None:
        """Return the card of a code, in its canonical spelling, from the release that answers today; None where it has none."""
        found = self._terminology.lookup(code) if code else None
        if not isinstance(found, Lookup) or found.concept.code != code:
            return None
        return self.card_of(found, covered=self._is_covered(found))

    def _is_covered(self, lookup: Lookup) -> bool:
        """Tell whether a summary is bound to a code or to one above it, up to the category."""
        path = [lookup.concept, *(above for above in lookup.ancestors if above.kind not in (Kind.BLOCK, Kind.CHAPTER))]
        return any(self.summaries.bound_to(each.code, exact=level == 0) for level, each in enumerate(path))

    def card_of(self, lookup: Lookup, *, covered: bool) -> CodeCard:
        """Return the card of a code with its maps and, where no summary covers it, the imported definitions."""
        card = code_card(lookup, self._terminology)
        stubs = self.stubs.of(lookup) if self.stubs and not covered else ()
        mappings = self._maps.mappings(codes.ICD10CM, lookup.concept.code) if self._maps else ()
        return replace(card, mappings=mappings, stubs=stubs, stub_banner=BANNER if stubs else "")

    def summary(self, identifier: str, reader: Reader | None = None, version: str = "") -> SummaryView:
        """Return one summary by id. Raises IcdRefError: unknown-resource, or withdrawn-resource when it is no longer served."""
        found = self.summaries.all.get(identifier)
        if found is None:
            raise IcdRefError(issues.unknown_resource("Composition", identifier))
        if not self.is_served(found):
            raise IcdRefError(issues.withdrawn_resource("Composition", identifier, found.replaced_by))
        return self._view(found, self._terminology.choose(version).release, reader or Reader())

    def history(self, identifier: str, reader: Reader | None = None) -> tuple[VersionView, ...]:
        """Return every version of a summary that can be read today, newest first; none where its text is not served."""
        return tuple(self._version_view(each, reader or Reader()) for each in self.versions.of(identifier))

    def version(self, identifier: str, version: str, reader: Reader | None = None) -> VersionView | None:
        """Return one version of a summary, None where it cannot be read: `versions.existed` tells whether it once could."""
        found = self.versions.named(identifier, version)
        return self._version_view(found, reader or Reader()) if found else None

    def _version_view(self, version: SummaryVersion, reader: Reader) -> VersionView:
        shown = self._view(version.summary, self._terminology.choose().release, reader, version)
        return VersionView(shown, version.changed, version.until, version.current)

    def served(self, reader: Reader | None = None) -> tuple[SummaryView, ...]:
        """Return every summary that is served today, by id."""
        release = self._terminology.choose().release
        return tuple(
            self._view(each, release, reader or Reader()) for each in self.summaries.all.values() if self.is_served(each)
        )

    def is_served(self, summary: ConditionSummary) -> bool:
        """Tell whether a summary's text may be shown today."""
        return self.summaries.is_served(summary)

    def _views(self, matches: Sequence[Match], release: Release, reader: Reader, limit: int) -> tuple[SummaryView, ...]:
        primary = [match.trace.summary for match in matches if match.trace.summary]
        also = [identifier for match in matches for identifier in match.trace.also]
        wanted = [self.summaries.all[identifier] for identifier in dict.fromkeys(primary + also)]
        return tuple(self._view(each, release, reader) for each in wanted)[:limit]

    def _view(
        self, summary: ConditionSummary, release: Release, reader: Reader, version: SummaryVersion | None = None
    ) -> SummaryView:
        version = version or self.versions.current(summary.id)
        number = self._terminology.releases.number(release)
        bound = [binding.code for binding in summary.codes if binding.system == codes.ICD10CM]
        displays = {
            code: stored.concept.display for code in bound if (stored := self._terminology.concepts.concept(code, number))
        }
        shown = view(
            summary,
            release,
            self._terminology.releases.edition,
            reader,
            self._terminology.today(),
            displays=displays,
            gated=self._settings.gated_sections,
            gated_notice=self._settings.gated_notice,
            gaps=self.summaries.gaps[summary.id] if version.is_current else NO_GAPS,
        )
        if not version.is_current:
            shown = replace(shown, banner=f"{shown.banner} {_SUPERSEDED.format(version.id, version.current)}".lstrip())
        return replace(shown, opposed=self._opposed(shown, reader), version_id=version.id, changed=version.changed)

    def _opposed(self, shown: SummaryView, reader: Reader) -> dict[str, OtherPosition]:
        """Return the other side of every conflict shown, where the reader may see it."""
        wanted = (
            other
            for section in shown.sections
            for statement in section.statements
            if statement.conflict
            for other in statement.conflict.other
        )
        found = {}
        for identifier in wanted:
            place, statement = self.summaries.statements.get(identifier, ("", None))
            if statement is None or not self.is_served(self.summaries.all[place]) or self._is_gated(statement, reader):
                continue
            sources = tuple(each for each in self.summaries.all[place].sources if each.id in statement.sources)
            found[identifier] = OtherPosition(place, statement, sources)
        return found

    def _is_gated(self, statement: Statement, reader: Reader) -> bool:
        gated = () if reader.full else self._settings.gated_sections
        return statement.section in gated and statement.section not in ALWAYS_SHOWN
