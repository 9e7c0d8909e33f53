"""The releases of ICD-10-CM in an edition as code systems that the terminology engine can open."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from threading import Lock

from icdref import codes
from icdref.issues import IcdRefError
from icdref.results import ReleaseChoice
from icdref.service.search.code_search import CodeSearch
from icdref.service.systems.icd10cm import Icd10cmSystem
from icdref.service.systems.icd10cm_search import Documents
from icdref.service.terminology import Terminology
from icdref.store.trees import Tree, TreeStore

_MOST_TREES, _MOST_OPEN = 3, 6
"""A tree measured 14 MB with its places, a system some 5 MB when everything has been asked of it."""


class Icd10cmSystems:
    """Opens releases. The few that are asked about are kept open, each for the day that its validity is laid over."""

    def __init__(self, terminology: Terminology, search: CodeSearch, trees: TreeStore) -> None:
        self._terminology = terminology
        self._search = search
        self._trees = trees
        self._tree = lru_cache(maxsize=_MOST_TREES)(self._read_tree)
        self._open: dict[tuple[int, str, date], Icd10cmSystem] = {}
        self._opening = Lock()

    def versions(self, url: str) -> tuple[str, ...]:
        """Return the releases, oldest first, where the url is that of ICD-10-CM."""
        if codes.to_system(url) != codes.ICD10CM:
            return ()
        return tuple(release.version for release in self._terminology.releases.all)

    def open(self, url: str, version: str, day: date | None) -> Icd10cmSystem | None:
        """Return a release as it stands on a day; None where it is not installed, or the url is another one."""
        if codes.to_system(url) != codes.ICD10CM:
            return None
        try:
            return self.chosen(self._terminology.choose(version, day))
        except IcdRefError:
            return None

    def chosen(self, choice: ReleaseChoice) -> Icd10cmSystem:
        """Return the release that was chosen for a question."""
        number = self._terminology.releases.number(choice.release)
        found = self._open.get((number, choice.method, choice.day))
        if found is None:
            with self._opening:
                found = self._opened(number, choice)
        return found

    def _opened(self, number: int, choice: ReleaseChoice) -> Icd10cmSystem:
        key = (number, choice.method, choice.day)
        if key in self._open:
            return self._open[key]
        while len(self._open) >= _MOST_OPEN:
            del self._open[next(iter(self._open))]
        tree, documents = self._tree(number)
        self._open[key] = system = Icd10cmSystem(self._terminology, self._search, tree, documents, choice)
        return system

    def _read_tree(self, release: int) -> tuple[Tree, Documents]:
        tree = self._trees.tree(release)
        return tree, Documents(self._search, tree, self._terminology.releases.all[release])
