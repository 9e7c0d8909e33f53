"""`$lookup` answers as bytes, with what siblings share rendered once.

Two thirds of a typical answer are notes inherited from chapter and block: the same bytes for thousands of codes. Building
and serialising them each time measured more than the rest of the request.
"""

from __future__ import annotations

import orjson

from icdref.fhir.parameters import inherited_notes, lookup_parameters
from icdref.model import Concept
from icdref.results import Lookup

_MOST_LEVELS = 30_000
"""Rendered levels kept; a release has 23,467 headers, and most of them carry no note."""


class LookupBytes:
    """The rendered notes of one edition's headers. Holds about 10 MB when every header has been asked for."""

    def __init__(self) -> None:
        self._levels: dict[tuple[str, str, str], bytes] = {}
        self._tails: dict[tuple[str, str, str], tuple[bytes, ...]] = {}

    def render(self, lookup: Lookup, fhir_version: str) -> bytes:
        """Return the JSON of a `$lookup` answer; the inherited notes stand at its end."""
        body = orjson.dumps(lookup_parameters(lookup, fhir_version=fhir_version, inherited=False))
        release = lookup.choice.release.version
        key = (lookup.concept.parent, release, fhir_version)
        tail = self._tails.get(key)
        if tail is None:
            tail = self._tails[key] = self._tail(lookup, fhir_version)
        if not tail:
            return body
        return b"".join((body[:-2], *tail, b"]}"))  # the answer ends with its list of parameters

    def _tail(self, lookup: Lookup, fhir_version: str) -> tuple[bytes, ...]:
        """Return what follows the notes of the code itself, each level after a comma: the same for all its siblings."""
        if len(self._tails) >= _MOST_LEVELS:
            self._tails.clear()
        release = lookup.choice.release.version
        levels = (self._level(above, release, fhir_version) for above in lookup.ancestors if above.notes)
        return tuple(part for level in levels for part in (b",", level))

    def _level(self, above: Concept, release: str, fhir_version: str) -> bytes:
        key = (above.code, release, fhir_version)
        found = self._levels.get(key)
        if found is None:
            if len(self._levels) >= _MOST_LEVELS:
                self._levels.clear()
            found = self._levels[key] = orjson.dumps(inherited_notes(above))[1:-1]
        return found
