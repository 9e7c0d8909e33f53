"""The code systems and value sets that the operator imported, as the terminology engine asks for them. Read at first use."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cached_property, cmp_to_key, lru_cache
from typing import Final

from icdref.codes import to_system
from icdref.definitions import CodeSystem, ConceptMap, ValueSet
from icdref.records import code_system_of, value_set_of
from icdref.service.systems.memory import MemorySystem
from icdref.service.systems.protocol import System
from icdref.service.valuesets.versions import compare
from icdref.store.resources import ResourceStore

_MOST_OPEN: Final = 8
_SUPPLEMENT: Final = "supplement"
_IN_ORDER: Final = cmp_to_key(compare)


class ImportedResources:
    """A source of code systems and of value sets; of several versions the newest answers where none is named."""

    def __init__(self, store: ResourceStore) -> None:
        self._store = store
        self._system = lru_cache(maxsize=_MOST_OPEN)(self._opened)

    # --- code systems ------------------------------------------------------------------------------------------------

    def versions(self, url: str) -> tuple[str, ...]:
        """Return the versions of a code system, oldest first."""
        return tuple(each.header.version for each in self._systems.get(to_system(url), ()) if each.content != _SUPPLEMENT)

    def open(self, url: str, version: str, day: date | None) -> System | None:
        """Return a version of a code system; an imported system is the same on every day."""
        del day
        known = self.versions(url)
        if not known or (version and version not in known):
            return None
        return self._system(to_system(url), version or known[-1])

    def _opened(self, url: str, version: str) -> System:
        held = (each for each in self._systems[url] if each.content != _SUPPLEMENT)
        return MemorySystem(next(each for each in held if each.header.version == version))

    @cached_property
    def _systems(self) -> dict[str, list[CodeSystem]]:
        found: dict[str, list[CodeSystem]] = {}
        for _, record in self._store.definitions("CodeSystem"):
            read = code_system_of(record)
            found.setdefault(read.header.url, []).append(read)
        return {url: sorted(held, key=lambda each: _IN_ORDER(each.header.version)) for url, held in found.items()}

    def every_version(self) -> dict[str, tuple[str, ...]]:
        """Return every code system with its versions."""
        return {url: known for url in self._systems if (known := self.versions(url))}

    # --- value sets --------------------------------------------------------------------------------------------------

    def value_sets(self, url: str) -> tuple[ValueSet, ...]:
        """Return the versions of a value set, oldest first."""
        return tuple(self._value_sets.get(url, ()))

    def answering(self, url: str, version: str, day: date | None) -> ValueSet | None:
        """Return None: nothing but the version decides which one answers."""
        del url, version, day
        return None

    def value_set_by_id(self, id_: str) -> ValueSet | None:
        """Return the value set that is served under an id."""
        return next((each for held in self._value_sets.values() for each in held if each.header.id == id_), None)

    def supplements(self, system: str) -> tuple[CodeSystem, ...]:
        """Return the supplements of a code system."""
        every = (each for held in self._systems.values() for each in held if each.content == _SUPPLEMENT)
        return tuple(each for each in every if each.supplements.partition("|")[0] == system)

    def concept_maps(self, url: str) -> tuple[ConceptMap, ...]:
        """Return (): imported concept maps are asked by the translator, element by element."""
        del url
        return ()

    @cached_property
    def _value_sets(self) -> dict[str, list[ValueSet]]:
        found: dict[str, list[ValueSet]] = {}
        for resource, record in self._store.definitions("ValueSet"):
            read = value_set_of(record)
            read = replace(read, content=resource, header=replace(read.header, id=resource["id"]))
            found.setdefault(read.header.url, []).append(read)
        return {url: sorted(held, key=lambda each: _IN_ORDER(each.header.version)) for url, held in found.items()}
