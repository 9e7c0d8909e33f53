"""The terminology operations on ICD-10-CM, by their FHIR names: lookup, validate_code, subsumes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from icdref import codes, issues
from icdref.issues import IcdRefError, Issue
from icdref.model import Concept, Kind, Validity, ValidityHorizon
from icdref.results import Lookup, NoSuchCode, ReleaseChoice, Subsumption, Validation
from icdref.service.releases import Releases
from icdref.store.concepts import ConceptStore
from icdref.store.records import StoredConcept

_ABSTRACT = (Kind.CHAPTER, Kind.BLOCK)


class Terminology:
    """Answers questions about codes from one edition. `today` gives the current date, in UTC."""

    def __init__(self, concepts: ConceptStore, releases: Releases, horizon: ValidityHorizon, today: Callable[[], date]) -> None:
        self.concepts = concepts
        self.releases = releases
        self.horizon = horizon
        self.today = today
        # A header is in force while one code below it is: two reads at least, for an answer that changes with the day only.
        self._any_below = lru_cache(maxsize=32_768)(self._read_any_below)

    def choose(self, version: str = "", day: date | None = None) -> ReleaseChoice:
        """Return the release that answers for a version, else a day, else today."""
        return self.releases.choose(version, day, self.today())

    def lookup(self, text: str, system: str = codes.ICD10CM, version: str = "", day: date | None = None) -> Lookup | NoSuchCode:
        """Return everything a release says about a code, or NoSuchCode with the reason.

        Any spelling of the code is accepted. Raises IcdRefError for an unknown system or version.
        """
        self._only_icd10cm(system)
        choice = self.choose(version, day)
        code = codes.normalise(text)
        if code is None:
            return NoSuchCode(text, "", choice, issues.malformed_code(text))
        number = self.releases.number(choice.release)
        stored, validity = self.concepts.with_validity(code, number)
        if stored is not None:
            return self._complete(text, stored, validity, choice, number)
        if validity is not None and _holds(validity, choice.day):
            return self._without_title(text, code, validity, choice, number)
        if validity is not None:
            return NoSuchCode(text, code, choice, self._not_in_release(code, validity, choice))
        unknown = issues.unknown_code(code, system, choice.release.version, self.concepts.suggestions(code, number))
        return NoSuchCode(text, code, choice, unknown)

    def validate_code(
        self,
        text: str,
        system: str = codes.ICD10CM,
        *,
        version: str = "",
        day: date | None = None,
        display: str = "",
        abstract: bool = False,
        active_only: bool = False,
        lenient_display: bool = False,
    ) -> Validation:
        """Return whether a code is right in the release that answers, with an issue for everything worth knowing.

        Nothing is raised for a wrong system, version or code: that is the answer.
        """
        try:
            found = self.lookup(text, system, version, day)
        except IcdRefError as error:
            return Validation(False, system, text, "", version, self.releases.edition, issues=error.issues)
        release = found.choice.release.version
        if isinstance(found, NoSuchCode):
            return Validation(False, system, found.code or text, "", release, self.releases.edition, issues=(found.issue,))
        concept = found.concept
        problems = [*found.issues, *found.choice.issues]
        if concept.kind in _ABSTRACT and not abstract:
            problems.append(issues.abstract_code(concept.code, system))
        elif not concept.billable and concept.kind not in _ABSTRACT:
            problems.append(issues.header_code(concept.code, found.billable_below))
        if active_only and found.active is False:
            problems = [issue for issue in problems if issue.detail != "code-retired"] + [issues.inactive_code(concept.code)]
        if display and concept.display and _folded(display) != _folded(concept.display):
            severity = "warning" if lenient_display else "error"
            problems.append(issues.wrong_display(display, system, concept.code, concept.display, severity))
        return Validation(
            result=not any(issue.severity in ("error", "fatal") for issue in problems),
            system=codes.ICD10CM,
            code=text,
            display=concept.display,
            version=release,
            edition=self.releases.edition,
            normalised=concept.code if concept.code != text else "",
            inactive=None if found.active is None else not found.active,
            billable=concept.billable,
            issues=tuple(problems),
        )

    def subsumes(self, a: str, b: str, system: str = codes.ICD10CM, version: str = "", day: date | None = None) -> Subsumption:
        """Return how code `a` stands to code `b` in the tree of the release; blocks and chapters count.

        Raises IcdRefError when either is not a code of the release.
        """
        self._only_icd10cm(system)
        choice = self.choose(version, day)
        number = self.releases.number(choice.release)
        first, second = (self._placed(text, name, choice, number) for text, name in ((a, "codeA"), (b, "codeB")))
        if first.position == second.position:
            outcome = "equivalent"
        elif first.position <= second.position <= first.last:
            outcome = "subsumes"
        elif second.position <= first.position <= second.last:
            outcome = "subsumed-by"
        else:
            outcome = "not-subsumed"
        return Subsumption(outcome, choice, choice.issues)

    def noted_above(self, found: Lookup) -> tuple[Concept, ...]:
        """Return the concepts above a code with their notes, for what an Excludes1 note rules out.

        A release without notes is held to those of the nearest release that has them: what is not known to be allowed stays
        ruled out.
        """
        if found.choice.release.has_notes:
            return found.ancestors
        wanted = self.releases.number(found.choice.release)
        noted = [number for number, release in enumerate(self.releases.all) if release.has_notes]
        if not noted:
            return found.ancestors
        number = min(noted, key=lambda each: (abs(each - wanted), each > wanted))
        path = (found.concept.code, *(above.code for above in found.ancestors))
        stored = next((each for code in path if (each := self.concepts.concept(code, number))), None)
        if stored is None:
            return found.ancestors
        own = () if stored.concept.code == found.concept.code else (stored.concept,)
        return (*own, *self.concepts.ancestors(stored.concept, number))

    def successors(self, code: str) -> tuple[str, ...]:
        """Return the codes that replaced an ended code, chains followed to their end."""
        return self.succession(code)[0]

    def _placed(self, text: str, name: str, choice: ReleaseChoice, number: int) -> StoredConcept:
        code = codes.normalise(text)
        if code is None:
            raise IcdRefError(issues.malformed_code(text, name))
        stored = self.concepts.concept(code, number)
        if stored is None and (validity := self.concepts.validity(code)) is not None:
            raise IcdRefError(self._not_in_release(code, validity, choice, name))
        if stored is None:
            suggestions = self.concepts.suggestions(code, number)
            raise IcdRefError(issues.unknown_code(code, codes.ICD10CM, choice.release.version, suggestions, name))
        return stored

    def _complete(
        self, text: str, stored: StoredConcept, validity: Validity | None, choice: ReleaseChoice, number: int
    ) -> Lookup:
        concept = stored.concept
        active = self._is_active(stored, validity, choice, number)
        replaced_by, replaces = self.succession(concept.code) if concept.billable else ((), ())
        return Lookup(
            system=codes.ICD10CM,
            asked=text,
            concept=concept,
            choice=choice,
            ancestors=self.concepts.ancestors(concept, number),
            children=stored.children,
            billable_below=stored.billable_below,
            validity=validity if concept.billable else None,
            active=active,
            edits=_edits(validity, choice.day) if concept.billable else (),
            replaced_by=replaced_by,
            replaces=replaces,
            issues=self._remarks(text, concept, validity, choice, replaced_by, active=active),
        )

    def _without_title(self, text: str, code: str, validity: Validity, choice: ReleaseChoice, number: int) -> Lookup:
        """Return the answer for a code that only the validity table knows: valid, its title in a release not installed."""
        bare = codes.without_dot(code)
        prefixes = (codes.with_dot(bare[:length]) for length in range(len(bare) - 1, 2, -1))
        above = next((found for prefix in prefixes if (found := self.concepts.concept(prefix, number))), None)
        concept = Concept(
            code, Kind.SUBCATEGORY if len(bare) > 3 else Kind.CATEGORY, "", above.concept.code if above else "", billable=True
        )
        replaced_by, replaces = self.succession(code)
        unknown = issues.title_unknown(code, validity.valid_from.isoformat(), self.releases.newest.version)
        return Lookup(
            system=codes.ICD10CM,
            asked=text,
            concept=concept,
            choice=choice,
            ancestors=(above.concept, *self.concepts.ancestors(above.concept, number)) if above else (),
            children=(),
            billable_below=0,
            validity=validity,
            active=True,
            edits=_edits(validity, choice.day),
            replaced_by=replaced_by,
            replaces=replaces,
            issues=(*_spelling(text, code), unknown),
        )

    def _is_active(self, stored: StoredConcept, validity: Validity | None, choice: ReleaseChoice, number: int) -> bool | None:
        """Tell whether a concept is in force on the day; None where the validity table does not reach that day.

        A header has no validity of its own: it is in force as long as one billable code below it is.
        """
        if choice.method == "version":
            return True
        if not self.horizon.first <= choice.day <= self.horizon.last:
            return None
        if stored.concept.billable:
            return _holds(validity, choice.day) if validity else None
        if validity and _holds(validity, choice.day):  # a header now, billable on that day: B88.0 until 2025-09-30
            return True
        return self._any_below(stored.concept.code, number, choice.day)

    def _read_any_below(self, code: str, number: int, day: date) -> bool:
        stored = self.concepts.concept(code, number)
        if stored is None:
            return False
        below = (self.concepts.validity(found.concept.code) for found in self.concepts.below(stored, number, billable=True))
        return any(_holds(row, day) for row in below if row)

    def _remarks(
        self,
        text: str,
        concept: Concept,
        validity: Validity | None,
        choice: ReleaseChoice,
        replaced_by: tuple[str, ...],
        *,
        active: bool | None,
    ) -> tuple[Issue, ...]:
        remarks = _spelling(text, concept.code)
        if not choice.release.has_notes:
            remarks.append(issues.notes_not_available(choice.release.version))
        day = choice.day
        if validity and validity.valid_to and not concept.billable:
            remarks.append(issues.became_header(concept.code, validity.valid_to.isoformat()))
            validity = None
        if active is False and validity and validity.valid_to and validity.valid_to < day:
            newer = replaced_by or self.concepts.valid_below(concept.code, day)
            remarks.append(issues.retired_code(concept.code, validity.valid_to.isoformat(), newer))
        elif active is False and validity and day < validity.valid_from:
            remarks.append(issues.not_yet_valid_code(concept.code, validity.valid_from.isoformat(), day.isoformat()))
        elif active is False:
            remarks.append(issues.no_valid_code_below(concept.code, day.isoformat()))
        elif active is None and choice.method == "date":
            remarks.append(
                issues.validity_not_known(day.isoformat(), self.horizon.first.isoformat(), self.horizon.last.isoformat())
            )
        return tuple(remarks)

    def _not_in_release(self, code: str, validity: Validity, choice: ReleaseChoice, name: str = "code") -> Issue:
        replaced_by, _ = self.succession(code)
        last = validity.valid_to.isoformat() if validity.valid_to else ""
        return issues.code_not_in_release(code, choice.release.version, validity.valid_from.isoformat(), last, replaced_by, name)

    def succession(self, code: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return (replaced by, replaces): only pairs whose old code ended with the new one's release.

        A successor that itself ended is followed to the codes that replaced it.
        """
        successors, predecessors = self.concepts.succession(code)
        found: list[str] = []
        waiting = [new for _, new, ended in successors if ended]
        seen = {code}
        while waiting:
            new = waiting.pop(0)
            if new in seen:
                continue
            seen.add(new)
            later = [next_code for _, next_code, ended in self.concepts.succession(new)[0] if ended]
            waiting += later
            if not later:
                found.append(new)
        return tuple(found), tuple(dict.fromkeys(old for _, old, ended in predecessors if ended))

    def _only_icd10cm(self, system: str) -> None:
        if codes.to_system(system) != codes.ICD10CM:
            raise IcdRefError(issues.unknown_system(system, [codes.ICD10CM]))


def _spelling(text: str, code: str) -> list[Issue]:
    return [] if text == code else [issues.normalised_code(text, code)]


def _holds(validity: Validity, day: date) -> bool:
    return validity.valid_from <= day and (validity.valid_to is None or day <= validity.valid_to)


def _edits(validity: Validity | None, day: date) -> tuple[str, ...]:
    if validity is None:
        return ()
    return next((edit.flags for edit in validity.edits if edit.since <= day and (edit.until is None or day <= edit.until)), ())


def _folded(title: str) -> str:
    """Return a title without accents, case and doubled blanks: the publisher's own order file prints it in ASCII."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return " ".join(plain.lower().split())
