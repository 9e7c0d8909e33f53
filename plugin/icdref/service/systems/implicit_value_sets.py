"""The value sets that ICD-10-CM has without anybody defining them, found by their url or id, one version for each release.

http://hl7.org/fhir/sid/icd-10-cm?fhir_vs            every code (the same under …/icd-10-cm/vs)
http://hl7.org/fhir/sid/icd-10-cm?fhir_vs=isa/M61    a code, block or chapter and every code below it
http://hl7.org/fhir/sid/icd-10-cm?fhir_vs=billable   every code that a claim may carry
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Final

from icdref import codes
from icdref.definitions import CodeSystem, Compose, ConceptMap, ConceptSet, Filter, Header, ValueSet
from icdref.issues import IcdRefError
from icdref.model import Release
from icdref.service.terminology import Terminology

EVERY_CODE: Final = f"{codes.ICD10CM}?fhir_vs"
ALIAS: Final = f"{codes.ICD10CM}/vs"
BILLABLE: Final = f"{EVERY_CODE}=billable"
_IS_A: Final = f"{EVERY_CODE}=isa/"
_ID: Final = "icd-10-cm"
_IS_A_ID: Final = f"{_ID}-isa-"
_SELECTABLE: Final = Filter("notSelectable", "=", "false")


class ImplicitValueSets:
    """Makes implicit value sets from their urls; those of all codes and of billable codes can also be listed."""

    def __init__(self, terminology: Terminology) -> None:
        self._terminology = terminology
        self._releases = terminology.releases
        self._concepts = terminology.concepts
        self._made = lru_cache(maxsize=1024)(self._make)
        self._unpinned = lru_cache(maxsize=1024)(self._make_unpinned)

    def value_sets(self, url: str) -> tuple[ValueSet, ...]:
        """Return the versions of an implicit value set, oldest first; none where the url is none of ours."""
        if not url.startswith(codes.ICD10CM):
            return ()
        return tuple(found for release in self._releases.all if (found := self._of(url, release)))

    def answering(self, url: str, version: str, day: date | None) -> ValueSet | None:
        """Return the version for a release, else for the release in force on a day, with validity laid over that day."""
        if not url.startswith(codes.ICD10CM):
            return None
        try:
            choice = self._terminology.choose(version, day)
        except IcdRefError:
            return None
        return self._of(url, choice.release) if version else self._unpinned(url, self._releases.number(choice.release))

    def value_set_by_id(self, id_: str) -> ValueSet | None:
        """Return the implicit value set with an id such as icd-10-cm-isa-M61-2026-04-01."""
        for release in self._releases.all:
            name = id_.removesuffix(f"-{release.version}")
            if name == id_:
                continue
            url = {f"{_ID}": EVERY_CODE, f"{_ID}-billable": BILLABLE, f"{_ID}-vs": ALIAS}.get(name)
            if url is None and name.startswith(_IS_A_ID):
                url = _IS_A + name.removeprefix(_IS_A_ID)
            found = self._of(url, release) if url else None
            return found if found and found.header.id == id_ else None
        return None

    def listed(self) -> tuple[ValueSet, ...]:
        """Return those that do not depend on a code, for every release."""
        return tuple(found for url in (EVERY_CODE, ALIAS, BILLABLE) for found in self.value_sets(url))

    def supplements(self, system: str) -> tuple[CodeSystem, ...]:
        """Return (): the edition supplements nothing."""
        del system
        return ()

    def concept_maps(self, url: str) -> tuple[ConceptMap, ...]:
        """Return (): the concept maps of the edition answer by themselves."""
        del url
        return ()

    def _of(self, url: str, release: Release) -> ValueSet | None:
        return self._made(url, self._releases.number(release))

    def _make_unpinned(self, url: str, number: int) -> ValueSet | None:
        """Return a value set that names no version of the code system: then the day of the request decides."""
        found = self._made(url, number)
        if found is None or found.compose is None:
            return found
        include = tuple(replace(part, version="") for part in found.compose.include)
        return replace(found, compose=replace(found.compose, include=include))

    def _make(self, url: str, number: int) -> ValueSet | None:
        release = self._releases.all[number]
        if url in (EVERY_CODE, ALIAS):
            alias = "-vs" if url == ALIAS else ""
            return _value_set(url, f"{_ID}{alias}-{release.version}", "all codes", release, ())
        if url == BILLABLE:
            return _value_set(url, f"{_ID}-billable-{release.version}", "billable codes", release, (("billable", "=", "true"),))
        if not url.startswith(_IS_A):
            return None
        code = codes.normalise(url.removeprefix(_IS_A))
        stored = self._concepts.concept(code, number) if code else None
        if stored is None:
            return None
        found = _value_set(
            f"{_IS_A}{stored.concept.code}",
            f"{_IS_A_ID}{stored.concept.code}-{release.version}",
            f"{stored.concept.code} {stored.concept.display} and every code below it",
            release,
            (("concept", "is-a", stored.concept.code),),
        )
        if stored.concept.kind in ("chapter", "block") and found.compose:
            include = replace(found.compose.include[0], filters=(*found.compose.include[0].filters, _SELECTABLE))
            return replace(found, compose=replace(found.compose, include=(include,)))
        return found


def _value_set(url: str, id_: str, what: str, release: Release, filters: tuple[tuple[str, str, str], ...]) -> ValueSet:
    title = f"ICD-10-CM {release.version}: {what}"
    header = Header(url, release.version, "".join(part.capitalize() for part in id_.replace(".", "-").split("-")), title, id=id_)
    include = ConceptSet(codes.ICD10CM, release.version, filters=tuple(Filter(*each) for each in filters))
    return ValueSet(replace(header, publisher=release.publisher), Compose(include=(include,)))
