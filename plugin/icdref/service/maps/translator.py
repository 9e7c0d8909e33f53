"""`$translate`: every map that may know a code is asked, and the answers stand side by side, each with its source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from icdref import codes, issues_maps
from icdref.canonicals import split_canonical
from icdref.issues import IcdRefError, Issue
from icdref.results import ReleaseChoice
from icdref.service.maps.spelling import spelt, system_of
from icdref.service.terminology import Terminology
from icdref.translations import CodeMap, Mapped, Match, Question, Target, Translation

_WHOLE = ("?fhir_vs", "/vs")
"""What stands behind the URI of a code system in the URIs of the value set of all its codes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What may answer: a map by url (with version), the scopes and the code system of the target; '' for any.

    `depends` are the values that rows may depend on, by attribute. `reverse`: what leads to the code, not from it.
    """

    url: str = ""
    version: str = ""
    source_scope: str = ""
    target_scope: str = ""
    target_system: str = ""
    depends: tuple[tuple[str, str], ...] = ()
    reverse: bool = False


class Translator:
    """Asks the maps of an edition; a request may bring maps of its own, which are asked first."""

    def __init__(self, terminology: Terminology, maps: Iterable[CodeMap]) -> None:
        self._terminology = terminology
        self.maps = tuple(maps)

    def translate(
        self,
        codings: Sequence[Mapped],
        wanted: Wanted,
        *,
        version: str = "",
        day: date | None = None,
        more: Sequence[CodeMap] = (),
    ) -> Translation:
        """Return the translations of one code, or of several that say the same, in order.

        Raises IcdRefError for an unknown map or release. A code that no map has is an answer: `result` is false.
        """
        choice = self._terminology.choose(version, day)
        maps = self._chosen(wanted, (*more, *self.maps))
        matches: list[Match] = []
        issues: list[Issue] = []
        for coding in codings:
            found, said = self._asked(coding, wanted, choice, maps)
            matches += found
            issues += said
        result = any(match.target.is_match for match in matches)
        if not result and not issues:
            issues = [issues_maps.no_translation(each.code, each.system, wanted.target_system) for each in codings]
        return Translation(result, tuple(dict.fromkeys(matches)), choice, (*choice.issues, *dict.fromkeys(issues)))

    def only(self, *maps: CodeMap) -> Translator:
        """Return a translator that asks these maps and no others."""
        return Translator(self._terminology, maps)

    def of_id(self, identifier: str) -> CodeMap | None:
        """Return the map with an id, None where there is none."""
        return next((each for each in self.maps if each.card.id == identifier), None)

    def _chosen(self, wanted: Wanted, maps: Sequence[CodeMap]) -> list[CodeMap]:
        url, version = split_canonical(wanted.url)
        version = version or wanted.version
        named = [each for each in maps if not url or url in (each.card.url, f"ConceptMap/{each.card.id}")]
        chosen = [each for each in named if not version or not url or each.card.version == version]
        if url and not chosen:
            known = sorted(f"{each.card.url}|{each.card.version}" for each in (named or maps) if each.card.url)
            raise IcdRefError(issues_maps.unknown_map(f"{url}|{version}" if version else url, known))
        return [each for each in chosen if _fits(each, wanted)]

    def _asked(
        self, coding: Mapped, wanted: Wanted, choice: ReleaseChoice, maps: Iterable[CodeMap]
    ) -> tuple[list[Match], list[Issue]]:
        system = system_of(coding.system) if coding.system else codes.ICD10CM
        question = Question(replace(coding, system=system, code=spelt(system, coding.code)), choice, wanted.reverse)
        matches: list[Match] = []
        issues: list[Issue] = []
        target = system_of(wanted.target_system) if wanted.target_system else _system_of_scope(wanted.target_scope)
        for each in maps:
            found = each.find(question)
            kept = [row for row in found.targets if _is_wanted(row, target, wanted.depends)]
            matches += (Match(row, each.card) for row in kept)
            if kept or (found.issues and not found.targets):
                issues += found.issues
                issues += self._ended(kept, choice)
        return matches, issues

    def _ended(self, targets: Iterable[Target], choice: ReleaseChoice) -> Iterator[Issue]:
        """Yield a warning for each ICD-10-CM code that a map leads to and the release has not."""
        number = self._terminology.releases.number(choice.release)
        for code in dict.fromkeys(each.concept.code for each in targets if each.concept and each.concept.system == codes.ICD10CM):
            if not self._terminology.concepts.concept(code, number) and not self._is_new(code, choice):
                yield issues_maps.target_ended(code, choice.release.version, self._terminology.successors(code))

    def _is_new(self, code: str, choice: ReleaseChoice) -> bool:
        validity = self._terminology.concepts.validity(code)
        return validity is not None and validity.valid_from > choice.release.effective_from and validity.valid_from <= choice.day


def _fits(each: CodeMap, wanted: Wanted) -> bool:
    """Tell whether a map's scopes are those asked for; the value set of all codes of a system is that system."""
    source, target = each.card.scopes
    ends = each.ends()
    if wanted.reverse:
        source, target, ends = target, source, tuple((second, first) for first, second in ends)
    return _in_scope(wanted.source_scope, source, {first for first, _ in ends}) and _in_scope(
        wanted.target_scope, target, {second for _, second in ends}
    )


def _in_scope(asked: str, scope: str, systems: Iterable[str]) -> bool:
    url = split_canonical(asked)[0]
    return not url or url == split_canonical(scope)[0] or _system_of_scope(asked) in set(systems)


def _system_of_scope(scope: str) -> str:
    url = split_canonical(scope)[0]
    return next((system_of(url.removesuffix(end)) for end in _WHOLE if url.endswith(end)), "")


def _is_wanted(row: Target, system: str, depends: Sequence[tuple[str, str]]) -> bool:
    given = dict(depends)
    if any(attribute in given and given[attribute] != value for attribute, value in row.depends):
        return False
    return not system or row.concept is None or system_of(row.concept.system) == system
