"""The service: everything icdref can answer, from one edition. Immutable, so one request never sees two editions."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime

from icdref.config import Settings
from icdref.model import ValidityHorizon
from icdref.service.knowledge import KnowledgeService
from icdref.service.maps.all_maps import translator
from icdref.service.matching import Matcher
from icdref.service.releases import Releases
from icdref.service.search.code_search import CodeSearch
from icdref.service.stubs import Stubs
from icdref.service.summaries import Summaries
from icdref.service.systems.icd10cm_source import Icd10cmSystems
from icdref.service.systems.implicit_value_sets import ImplicitValueSets
from icdref.service.systems.imported import ImportedResources
from icdref.service.systems.summary_value_sets import SummaryValueSets
from icdref.service.terminology import Terminology
from icdref.service.valuesets.engine import Engine
from icdref.service.versions import Versions
from icdref.store.concepts import ConceptStore
from icdref.store.conditions import ConceptMapStore, ConditionStore
from icdref.store.editions import Edition
from icdref.store.index import INDEX_NAME, Index
from icdref.store.resources import ResourceStore
from icdref.store.search import SearchStore
from icdref.store.stubs import StubStore
from icdref.store.trees import TreeStore
from icdref.store.withdrawals import Withdrawals


def utc_today() -> date:
    """Return the current date in UTC: the same day on every replica."""
    return datetime.now(UTC).date()


class Service:
    """The answers of one edition.

    `terminology` has lookup, validate_code and subsumes; `knowledge` has for_codes and summary; `releases` what is
    installed; `search` finds codes by words; `translator` asks the concept maps; `systems` are the releases as code systems of
    the terminology engine; `resources` what the operator imported; `engine` expands and validates value sets over these and
    over what a request brings. `degraded` says why the edition is not the one that CURRENT names, '' when it is; `unservable` is set when a
    scrub found it damaged and there is no other one to serve. `withdrawals` are the statements hidden for safety; where
    that list is damaged, codes are served and no text is. `since` is when this process began to serve it so.
    """

    def __init__(
        self,
        edition: Edition,
        settings: Settings,
        today: Callable[[], date] = utc_today,
        degraded: str = "",
        withdrawals: Withdrawals | None = None,
    ) -> None:
        index = Index(edition.folder / INDEX_NAME)
        concepts = ConceptStore(index)
        horizon = ValidityHorizon(
            date.fromisoformat(index.meta("validity_first")), date.fromisoformat(index.meta("validity_last"))
        )
        self.since = time.time()
        self.edition = edition
        self.settings = settings
        self.withdrawals = withdrawals or Withdrawals()
        self.degraded = degraded or self.withdrawals.damaged
        self.unservable = False
        self.today = today
        self.concepts = concepts
        self.releases = Releases(concepts.releases(), edition.id)
        self.terminology = Terminology(concepts, self.releases, horizon, today)
        conditions = ConditionStore(index)
        summaries = Summaries(conditions, settings.lowest_status, today, self.withdrawals)
        versions = Versions(conditions, summaries, self.withdrawals)
        maps = ConceptMapStore(index)
        stubs = Stubs(StubStore(index), self.withdrawals.statements)
        matcher = Matcher(self.terminology, summaries, maps)
        self.search = CodeSearch(SearchStore(index), self.terminology)
        self.resources = ResourceStore(index)
        self.translator = translator(self.terminology, summaries, maps, self.resources)
        self.systems = Icd10cmSystems(self.terminology, self.search, TreeStore(index))
        stamp = f"{self.releases.newest.version}T00:00:00Z"
        self.implicit_value_sets = ImplicitValueSets(self.terminology)
        self.imported = ImportedResources(self.resources)
        value_sets = (self.implicit_value_sets, SummaryValueSets(summaries), self.imported)
        self.engine = Engine((self.systems, self.imported), value_sets, stamp, edition.id)
        self.knowledge = KnowledgeService(self.terminology, summaries, matcher, settings, versions, maps, stubs)

    @property
    def state(self) -> str:
        """Return fresh, stale (a newer release is in force than is installed) or degraded (CURRENT could not be served)."""
        if self.degraded:
            return "degraded"
        return "stale" if self.releases.is_stale(self.today()) else "fresh"
