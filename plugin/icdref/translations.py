"""The words of translation: what a concept map says about a code, and the complete answer of `$translate`.

Relationships are spelt as R4 spells them (ConceptMapEquivalence), which tells more apart than R5 does; `fhir/` says the R5
word for each. A relationship is read from the source: `wider` means that the target is wider.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from icdref.issues import Issue
from icdref.results import ReleaseChoice

EQUIVALENT: Final = "equivalent"
RELATED: Final = "relatedto"
INEXACT: Final = "inexact"
WIDER: Final = "wider"
NARROWER: Final = "narrower"
UNMATCHED: Final = "unmatched"
DISJOINT: Final = "disjoint"

R5_OF_R4: Final = {
    RELATED: "related-to",
    INEXACT: "related-to",
    EQUIVALENT: "equivalent",
    "equal": "equivalent",
    WIDER: "source-is-narrower-than-target",
    "subsumes": "source-is-narrower-than-target",
    NARROWER: "source-is-broader-than-target",
    "specializes": "source-is-broader-than-target",
    UNMATCHED: "not-related-to",
    DISJOINT: "not-related-to",
}
"""ConceptMapEquivalence (R4) -> ConceptMapRelationship (R5)."""

EQUIVALENCES: Final = frozenset(R5_OF_R4)
R4_OF_R5: Final = {
    "related-to": RELATED,
    "equivalent": EQUIVALENT,
    "source-is-narrower-than-target": WIDER,
    "source-is-broader-than-target": NARROWER,
    "not-related-to": DISJOINT,
}
"""ConceptMapRelationship (R5) -> the ConceptMapEquivalence (R4) that says as much."""

REVERSED: Final = {WIDER: NARROWER, NARROWER: WIDER, "subsumes": "specializes", "specializes": "subsumes"}
"""What a relationship is when it is read from the target; those left out stay the same."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A code of a code system, with its title where we have it."""

    system: str
    code: str
    display: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """A code that belongs to a translation beside its main code; those with the same attribute are alternatives.

    `attribute` is the URI of the part that the code plays; `value` is text where the map gives no code.
    """

    attribute: str
    concept: Mapped | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """One row of a map for one source code; `concept` is None where the map says that there is no target.

    `depends` are (attribute, value) pairs that must hold for the row to apply.
    """

    relationship: str
    concept: Mapped | None
    products: tuple[Product, ...] = ()
    comment: str = ""
    depends: tuple[tuple[str, str], ...] = ()

    @property
    def is_match(self) -> bool:
        """Tell whether the row leads anywhere."""
        return self.concept is not None and self.relationship not in (UNMATCHED, DISJOINT)


@dataclass(frozen=True, slots=True)
class MapElement:
    """A source code of a map with everything that it leads to."""

    source: Mapped
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class MapGroup:
    """The rows of a map from one code system to another; `size` counts its source codes, of which `elements` may be a part."""

    source: str
    source_version: str
    target: str
    target_version: str
    elements: tuple[MapElement, ...]
    size: int


@dataclass(frozen=True, slots=True)
class MapCard:
    """What a map is: its names, its ends, and where it comes from. `scopes` are the value sets that it maps from and to.

    `own` is false for a map that somebody else wrote: its resource is served as it came.
    """

    id: str
    url: str
    version: str
    name: str
    title: str
    description: str
    publisher: str
    copyright: str
    date: str
    scopes: tuple[str, str]
    own: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """What a map is asked: a code and how it is to be read. `reverse`: which codes lead to it."""

    code: Mapped
    choice: ReleaseChoice
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a map says to a question: its rows, what a reader must know of them, and the code as the map spells it."""

    targets: tuple[Target, ...]
    issues: tuple[Issue, ...] = ()


class CodeMap(Protocol):
    """A concept map that answers: compiled, imported, or sent with a request."""

    @property
    def card(self) -> MapCard:
        """Return what the map is."""
        ...

    def ends(self) -> tuple[tuple[str, str], ...]:
        """Return the (source, target) code systems of its groups."""
        ...

    def find(self, question: Question) -> Found:
        """Return what the map says to a question, nothing where it does not have the code."""
        ...

    def groups(self, most: int) -> Iterator[MapGroup]:
        """Yield its groups, each with at most so many elements."""
        ...


@dataclass(frozen=True, slots=True)
class Match:
    """One translation of a code, with the map that says so."""

    target: Target
    source: MapCard


@dataclass(frozen=True, slots=True)
class Translation:
    """The answer of `$translate`. `result` is true when some match is one; `choice` is the release that ICD-10-CM is read in."""

    result: bool
    matches: tuple[Match, ...]
    choice: ReleaseChoice
    issues: tuple[Issue, ...] = ()

    @property
    def message(self) -> str:
        """Return what the caller must know, as one text."""
        return " ".join(issue.text if issue.text.endswith((".", "?")) else f"{issue.text}." for issue in self.issues)
