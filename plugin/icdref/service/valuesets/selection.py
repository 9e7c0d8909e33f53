"""Which concepts a value set selects: sets of positions, from which pages are cut and single codes are looked up.

Nothing here lists concepts that nobody asked to see: a value set of all of ICD-10-CM is one range.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from icdref.definitions import ConceptReference, StoredMember
from icdref.service.systems.ordinals import Ordinals
from icdref.service.systems.protocol import System
from icdref.service.valuesets.scope import Budget


@dataclass(frozen=True)
class Segment:
    """Concepts of one system. `order` is that of a list in the value set, () for the system's own.

    `references` are what the value set itself says of concepts that it lists; `language` is that of its words.
    `how` says where they come from: `whole` system, `filter` or `list`; only the first two can show their tree.
    """

    system: System
    ordinals: Ordinals
    how: str
    order: tuple[int, ...] = ()
    references: Mapping[int, ConceptReference] = field(default_factory=dict)
    language: str = ""

    @property
    def url(self) -> str:
        """Return the url of the code system."""
        return self.system.facts.header.url

    @property
    def version(self) -> str:
        """Return the version of the code system."""
        return self.system.facts.header.version

    def __len__(self) -> int:
        return len(self.order) if self.order else len(self.ordinals)

    def page(self, offset: int, count: int) -> tuple[int, ...]:
        """Return at most `count` ordinals from the `offset`th on."""
        return self.order[offset : offset + count] if self.order else self.ordinals.page(offset, count)

    def kept(self, ordinals: Ordinals) -> Segment:
        """Return the concepts of it that are in a set too."""
        return replace(self, ordinals=self.ordinals & ordinals, order=tuple(each for each in self.order if each in ordinals))

    def without(self, ordinals: Ordinals) -> Segment:
        """Return the concepts of it that are not in a set."""
        if not ordinals:
            return self
        left = self.ordinals - ordinals
        return replace(self, ordinals=left, order=tuple(each for each in self.order if each in left))

    def codes(self) -> Iterator[str]:
        """Return the codes in it."""
        return (facts.code for facts in self.system.concepts(tuple(self.ordinals)))


@dataclass(frozen=True)
class StoredSegment:
    """Members that came ready-made in an expansion."""

    members: tuple[StoredMember, ...]

    def __len__(self) -> int:
        return len(self.members)


AnySegment = Segment | StoredSegment


def same_in(system: System, others: Iterable[AnySegment], budget: Budget, *, any_version: bool) -> Ordinals:
    """Return the concepts of a system whose codes are in some segments, of any version of it or of this one only."""
    header = system.facts.header
    found = Ordinals()
    for other in others:
        if isinstance(other, StoredSegment):
            codes: Iterable[str] = (
                each.code
                for each in other.members
                if each.system == header.url and (any_version or each.version in ("", header.version))
            )
            budget.spend(len(other))
        elif other.url != header.url or not (any_version or other.version == header.version):
            continue
        elif other.system is system:
            found |= other.ordinals
            continue
        else:
            budget.spend(len(other))
            codes = other.codes()
        found |= Ordinals.of(located.ordinal for code in codes if (located := system.locate(code)))
    return found


def holds(segments: Sequence[AnySegment], url: str, code: str) -> bool:
    """Tell whether a code of a system, of whatever version, is in some segments."""
    for each in segments:
        if isinstance(each, StoredSegment):
            if any(member.system == url and member.code == code for member in each.members):
                return True
        elif each.url == url and (located := each.system.locate(code)) and located.ordinal in each.ordinals:
            return True
    return False
