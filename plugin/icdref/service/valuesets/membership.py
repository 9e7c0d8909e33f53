"""Whether a code is in a value set, and everything worth saying on the way.

Three answers: yes, no, and "cannot be known" (None) where the code system is not held.
Source: FHIR R5 ValueSet/$validate-code; for what is said, and in which order, the public terminology servers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cmp_to_key

from icdref import issues_terminology as texts
from icdref.definitions import Compose, ConceptReference, ConceptSet, Header, ValueSet
from icdref.issues import IcdRefError, Issue
from icdref.issues_terminology import below
from icdref.service.systems.protocol import ConceptFacts, System
from icdref.service.systems.supplemented import is_brought
from icdref.service.valuesets import versions
from icdref.service.valuesets.displays import displays_of
from icdref.service.valuesets.expand import Selector, changed_meaning, entered, newest_first, parts_of, refuse_without_system
from icdref.service.valuesets.findings import Findings, OneCoding
from icdref.service.valuesets.languages import language
from icdref.service.valuesets.options import Options
from icdref.service.valuesets.scope import Scope
from icdref.service.valuesets.selection import AnySegment, StoredSegment
from icdref.service.valuesets.status import remark_about
from icdref.service.valuesets.version_choice import choose_version

_STATUS_OF_CONCEPT = ("withdrawn", "deprecated")
_DEPRECATED = "http://hl7.org/fhir/StructureDefinition/valueset-deprecated"


class PreparationError(Exception):
    """A value set that cannot be used for validation: reported in the answer, not instead of it."""

    def __init__(self, error: IcdRefError) -> None:
        super().__init__(str(error))
        self.issues = error.issues


class Checker:
    """Answers for one value set; the value sets that it includes have checkers of their own."""

    def __init__(self, scope: Scope, value_set: ValueSet, options: Options, above: tuple[str, ...] = ()) -> None:
        self.scope = scope
        self.value_set = value_set
        self.options = options.within(value_set)
        self._selector = Selector(scope)
        self._others: dict[str, Checker] = {}
        self._above = above

    # --- before codes are looked at ------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Find everything that the value set refers to. Raises PreparationError or IcdRefError for what is not there."""
        header = self.value_set.header
        self.scope.budget.spend()
        path = entered(self.value_set, self._above)
        if refused := self.scope.refused_value_set(self.value_set):
            raise PreparationError(IcdRefError(*refused))
        self.scope.require((*self.options.supplements, *self.value_set.supplements))
        if changed := changed_meaning(self.value_set):
            raise PreparationError(IcdRefError(changed))
        compose = self.value_set.compose
        if compose is None:
            return
        if compose.locked_date:
            raise PreparationError(IcdRefError(texts.locked_date(header.canonical)))
        with self.scope.ruled_by(self.options.rules):
            for place, part in parts_of(compose):
                refuse_without_system(part, place)
                self._prepare_part(part, place, path)

    def _prepare_part(self, part: ConceptSet, place: str, path: tuple[str, ...]) -> None:
        for reference in part.value_sets:
            pinned = self.scope.pinned(reference)
            if pinned in self._others:
                continue
            found = self.scope.value_set(pinned, source=self.value_set)
            if found is None:
                raise PreparationError(IcdRefError(texts.value_set_not_found(pinned)))
            checker = Checker(self.scope, found, self.options, path)
            checker.prepare()
            self._others[pinned] = checker
        system = self.scope.system(part.system, part.version) if part.system else None
        if system is not None and part.filters:
            self._selector.filtered(part, system, place, path)

    def used_systems(self) -> list[System]:
        """Return the code systems that the value set takes codes from, those of included value sets too."""
        parts = self.value_set.compose.include if self.value_set.compose else ()
        with self.scope.ruled_by(self.options.rules):
            own = [system for part in parts if (system := self.scope.system(part.system, part.version))]
        return own + [system for checker in self._others.values() for system in checker.used_systems()]

    # --- one code ------------------------------------------------------------------------------------------------

    def check(
        self, path: str, system: str, version: str, code: str, display: str, findings: Findings, coding: OneCoding
    ) -> bool | None:
        """Return whether a code is in the value set, None where that cannot be known."""
        with self.scope.ruled_by(self.options.rules):
            return self._check(path, system, version, code, display, findings, coding)

    def _check(
        self, path: str, system: str, version: str, code: str, display: str, findings: Findings, coding: OneCoding
    ) -> bool | None:
        self.scope.budget.spend()
        if not system and not self.options.infer_system:
            findings.add(texts.coding_without_system(path), message=True)
            return False
        if not system:
            system = self._inferred(code, findings)
            if not system:
                return False
            findings.implied_system = system
        if self.value_set.compose is None:
            return self._in_expansion(path, system, version, code, findings, coding)
        result = self._included(path, system, version, code, display, findings, coding)
        if result is True and self._excluded(path, system, version, code, findings, coding):
            return False
        return result

    def _included(
        self, path: str, system: str, version: str, code: str, display: str, findings: Findings, coding: OneCoding
    ) -> bool | None:
        compose = self.value_set.compose
        parts = compose.include if compose else ()
        named = {part.version for part in parts if part.system == system and part.version}
        picked = self._applicable(named, system, code, display) if not version and len(named) > 1 else ""
        has_exact = any(part.version == version for part in parts)
        result: bool | None = False
        is_open = False
        start = findings.mark()
        before = (findings.copy(), coding.copy()) if version and len(parts) > 1 else None
        doubtful: tuple[Findings, OneCoding] | None = None
        for part in newest_first(parts):
            here = findings.mark()
            if not part.system:
                result = True
            elif (
                part.system != system
                or (picked and part.version != picked)
                or (version and part.version != version and has_exact)
            ):
                result = False
            else:
                result = self._in_part(path, part, system, version, code, findings, coding)
                if result is None or (result is False and self.options.membership_only and coding.content == "unknown"):
                    is_open = result is None
                    break
            for reference in part.value_sets:
                checker = self._others[self.scope.pinned(reference)]
                self.remark(findings, checker.value_set.header, "ValueSet")
                if result is True:
                    result = checker.check(path, system, version, code, display, findings, coding)
            is_open = is_open or result is None
            if result is not True:
                continue
            verdict = findings.verdict_since(here)
            if verdict == "sure":
                findings.forget_faults(start, here)
            if before is None or verdict != "doubtful":
                return True
            # In another version than the coding's: unless another include has it in that one, this is the answer.
            doubtful = doubtful or (findings.copy(), coding.copy())
            findings.become(before[0].copy())
            coding.become(before[1].copy())
        if doubtful is not None:
            findings.become(doubtful[0])
            coding.become(doubtful[1])
            return True
        return None if is_open else False

    def _in_part(
        self, path: str, part: ConceptSet, system: str, version: str, code: str, findings: Findings, coding: OneCoding
    ) -> bool | None:
        chosen = choose_version(self.scope, path, part, version, findings)
        held = self.scope.system(system, chosen)
        if held is None:
            coding.content = "unknown"
            if self.options.membership_only:
                return False
            self._report_unknown(path, system, chosen, findings)
            return None
        findings.issues += self.scope.refused(held)
        facts = held.facts
        coding.default_language = language(facts.header.language or "en")
        self.remark(findings, facts.header, "CodeSystem")
        coding.content = facts.content
        if self._in_concept_set(path, "in", held, part, code, findings, coding):
            coding.version = facts.header.version
            return True
        return False

    def _report_unknown(self, path: str, system: str, version: str, findings: Findings) -> None:
        known = self.scope.versions(system) if version else ()
        name = f"{system}|{version}" if version and known else system
        issue = texts.system_not_found(system, version, known, below(path, "system"))
        findings.messages.append(issue.text)
        if not version or name not in findings.unknown:
            findings.add(issue)
        findings.unknown[name] = None

    def _excluded(self, path: str, system: str, version: str, code: str, findings: Findings, coding: OneCoding) -> bool:
        compose = self.value_set.compose
        for part in compose.exclude if compose else ():
            out = True
            if part.system:
                held = self.scope.system(part.system, part.version)
                if held is None:
                    out = False
                else:
                    self.remark(findings, held.facts.header, "CodeSystem")
                    out = part.system == system and self._in_concept_set(path, "not in", held, part, code, findings, coding)
            for reference in part.value_sets:
                if out:
                    checker = self._others[self.scope.pinned(reference)]
                    out = checker.check(path, system, version, code, "", Findings(), OneCoding()) is True
            if out:
                return True
        return False

    # --- one concept set -----------------------------------------------------------------------------------------

    def _in_concept_set(
        self, path: str, role: str, system: System, part: ConceptSet, code: str, findings: Findings, coding: OneCoding
    ) -> bool:
        if not part.concepts and not part.filters:
            return self._in_whole(path, role, system, code, findings, coding)
        located = system.locate(code)
        if located is None:
            return False
        reference = next((each for each in part.concepts if self._is_listed(system, each, code, located.ordinal)), None)
        if reference is not None and self._counts(path, role, system, located.ordinal, code, findings, coding, reference, "list"):
            if reference.code != code:
                self._note_spelling(path, role, system, located.code, code, findings)
            return True
        if not part.filters:
            return False
        selected = self._selector.filtered(part, system, "ValueSet.compose.include", self._above)
        if located.ordinal not in selected:
            if role == "in" and not self.options.membership_only and (issue := system.instead(located.ordinal, selected)):
                findings.add(_placed(issue, path))
            return False
        self._note_spelling(path, role, system, located.code, code, findings)
        return self._counts(path, role, system, located.ordinal, code, findings, coding, None, "filter")

    def _is_listed(self, system: System, reference: ConceptReference, code: str, ordinal: int) -> bool:
        if reference.code == code:
            return True
        if is_brought(system):
            return False
        # ICD-10-CM is the same code however it is spelt.
        found = system.locate(reference.code)
        return found is not None and found.ordinal == ordinal

    def _in_whole(self, path: str, role: str, system: System, code: str, findings: Findings, coding: OneCoding) -> bool:
        located = system.locate(code)
        header = system.facts.header
        if located is None:
            if self.options.membership_only or role == "not in":
                return False
            if system.facts.content != "complete":
                findings.add(texts.code_not_in_fragment(code, header.url, header.version, path))
                return True
            findings.add(system.absent(code) or texts.code_not_found(code, header.url, header.version, path))
            return False
        if located.ordinal < len(system) and located.ordinal not in system.everything():
            return False
        self._note_spelling(path, role, system, located.code, code, findings)
        return self._counts(path, role, system, located.ordinal, code, findings, coding, None, "whole")

    def _note_spelling(self, path: str, role: str, system: System, right: str, code: str, findings: Findings) -> None:
        if right == code or role == "not in":
            return
        if is_brought(system):
            findings.add(texts.code_spelt_otherwise(code, right, system.facts.header.canonical, path))
        findings.normalised = right

    def _counts(
        self,
        path: str,
        role: str,
        system: System,
        ordinal: int,
        code: str,
        findings: Findings,
        coding: OneCoding,
        reference: ConceptReference | None,
        how: str,
    ) -> bool:
        """Tell whether a concept that is selected counts: not a grouper or inactive where those are ruled out."""
        concept = system.concepts((ordinal,))[0]
        self._collect(system, ordinal, concept, coding, reference)
        if concept.abstract and self.options.abstract is False:
            if not self.options.membership_only and role != "not in":
                findings.add(texts.code_not_selectable(system.facts.header.url, code, path))
            return False
        if concept.inactive and self._leaves_out_inactive():
            if role != "not in":
                if how == "whole" or self.options.active_only:
                    findings.add(texts.code_not_active(code, path), message=True)
                if not self.options.membership_only:
                    findings.note_inactive(concept.status, path, code)
            return False
        if role == "not in":
            return True
        self._remark_reference(path, system, code, reference, findings)
        findings.note_status(concept.status, path, code, inactive=concept.inactive)
        remarks = system.remarks(ordinal, code)
        findings.has_own_status = findings.has_own_status or any(each.tx == "code-comment" for each in remarks)
        findings.issues += (_placed(each, path) for each in remarks)
        return True

    def _leaves_out_inactive(self) -> bool:
        compose = self.value_set.compose
        return bool(self.options.active_only) or (compose is not None and compose.inactive is False)

    def _collect(
        self, system: System, ordinal: int, concept: ConceptFacts, coding: OneCoding, reference: ConceptReference | None
    ) -> None:
        """Add the texts of a concept to those that a display is compared with."""
        found = displays_of(system, ordinal, concept, reference, self.value_set.header.language)
        coding.displays.texts += found.texts

    def _remark_reference(
        self, path: str, system: System, code: str, reference: ConceptReference | None, findings: Findings
    ) -> None:
        if reference is None:
            return
        status = reference.status if reference.status in _STATUS_OF_CONCEPT else ""
        if not status and any(each.url == _DEPRECATED for each in reference.extensions):
            status = "deprecated"
        if status:
            canonical = self.value_set.header.canonical
            url = system.facts.header.url
            findings.add(texts.code_deprecated_in_value_set(url, code, status, canonical, path))

    # --- which system, which version -----------------------------------------------------------------------------

    def _inferred(self, code: str, findings: Findings) -> str:
        """Return the one system of the value set that has a bare code, '' where that is none or more than one."""
        compose = self.value_set.compose
        if compose is None or _needs_expansion(compose):
            found = self._systems_by_expansion(code)
        else:
            found = self._systems_by_include(compose, code)
            if len(found) > 1 and any(part.filters for part in compose.include):
                found = self._systems_by_expansion(code)
        if len(found) == 1:
            return found[0]
        findings.add(texts.system_not_inferred(code, self.value_set.header.canonical, found), message=True)
        return ""

    def _systems_by_include(self, compose: Compose, code: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for part in compose.include:
            # The newest version counts beside the one that is included: the answer then says which version lacks the code.
            held = [each for version in ("", part.version) if (each := self.scope.system(part.system, version)) is not None]
            if not held:
                return ()
            listed = {each.code for each in part.concepts}
            if code in listed or (not listed and any(each.locate(code) is not None for each in held)):
                found[part.system] = None
        return tuple(found)

    def _systems_by_expansion(self, code: str) -> tuple[str, ...]:
        try:
            selected = self._selector.select(self.value_set, self.options)
        except IcdRefError:
            return ()
        found: dict[str, None] = {}
        for segment in selected.segments:
            self.scope.budget.spend(1)
            found |= dict.fromkeys(_systems_with(segment, code))
        return tuple(found)

    def _applicable(self, named: Iterable[str], system: str, code: str, display: str) -> str:
        """Return the version to use of several that the value set names: the newest one with the code, '' for any."""
        sorted_ = sorted(named, key=cmp_to_key(versions.compare), reverse=True)
        having = [version for version in sorted_ if self._has(system, version, code, display)]
        if len(having) == len(sorted_):
            return ""
        return having[0] if having else sorted_[0]

    def _has(self, system: str, version: str, code: str, display: str) -> bool:
        held = self.scope.system(system, version)
        located = held.locate(code) if held else None
        if held is None or located is None:
            return False
        concept = held.concepts((located.ordinal,))[0]
        others = (each.value for each in held.designations(located.ordinal))
        return not display or display == concept.display or display in others

    def implied_version(self, system: str) -> str:
        """Return the newest version of a system that the value set names, '' where it names none."""
        parts = self.value_set.compose.include if self.value_set.compose else ()
        return versions.newest(part.version for part in parts if part.system == system and part.version)

    # --- value sets that are only an expansion -------------------------------------------------------------------

    def _in_expansion(
        self, path: str, system: str, version: str, code: str, findings: Findings, coding: OneCoding
    ) -> bool | None:
        members = self.value_set.expansion or ()
        alike = [each for each in members if (each.system, each.code) == (system, code)]
        found = next((each for each in alike if not version or versions.matches(version, each.version)), None)
        found = found or next((each for each in alike if not each.version), None)
        if found is None:
            return False
        chosen = found.version or version
        held = self.scope.system(system, chosen)
        if held is None:
            coding.content = "unknown"
            if self.options.membership_only:
                return False
            self._report_unknown(path, system, chosen, findings)
            return None
        findings.issues += self.scope.refused(held)
        coding.content = held.facts.content
        coding.default_language = language(held.facts.header.language or "en")
        coding.version = held.facts.header.version
        return self._in_whole(path, "in", held, code, findings, coding)

    def remark(self, findings: Findings, header: Header, kind: str) -> None:
        """Add what is to be said of the status of a resource that the value set uses."""
        state = remark_about(header, self.value_set.header)
        if state:
            source = self.value_set.header
            issue = texts.resource_status(state, kind, header.canonical, source.canonical, source.status, "ValueSet")
            findings.add(issue, once=True)


def _needs_expansion(compose: Compose) -> bool:
    """Tell whether the systems of a value set can only be told from its members."""
    return any(part.value_sets or not part.system for part in compose.include) or any(
        part.value_sets or not part.system or part.filters for part in compose.exclude
    )


def _systems_with(segment: AnySegment, code: str) -> list[str]:
    """Return the systems that have a code in a segment; its spelling is that of the system."""
    if isinstance(segment, StoredSegment):
        return [each.system for each in segment.members if each.code == code]
    located = segment.system.locate(code)
    if located is None or located.ordinal not in segment.ordinals:
        return []
    return [segment.url]


def _placed(issue: Issue, path: str) -> Issue:
    """Return a remark of a system with its place in the request."""
    return replace(issue, expression=below(path, issue.expression)) if issue.expression else issue
