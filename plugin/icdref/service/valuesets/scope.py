"""Everything that one request can refer to: the resources it brings along, then those of the edition.

A scope lives for one request. It opens each code system once, so that two uses of one version are the same object.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from icdref import issues_terminology as texts
from icdref.definitions import CodeSystem, Header, ValueSet
from icdref.issues import IcdRefError, Issue
from icdref.service.systems.memory import MemorySystem
from icdref.service.systems.protocol import ResourceSource, System, SystemSource
from icdref.service.systems.supplemented import Supplemented
from icdref.service.valuesets import versions
from icdref.service.valuesets.options import VersionRule, wanted_version

_Resource = TypeVar("_Resource", CodeSystem, ValueSet)

USABLE: Final = ("complete", "fragment")
"""The contents of a code system that value sets can be evaluated over."""

SUPPLEMENT: Final = "supplement"
"""The content of a resource that adds to a code system and is none itself, even where it has the address of one."""

MOST_STEPS: Final = 3_000_000
MOST_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Supplied:
    """The resources that came with a request."""

    code_systems: tuple[CodeSystem, ...] = ()
    value_sets: tuple[ValueSet, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.code_systems or self.value_sets)


@dataclass(slots=True)
class Budget:
    """What one request may cost; a batch shares one. `clock` is in seconds."""

    steps: int = MOST_STEPS
    seconds: float = MOST_SECONDS
    clock: Callable[[], float] = time.monotonic
    _until: float = field(init=False)

    def __post_init__(self) -> None:
        """Start the clock."""
        self._until = self.clock() + self.seconds

    def spend(self, steps: int = 1) -> None:
        """Take note of work done. Raises IcdRefError (too-costly) when it was too much."""
        self.steps -= steps
        if self.steps < 0 or self.clock() > self._until:
            raise IcdRefError(texts.evaluation_too_costly())


class Scope:
    """What a request can refer to. `stated` are the supplements that it or its value set names."""

    def __init__(
        self,
        systems: Sequence[SystemSource],
        resources: Sequence[ResourceSource],
        supplied: Supplied = Supplied(),
        rules: tuple[VersionRule, ...] = (),
        day: date | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.supplied = supplied
        self.rules = rules
        self.day = day
        self.budget = budget or Budget()
        self.stated: dict[str, None] = {}
        self.used_rules: dict[VersionRule, None] = {}
        self._sources = systems
        self._resources = resources
        self._memory: dict[int, MemorySystem] = {}
        self._supplemented: dict[tuple[int, ...], Supplemented] = {}
        self._opened: dict[tuple[object, ...], System | None] = {}

    @contextmanager
    def ruled_by(self, rules: tuple[VersionRule, ...]) -> Iterator[None]:
        """Look things up by the rules of a value set too, for as long as it is evaluated."""
        before, self.rules = self.rules, rules
        try:
            yield
        finally:
            self.rules = before

    # --- code systems --------------------------------------------------------------------------------------------

    def wanted(self, url: str, version: str) -> str:
        """Return the version of a resource to use: the one given, unless the request decides otherwise."""
        chosen, used = wanted_version(url, version, self.rules)
        self.used_rules |= dict.fromkeys(used)
        return chosen

    def system(self, url: str, version: str = "", *, exactly: bool = False, kinds: Iterable[str] = USABLE) -> System | None:
        """Return a code system, None where it is not held; `exactly` this version, whatever the request says of versions."""
        if not url:
            return None
        chosen = version if exactly else self.wanted(url, version)
        key = (url, chosen, tuple(kinds), tuple(self.stated))
        if key not in self._opened:
            self._opened[key] = self._open(url, chosen, tuple(kinds))
        return self._opened[key]

    def versions(self, url: str) -> tuple[str, ...]:
        """Return the versions that are held of a code system, sorted as text."""
        brought = (each for each in self.supplied.code_systems if each.header.url == url and each.content != SUPPLEMENT)
        found = {each.header.version for each in brought}
        for source in self._sources:
            found |= set(source.versions(url))
        return tuple(sorted(version for version in found if version))

    def refused(self, system: System) -> list[Issue]:
        """Return the errors of a version that does not pass a check of the request, one for each check."""
        return self._refused(system.facts.header)

    def _refused(self, header: Header) -> list[Issue]:
        return [
            texts.version_refused(header.url, header.version, rule.version)
            for rule in self.rules
            if rule.mode == "check"
            and rule.url == header.url
            and not versions.matches(rule.version, header.version, header.version_algorithm)
        ]

    def _open(self, url: str, version: str, kinds: tuple[str, ...]) -> System | None:
        held = self._supplied_system(url, version, kinds)
        found: System | None = None
        if held is not None and held.content == "complete":
            found = self._in_memory(held)
        if found is None:
            found = self._sourced(url, version)
        if found is None and held is not None:
            found = self._in_memory(held)
        if found is None:
            return None
        supplements = self._supplements(url, found.facts.header.version)
        return self._supplement(found, supplements) if supplements else found

    def _supplement(self, system: System, supplements: list[CodeSystem]) -> System:
        """Return a system with supplements, the same object for the same ones."""
        key = (id(system), *(id(each) for each in supplements))
        found = self._supplemented.get(key)
        if found is None:
            found = self._supplemented[key] = Supplemented(system, supplements)
        return found

    def _supplied_system(self, url: str, version: str, kinds: tuple[str, ...]) -> CodeSystem | None:
        """Return the newest version that was brought of a system; one of no use here hides no older one that is."""
        matching = [
            each
            for each in self.supplied.code_systems
            if each.content in kinds
            and url in (each.header.url, each.header.canonical)
            and (not version or versions.matches(version, each.header.version, each.header.version_algorithm))
        ]
        return _latest(matching)

    def _sourced(self, url: str, version: str) -> System | None:
        for source in self._sources:
            if found := source.open(url, version, self.day):
                return found
            if version and (match := versions.newest(v for v in source.versions(url) if versions.matches(version, v))):
                return source.open(url, match, self.day)
        return None

    def _in_memory(self, code_system: CodeSystem) -> MemorySystem:
        key = id(code_system)
        if key not in self._memory:
            self.budget.spend(len(code_system.concepts))
            self._memory[key] = MemorySystem(code_system)
        return self._memory[key]

    # --- supplements ---------------------------------------------------------------------------------------------

    def _supplements(self, url: str, version: str) -> list[CodeSystem]:
        """Return the supplements in effect on a version of a system: those that were named, and every language pack.

        One that is made for another version is not among them; where the system has no version, there is none to differ.
        """
        found: dict[str, CodeSystem] = {}
        for each in self._all_supplements(url):
            header = each.header
            if not each.is_language_pack and header.url not in self.stated and header.canonical not in self.stated:
                continue
            target, _, wanted = each.supplements.partition("|")
            if target == url and (not wanted or not version or versions.matches(wanted, version)):
                found.setdefault(header.canonical, each)
        return list(found.values())

    def _all_supplements(self, url: str) -> list[CodeSystem]:
        brought = [each for each in self.supplied.code_systems if each.supplements]
        return [*brought, *(each for source in self._resources for each in source.supplements(url))]

    # --- value sets ----------------------------------------------------------------------------------------------

    def value_set(self, canonical: str, version: str = "", source: ValueSet | None = None) -> ValueSet | None:
        """Return a value set by its canonical (`#id` inside another one), the newest that fits; None: it is not held."""
        if canonical.startswith("#"):
            inside = source.contained if source else ()
            return next((each for each in inside if each.header.id == canonical[1:]), None)
        url, _, named = canonical.partition("|")
        wanted = version or named
        brought = [each for each in self.supplied.value_sets if each.header.url == url and _fits(each, wanted)]
        if brought:
            return _latest(brought)
        for held in self._resources:
            if answering := held.answering(url, wanted, self.day):
                return answering
            if found := [each for each in held.value_sets(url) if _fits(each, wanted)]:
                return _latest(found)
        return None

    def value_set_by_id(self, id_: str) -> ValueSet | None:
        """Return the value set of an instance-level call, None where there is none."""
        return next((found for source in self._resources if (found := source.value_set_by_id(id_))), None)

    def pinned(self, canonical: str) -> str:
        """Return a reference to a value set with the version that the request wants of it."""
        url, _, version = canonical.partition("|")
        chosen = self.wanted(url, version)
        return f"{url}|{chosen}" if chosen else canonical

    def refused_value_set(self, value_set: ValueSet) -> list[Issue]:
        """Return the errors of a value set whose version does not pass a check-valueset-version of the request."""
        return self._refused(value_set.header)

    def require(self, supplements: Iterable[str]) -> None:
        """Take note of supplements that the request or a value set names; they are in effect from now on."""
        self.stated |= dict.fromkeys(supplements)

    def missing_supplements(self, used: Iterable[System]) -> list[str]:
        """Return the supplements named that none of the systems used has."""
        held = {name for system in used for each in system.facts.supplements for name in (each.header.url, each.header.canonical)}
        return [name for name in self.stated if name not in held]


def _fits(value_set: ValueSet, wanted: str) -> bool:
    header = value_set.header
    return not wanted or versions.matches(wanted, header.version, header.version_algorithm)


def _latest(found: Sequence[_Resource]) -> _Resource | None:
    """Return the newest of some resources with the same address, the last one of those that are equally new."""
    best: _Resource | None = None
    for each in found:
        header = each.header
        if best is None or versions.compare(header.version, best.header.version, header.version_algorithm) >= 0:
            best = each
    return best
