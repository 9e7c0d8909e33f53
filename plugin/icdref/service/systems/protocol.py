"""What the terminology engine asks of a code system, and of whoever holds code systems and value sets.

The engine expands and validates value sets over anything that answers this: ICD-10-CM in an edition, and code systems that
a request brings along. A concept is known by its ordinal: a whole number from 0, in the system's own stable order (tabular
order for ICD-10-CM, where a branch is one range; order of definition for a CodeSystem resource). Nothing here does I/O
other than reading an edition, and nothing raises for a code that does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from icdref.definitions import (
    CodeSystem,
    ConceptMap,
    Designation,
    Extension,
    Header,
    PropertyDefinition,
    PropertyValue,
    ValueSet,
)
from icdref.expansions import Member
from icdref.issues import Issue
from icdref.service.systems.ordinals import Ordinals


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """What a version of a code system says about itself.

    `content` is FHIR's code (complete, fragment, example, not-present); a code that an incomplete system does not list may
    still be one. `version_needed`: meanings change between versions, so that another version is no substitute.
    `value_set` is the canonical of its implicit value set of all codes. `supplements` are those in effect.
    `hierarchy_meaning` is FHIR's code ('' not said, is-a, grouped-by, part-of, classified-with).
    """

    header: Header
    content: str = "complete"
    case_sensitive: bool = True
    version_needed: bool = False
    hierarchical: bool = False
    value_set: str = ""
    hierarchy_meaning: str = ""
    properties: tuple[PropertyDefinition, ...] = ()
    supplements: tuple[CodeSystem, ...] = ()


@dataclass(frozen=True, slots=True)
class Located:
    """Where a code was found. `code` is the system's own spelling, which may differ from the one asked."""

    ordinal: int
    code: str


@dataclass(frozen=True, slots=True)
class ConceptFacts:
    """What an expansion shows of a concept. `display` is in the system's language, '' where it has none.

    `abstract`: not selectable, a grouper. `status` is the text of its status property ('' where there is none): retired,
    deprecated, experimental …; `inactive` follows from it or stands alone.
    """

    code: str
    display: str
    abstract: bool = False
    inactive: bool = False
    status: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A page of what a text search found, best first; `total` counts all of it."""

    ordinals: tuple[int, ...]
    total: int


class System(Protocol):
    """One version of one code system."""

    @property
    def facts(self) -> SystemFacts:
        """Return what the version says about itself."""

    def __len__(self) -> int:
        """Return the number of concepts, groupers included: ordinals run from 0 to one less."""

    def locate(self, code: str) -> Located | None:
        """Return where a code stands, by the system's own rules of spelling (case, dots); None where it has no such code.

        A code that is valid without having a place in the tree gets an ordinal of its own, past the others.
        """

    def concepts(self, ordinals: Sequence[int]) -> Sequence[ConceptFacts]:
        """Return the facts of some concepts, in the order asked; one call for a page."""

    def definition(self, ordinal: int) -> str:
        """Return the definition of a concept, '' where it has none."""

    def designations(self, ordinal: int) -> tuple[Designation, ...]:
        """Return the texts of a concept beside its display, those of supplements in effect included."""

    def properties(self, ordinal: int) -> tuple[PropertyValue, ...]:
        """Return the properties of a concept as declared; parent and child too where they are listed as properties."""

    def extensions(self, ordinal: int) -> tuple[Extension, ...]:
        """Return the extensions on a concept that an expansion repeats (order, weight, label, rendering); often none."""

    def parents(self, ordinal: int) -> tuple[int, ...]:
        """Return the concepts directly above."""

    def children(self, ordinal: int) -> tuple[int, ...]:
        """Return the concepts directly below, in order."""

    def subsumes(self, above: int, below: int) -> bool:
        """Tell whether `above` is `below` or one of its ancestors."""

    def everything(self) -> Ordinals:
        """Return all concepts that a value set of the whole system has: what can be a code, groupers too if they are codes."""

    def unlisted(self) -> Ordinals:
        """Return the codes that are valid without having a place, past the others: members, but never shown in an expansion."""

    def inactive(self) -> Ordinals:
        """Return the concepts that are not in use (on the day that the system was opened for)."""

    def abstract(self) -> Ordinals:
        """Return the concepts that are not selectable."""

    def filter(self, property_: str, op: str, value: str) -> Ordinals | None:
        """Return the concepts that a filter selects; None where the system does not know the property or operator.

        `op` is FHIR's: is-a, descendent-of, child-of, descendent-leaf, is-not-a, generalizes, =, in, not-in, exists, regex.
        `in` and `not-in` take codes separated by commas. Raises IcdRefError for a value that cannot be right, such as an
        invalid regular expression.
        """

    def search(self, text: str, within: Ordinals, offset: int = 0, count: int | None = None) -> Ranked:
        """Return the concepts of a set that a text finds, best first, in the same order for every `count` (None: all)."""

    def rows(self, ordinals: Sequence[int]) -> Sequence[Member] | None:
        """Return ready-made rows that show nothing but code, display and state; None: they are made one by one."""

    def remarks(self, ordinal: int, asked: str) -> tuple[Issue, ...]:
        """Return what the system itself has to say when this code is validated, beyond what every system says; often nothing.

        Never the standard remarks on case, status, abstract and display: the engine makes those.
        """

    def instead(self, ordinal: int, members: Ordinals) -> Issue | None:
        """Return which members may be meant by a concept that is none, such as those below a header; None: nothing to say."""

    def absent(self, code: str) -> Issue | None:
        """Return the system's own words for a code that it does not have (other releases, suggestions); None: the usual ones."""


class SystemSource(Protocol):
    """Whoever holds code systems: the edition, or the resources of a request."""

    def versions(self, url: str) -> tuple[str, ...]:
        """Return the versions held of a code system, oldest first, '' for one without version; () where it is unknown.

        Other spellings of the url (urn:oid:) are accepted, as in `open`.
        """

    def open(self, url: str, version: str, day: date | None) -> System | None:
        """Return one version as it stands on a day (None: today); None where it is not held.

        '' is the version that answers where nobody names one. Short forms that only this system knows (`2026` for the
        newest release of a fiscal year) are accepted; wildcards are not, the engine resolves them over `versions`.
        """


class ResourceSource(Protocol):
    """Whoever holds value sets, supplements and concept maps. Looking for what is not there finds nothing."""

    def value_sets(self, url: str) -> tuple[ValueSet, ...]:
        """Return the versions held of a value set, oldest first. Implicit value sets are made here, from their url."""

    def answering(self, url: str, version: str, day: date | None) -> ValueSet | None:
        """Return the version of a value set that answers on a day, where this source decides that by more than the version.

        None where it does not hold such a value set: then the newest version that fits is taken from `value_sets`.
        """

    def value_set_by_id(self, id_: str) -> ValueSet | None:
        """Return the value set that `ValueSet/{id}` names."""

    def supplements(self, system: str) -> tuple[CodeSystem, ...]:
        """Return the supplements of a code system, whatever version they are for."""

    def concept_maps(self, url: str) -> tuple[ConceptMap, ...]:
        """Return the versions held of a concept map, oldest first; '' for all concept maps."""
