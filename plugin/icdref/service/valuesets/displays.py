"""The texts of a concept: which one to show in a language, and whether a given one is among them.

Source: FHIR R5, ValueSet.expansion.contains.display and designation; the public servers for the order of preference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from icdref.definitions import ConceptReference, Designation
from icdref.service.systems.protocol import ConceptFacts, System
from icdref.service.systems.supplemented import PREFERRED
from icdref.service.valuesets.languages import Language, Languages, language

_SNOMED: Final = "http://snomed.info/sct"
_SNOMED_PREFERRED: Final = (_SNOMED, "900000000000548007")
_SNOMED_SYNONYM: Final = (_SNOMED, "900000000000013009")
_OUT_OF_USE: Final = ("withdrawn", "inactive")
_DEPTHS: Final = ("full", "region", "language")


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a concept, ready for comparison."""

    designation: Designation
    language: Language | None

    @property
    def value(self) -> str:
        """Return the text itself."""
        return self.designation.value

    @property
    def is_display(self) -> bool:
        """Tell whether it serves as a display: it has no use, or one that says so."""
        use = self.designation.use
        return use is None or (use.system, use.code) in ((PREFERRED.system, PREFERRED.code), _SNOMED_PREFERRED)

    @property
    def is_preferred(self) -> bool:
        """Tell whether it is a name by which the concept may go."""
        use = self.designation.use
        return self.is_display or (use is not None and (use.system, use.code) == _SNOMED_SYNONYM)

    @property
    def is_in_use(self) -> bool:
        """Tell whether it was not withdrawn."""
        return self.designation.status not in _OUT_OF_USE


class Displays:
    """The texts of one concept, in the order of their sources: the code system, its supplements, the value set."""

    def __init__(self) -> None:
        self.texts: list[Text] = []

    def add_display(self, value: str, tag: str, source: str = "") -> None:
        """Add a display in a language, '' where that is not known."""
        if value:
            self.add(Designation(value, tag, PREFERRED, source))

    def add(self, designation: Designation) -> None:
        """Add a designation as it is."""
        if designation.value:
            self.texts.append(Text(designation, language(designation.language) if designation.language else None))

    def extend(self, designations: Iterable[Designation]) -> None:
        """Add designations, without a display that is there already."""
        for each in designations:
            if each.source and each.use == PREFERRED and any(text.value == each.value for text in self.texts):
                continue
            self.add(each)

    # --- the one to show -----------------------------------------------------------------------------------------

    def preferred(self, asked: Languages | None) -> Text | None:
        """Return the text to show to somebody who asked for these languages, None where there is none for them."""
        if not self.texts:
            return None
        if asked is None or not asked.asked:
            return self._first_of_any_language()
        for wanted in asked.asked:
            if wanted.quality <= 0:
                continue
            for in_use in (True, False):
                for depth in _DEPTHS:
                    found = [text for text in self.texts if _fits(wanted, text, depth) and (text.is_in_use or not in_use)]
                    if found:
                        return _best(found)
        return next((text for text in self.texts if text.language is None and text.is_display), None)

    def _first_of_any_language(self) -> Text:
        for text in self.texts:
            if text.is_preferred and text.is_in_use:
                return text
        return next((text for text in self.texts if text.is_display), self.texts[0])

    # --- the ones to compare with --------------------------------------------------------------------------------

    def has(self, value: str, asked: Languages | None, default: Language | None = None, *, in_use: bool = False) -> bool:
        """Tell whether a text is among those of the languages asked for, whatever its case."""
        folded = value.lower()
        return any(text.value.lower() == folded for text in self._comparable(asked, default, in_use=in_use))

    def has_but_for_blanks(self, value: str, asked: Languages | None, default: Language | None = None) -> bool:
        """Tell whether a text differs from one of them only in its blanks."""
        folded = _unblanked(value)
        return any(_unblanked(text.value) == folded for text in self._comparable(asked, default, in_use=False))

    def count(self, asked: Languages | None, *, displays_only: bool) -> int:
        """Return how many texts there are in the languages asked for, at the closest match that has any."""
        texts = [text for text in self.texts if text.is_display or not displays_only]
        for depth in _DEPTHS:
            if found := sum(_fits_one(asked, text, depth) for text in texts):
                return found
        return 0

    def present(self, asked: Languages | None, *, displays_only: bool) -> str:
        """Return the texts in the languages asked for as a sentence lists them; all of them where there are none."""
        texts = [text for text in self.texts if text.is_display or not displays_only]
        shown = [text for text in texts if _fits_one(asked, text, "language")] or texts
        quoted = [f"'{text.value}' ({text.language.code})" if text.language else f"'{text.value}'" for text in shown]
        if len(quoted) <= 2:
            return " or ".join(quoted)
        return f"{', '.join(quoted[:-1])} or {quoted[-1]}"

    def allowed(self) -> tuple[str, ...]:
        """Return the displays in use, each once."""
        return tuple(dict.fromkeys(text.value for text in self.texts if text.is_in_use and text.is_display))

    def status(self, value: str) -> str:
        """Return the status of a text."""
        return next((text.designation.status or "active" for text in self.texts if text.value == value), "")

    def _comparable(self, asked: Languages | None, default: Language | None, *, in_use: bool) -> list[Text]:
        return [
            text
            for text in self.texts
            if (text.is_in_use or not in_use) and (_fits_one(asked, text, "language") or _is_default(text, default))
        ]


def displays_of(
    system: System, ordinal: int, concept: ConceptFacts, reference: ConceptReference | None = None, tag: str = ""
) -> Displays:
    """Return every text of a concept: the system's, those of its supplements, then those of a value set in language `tag`."""
    displays = Displays()
    displays.add_display(concept.display, system.facts.header.language)
    displays.extend(system.designations(ordinal))
    if reference is not None:
        displays.add_display(reference.display, tag)
        for each in reference.designations:
            displays.add(each)
    return displays


def shown(designation: Designation) -> Designation:
    """Return a designation as an expansion shows it: without what only we know of it."""
    return replace(designation, source="", status="")


def _best(found: list[Text]) -> Text:
    return next((text for text in found if text.is_preferred), found[0])


def _fits(wanted: Language, text: Text, depth: str) -> bool:
    if wanted.is_any:
        return True
    return text.language is not None and wanted.fits(text.language, depth)


def _fits_one(asked: Languages | None, text: Text, depth: str) -> bool:
    if asked is None or text.language is None:
        return True
    return any(each.quality > 0 and _fits(each, text, depth) for each in asked.asked)


def _is_default(text: Text, default: Language | None) -> bool:
    return default is not None and text.language is not None and text.language.fits(default, "language")


def _unblanked(value: str) -> str:
    return " ".join(value.split()).lower()
