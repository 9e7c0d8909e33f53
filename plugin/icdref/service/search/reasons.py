"""Why a code was found: for each part of the question, what stands where."""

from __future__ import annotations

from collections.abc import Iterator

from icdref.results import SearchReason
from icdref.service.search.encounters import character, meaning
from icdref.service.search.reading import Reading
from icdref.service.search.slots import Level, Slot
from icdref.store.search import FIELDS, SearchStore

_MOST_TRIED = 8


def reasons(store: SearchStore, reading: Reading, number: int, seventh: str) -> tuple[SearchReason, ...]:
    """Return why a document was found for a reading, in the order of the question."""
    found = [reason for slot in reading.slots for reason in _of_slot(store, slot, number, seventh)]
    if reading.side and (side := _side(store, number)):
        found.append(SearchReason("side", side))
    return tuple(found)


def _of_slot(store: SearchStore, slot: Slot, number: int, seventh: str) -> Iterator[SearchReason]:
    level = next((level for level in slot.levels if level.bits >> number & 1), None)
    if level is not None:
        yield SearchReason(level.field, _shown(store, level, number), level.corrected)
    elif slot.encounter_bits >> number & 1:
        names = [name for name in slot.encounters if character(name) == seventh and store.named(name) >> number & 1]
        if names:
            yield SearchReason("seventh-character", meaning(names[0]))


def _shown(store: SearchStore, level: Level, number: int) -> str:
    """Return what stands there: of several words of one family, the first that this document has.

    Few are tried: ten hits of one letter would else read hundreds of words, which took half of the time.
    """
    where = level.field if level.field in FIELDS else FIELDS[0]
    for word in level.any_of[:_MOST_TRIED]:
        stands = store.stands(word)
        if stands is not None and getattr(stands, where) >> number & 1:
            return word
    return " ".join(level.words)


def _side(store: SearchStore, number: int) -> str:
    return next((side for side in ("right", "left", "bilateral") if store.named(f"side {side}") >> number & 1), "")
