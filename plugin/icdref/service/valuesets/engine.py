"""The terminology engine: value sets and code systems in general, over what the edition holds and what a request brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from icdref import issues_terminology as texts
from icdref.definitions import ValueSet
from icdref.expansions import CodedValidation, ConceptLookup, Expansion
from icdref.issues import IcdRefError
from icdref.service.systems.protocol import ResourceSource, SystemSource
from icdref.service.valuesets.expansion import expand
from icdref.service.valuesets.lookup import lookup, subsumes
from icdref.service.valuesets.options import Options
from icdref.service.valuesets.scope import Budget, Scope, Supplied
from icdref.service.valuesets.validation import (
    CodedValue,
    Readied,
    named_system,
    ready_system,
    ready_value_set,
    without_system,
)


@dataclass(frozen=True, slots=True)
class ValueSetChoice:
    """Which value set a request is about: one that it brings, the canonical of one, or the id of one."""

    brought: ValueSet | None = None
    canonical: str = ""
    version: str = ""
    id: str = ""


@dataclass(slots=True)
class Sitting:
    """What the validations of one request share: the budget, and value sets made ready once.

    `kept` holds on to the objects whose identities are in the keys.
    """

    budget: Budget = field(default_factory=Budget)
    readied: dict[tuple[object, ...], Readied] = field(default_factory=dict)
    kept: list[object] = field(default_factory=list)

    def keep(self, key: tuple[object, ...], readied: Readied, *objects: object) -> None:
        """Keep a value set that was made ready for the objects in its key."""
        self.readied[key] = readied
        self.kept += objects


class Engine:
    """Answers for one edition. `stamp` is the timestamp of its expansions, `salt` makes their identifiers its own."""

    def __init__(
        self, systems: Sequence[SystemSource], resources: Sequence[ResourceSource], stamp: str = "", salt: str = ""
    ) -> None:
        self.systems = systems
        self.resources = resources
        self.stamp = stamp
        self.salt = salt

    def holds_value_set(self, value_set_id: str) -> bool:
        """Tell whether a value set is held under an id."""
        return any(source.value_set_by_id(value_set_id) for source in self.resources)

    def scope(self, supplied: Supplied, options: Options, budget: Budget | None = None) -> Scope:
        """Return what a request can refer to."""
        return Scope(self.systems, self.resources, supplied, options.rules, options.day, budget)

    def expand(self, choice: ValueSetChoice, supplied: Supplied, options: Options) -> Expansion:
        """Return a value set expanded. Raises IcdRefError for what is not held or understood, or is too costly."""
        scope = self.scope(supplied, options)
        return expand(scope, self._chosen(scope, choice), options, self.stamp, self.salt)

    def validate_in_value_set(
        self,
        value: CodedValue,
        choice: ValueSetChoice,
        supplied: Supplied,
        options: Options,
        sitting: Sitting | None = None,
    ) -> CodedValidation:
        """Return whether a value is in a value set. Raises IcdRefError for a value set that is not held or understood."""
        sitting = sitting or Sitting()
        key = (choice.canonical, choice.version, choice.id, id(choice.brought), id(supplied), options)
        readied = sitting.readied.get(key)
        if readied is None:
            scope = self.scope(supplied, options, sitting.budget)
            readied = ready_value_set(scope, self._chosen(scope, choice), options)
            sitting.keep(key, readied, supplied, choice)
        return readied.answer(value)

    def validate_in_system(
        self,
        value: CodedValue,
        url: str,
        version: str,
        supplied: Supplied,
        options: Options,
        sitting: Sitting | None = None,
    ) -> CodedValidation:
        """Return whether a value is in a code system, '' for that of its first coding."""
        sitting = sitting or Sitting()
        named = named_system(value, url, version)
        if not named[0]:
            return without_system(self.scope(supplied, options, sitting.budget), value)
        key = (*named, id(supplied), options)
        readied = sitting.readied.get(key)
        if readied is None:
            readied = ready_system(self.scope(supplied, options, sitting.budget), *named, options)
            sitting.keep(key, readied, supplied)
        return readied.answer(value)

    def holds(self, url: str, supplied: Supplied) -> bool:
        """Tell whether a code system is held, in whatever version."""
        brought = any(each.header.url == url for each in supplied.code_systems)
        return brought or any(source.versions(url) for source in self.systems)

    def lookup(self, url: str, version: str, code: str, supplied: Supplied, options: Options) -> ConceptLookup:
        """Return what a code system says about a code. Raises IcdRefError where it, or the code, is not held."""
        return lookup(self.scope(supplied, options), url, version, code, options)

    def subsumes(self, url: str, version: str, codes: tuple[str, str], supplied: Supplied, options: Options) -> str:
        """Return how the first of two codes stands to the second."""
        return subsumes(self.scope(supplied, options), url, version, *codes)

    @staticmethod
    def _chosen(scope: Scope, choice: ValueSetChoice) -> ValueSet:
        if choice.brought is not None:
            return choice.brought
        if choice.id:
            found = scope.value_set_by_id(choice.id)
            if found is None:
                raise IcdRefError(texts.value_set_not_found(f"ValueSet/{choice.id}"))
            return found
        url, _, named = choice.canonical.partition("|")
        version = scope.wanted(url, choice.version or named)
        found = scope.value_set(url, version)
        if found is None:
            raise IcdRefError(texts.value_set_not_found(f"{url}|{version}" if version else url))
        return found
