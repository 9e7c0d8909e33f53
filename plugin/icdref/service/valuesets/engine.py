"""The terminology engine: value sets and code systems in general, over what the edition holds and what a request brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from icdref import issues_terminology as texts
from icdref.definitions import ValueSet
from icdref.expansions import CodedValidation, ConceptLookup, Expansion
from icdref.issues import IcdRefError
from icdref.service.systems.protocol import ResourceSource, SystemSource
from icdref.service.valuesets.expansion import expand
from icdref.service.valuesets.lookup import lookup, subsumes
from icdref.service.valuesets.options import Options
from icdref.service.valuesets.scope import Budget, Scope, Supplied
from icdref.service.valuesets.validation import CodedValue, validate_in_system, validate_in_value_set


@dataclass(frozen=True, slots=True)
class ValueSetChoice:
    """Which value set a request is about: one that it brings, the canonical of one, or the id of one."""

    brought: ValueSet | None = None
    canonical: str = ""
    version: str = ""
    id: str = ""


class Engine:
    """Answers for one edition. `stamp` is the timestamp of its expansions, `salt` makes their identifiers its own."""

    def __init__(
        self, systems: Sequence[SystemSource], resources: Sequence[ResourceSource], stamp: str = "", salt: str = ""
    ) -> None:
        self.systems = systems
        self.resources = resources
        self.stamp = stamp
        self.salt = salt

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
        budget: Budget | None = None,
    ) -> CodedValidation:
        """Return whether a value is in a value set. Raises IcdRefError for a value set that is not held or understood."""
        scope = self.scope(supplied, options, budget)
        return validate_in_value_set(scope, value, self._chosen(scope, choice), options)

    def validate_in_system(
        self,
        value: CodedValue,
        url: str,
        version: str,
        supplied: Supplied,
        options: Options,
        budget: Budget | None = None,
    ) -> CodedValidation:
        """Return whether a value is in a code system, '' for that of its first coding."""
        return validate_in_system(self.scope(supplied, options, budget), value, url, version, options)

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
