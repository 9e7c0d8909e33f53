"""From documents to codes: a document stands for its code, and for that code with each encounter as seventh character."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain, combinations, islice
from typing import Final

from icdref import codes
from icdref.service.search.encounters import Encounters, character
from icdref.service.search.reading import Reading
from icdref.service.search.slots import union
from icdref.store.search import SearchStore

_MOST_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Share:
    """Documents of which a question means the same: themselves (`encounters` None), or only these encounters of them."""

    bits: int
    encounters: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which codes of a document are listed: only billable ones, and also those with an encounter that nobody asked for.

    `among` has the documents that are listed by seventh character, None where all of them may be.
    """

    billable: bool = False
    every_encounter: bool = False
    among: Mapping[str, int] | None = None

    def allowed(self, seventh: str) -> int:
        """Return the documents that may be listed with a seventh character."""
        return -1 if self.among is None else self.among.get(seventh, 0)


def shares(store: SearchStore, reading: Reading, documents: int) -> list[Share]:
    """Return the documents by the encounters that the question means of them; those that take none of these are left out."""
    parts = [slot for slot in reading.slots if slot.encounter_bits][:_MOST_PARTS]
    only = [slot.encounter_bits & ~slot.titled for slot in parts]
    found = []
    for chosen in chain.from_iterable(combinations(range(len(parts)), size) for size in range(len(parts) + 1)):
        bits = documents
        names = reading.encounters or None
        for place in range(len(parts)):
            bits &= only[place] if place in chosen else ~only[place]
            if place in chosen:
                names = parts[place].encounters if names is None else names & parts[place].encounters
        if names is not None:
            bits &= union(store.named(name) for name in names)
        if bits:
            found.append(Share(bits, names))
    return found


class Calendar:
    """Which documents, with which seventh character, are not valid on a day."""

    def __init__(self, store: SearchStore, first: date, last: date) -> None:
        self._store = store
        self._first, self._last = first, last
        self.ended = lru_cache(maxsize=8)(self._ended)

    def knows(self, day: date) -> bool:
        """Tell whether validity is known for a day."""
        return self._first <= day <= self._last

    def _ended(self, day: date) -> dict[str, int]:
        """Return by seventh character ('' for none) the documents whose code is not valid; empty where that is not known."""
        if not self.knows(day):
            return {}
        found: dict[str, int] = {}
        for name in self._store.set_names():
            if not name.startswith("valid "):
                continue
            seventh, since, until = name.removeprefix("valid ").split("|")
            if since and not (since <= day.isoformat() <= (until or "9999")):
                found[seventh] = found.get(seventh, 0) | self._store.named(name)
        return found


class Listing:
    """The codes of ranked documents: first one code of each document, then the others; counted without listing them."""

    def __init__(
        self, store: SearchStore, encounters: Encounters, found: Sequence[Share], wanted: Wanted, ended: dict[str, int]
    ) -> None:
        self._store = store
        self._wanted = wanted
        self._ended = ended if wanted.billable else {}
        self._every = sorted(encounters.every)
        self._shares = [(share, self._base(share), self._encounters(share)) for share in found]
        self.documents = union(base | union(bits for _, bits in more) for _, base, more in self._shares)
        self.singles = self.documents.bit_count()
        self.total = sum(base.bit_count() + sum(bits.bit_count() for _, bits in more) for _, base, more in self._shares)

    def page(
        self, order: Callable[[], Iterable[int]], offset: int, count: int, *, in_turn: bool = False
    ) -> Iterator[tuple[int, str]]:
        """Yield (document, seventh character or '') of one page; `order` gives the documents, best first.

        First one code of each document, then the others, so that one fracture does not fill a page; `in_turn` keeps all
        codes of a document together, as in the book.
        """
        end = min(offset + count, self.total)
        if in_turn:
            every = ((number, seventh) for number in order() for seventh in self._characters(number))
            yield from islice(every, offset, end)
            return
        singles = self.singles
        if offset < singles:
            for number in islice(order(), offset, min(end, singles)):
                yield number, self._characters(number)[0]
        if end > singles:
            others = ((number, seventh) for number in order() for seventh in self._characters(number)[1:])
            yield from islice(others, max(0, offset - singles), end - singles)

    def _base(self, share: Share) -> int:
        if share.encounters is not None:
            return 0
        if not self._wanted.billable:
            return share.bits & self._wanted.allowed("")
        return share.bits & self._store.named("billable") & ~self._ended.get("", 0) & self._wanted.allowed("")

    def _encounters(self, share: Share) -> list[tuple[str, int]]:
        """Return each seventh character that is listed, with the documents that take it."""
        names: Iterable[str] = sorted(share.encounters or ())
        if share.encounters is None:
            names = self._every if self._wanted.billable or self._wanted.every_encounter else ()
        found: dict[str, int] = {}
        for name in names:
            seventh = character(name)
            bits = share.bits & self._store.named(name) & ~self._ended.get(seventh, 0) & self._wanted.allowed(seventh)
            if bits:
                found[seventh] = found.get(seventh, 0) | bits
        return list(found.items())

    def _characters(self, number: int) -> list[str]:
        """Return what stands for a document: '' for its own code, then its seventh characters."""
        found: list[str] = []
        for _, base, more in self._shares:
            found += [""] if base >> number & 1 else []
            found += [seventh for seventh, bits in more if bits >> number & 1]
        return found


def code_of(base: str, seventh: str) -> str:
    """Return a code with its seventh character.

    >>> code_of("T07", "A"), code_of("M61.05", "")
    ('T07.XXXA', 'M61.05')
    """
    return codes.pad_seventh(base, seventh) if seventh else base
