"""Titles of the codes that maps lead to, where we have them: those of ICD-10-CM, and none of any other code system."""

from __future__ import annotations

from icdref import codes
from icdref.results import ReleaseChoice
from icdref.service.terminology import Terminology


class Titles:
    """Reads titles from the release that answers."""

    def __init__(self, terminology: Terminology) -> None:
        self._terminology = terminology

    def of(self, system: str, code: str, choice: ReleaseChoice | None = None) -> str:
        """Return the title of a code in the release chosen (else the one that answers today), '' where we have none."""
        if system != codes.ICD10CM:
            return ""
        release = (choice or self._terminology.choose()).release
        stored = self._terminology.concepts.concept(code, self._terminology.releases.number(release))
        return stored.concept.display if stored else ""

    def of_any_release(self, code: str) -> str:
        """Return the title of an ICD-10-CM code in the newest release that has it."""
        for release in reversed(self._terminology.releases.all):
            stored = self._terminology.concepts.concept(code, self._terminology.releases.number(release))
            if stored:
                return stored.concept.display
        return ""
