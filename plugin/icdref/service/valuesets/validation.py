"""`$validate-code` over a value set or a whole code system: one answer about all codings of a value.

Source: FHIR R5 ValueSet/$validate-code and CodeSystem/$validate-code; for the parts of the answer, the public servers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from icdref import issues_terminology as texts
from icdref.definitions import Coding, Compose, ConceptSet, Header, ValueSet
from icdref.expansions import CodedValidation
from icdref.issues import IcdRefError, Issue
from icdref.issues_terminology import below
from icdref.service.systems.protocol import System
from icdref.service.valuesets.display_check import display_of_member, display_of_stranger
from icdref.service.valuesets.displays import displays_of
from icdref.service.valuesets.findings import Findings, OneCoding
from icdref.service.valuesets.membership import Checker, PreparationError
from icdref.service.valuesets.options import Options
from icdref.service.valuesets.scope import Scope
from icdref.service.valuesets.status import remark_about

CODE, CODING, CONCEPT = "code", "coding", "codeableConcept"
"""How a value was sent."""

_PATHS = {CODE: "", CODING: "Coding", CONCEPT: "CodeableConcept"}
_NOT_HELD = frozenset({"UNKNOWN_CODESYSTEM", "UNKNOWN_CODESYSTEM_VERSION", "UNKNOWN_CODESYSTEM_VERSION_NONE"})


@dataclass(frozen=True, slots=True)
class CodedValue:
    """What is to be validated: its codings, the text of a CodeableConcept, and how it was sent."""

    codings: tuple[Coding, ...]
    mode: str
    text: str = ""


@dataclass
class _Outcome:
    """What the answer says of a coding: the first one in the value set, or what was tried."""

    system: str = ""
    code: str = ""
    version: str = ""
    display: str = ""
    path: str = ""
    tried_system: str = ""
    tried_code: str = ""
    tried_version: str = ""
    held_version: str = ""
    listed: list[str] = field(default_factory=list)
    codings: list[Coding] = field(default_factory=list)
    matched: set[int] = field(default_factory=set)
    incomplete: bool = False


@dataclass(frozen=True)
class Readied:
    """A value set made ready for validation: its checker, or the issues that stop every validation against it.

    `internal` where it stands for a whole code system, which nobody named as a value set.
    """

    scope: Scope
    checker: Checker | None
    internal: bool = False
    issues: tuple[Issue, ...] = ()
    causes: tuple[str, ...] = ()

    def answer(self, value: CodedValue) -> CodedValidation:
        """Return whether a value is in the value set."""
        if self.checker is None:
            return _unprepared(self.scope, value, self.issues, self.causes)
        with self.scope.ruled_by(self.checker.options.rules):
            return _Validation(self.scope, self.checker, value, internal=self.internal).answer()


def ready_value_set(scope: Scope, value_set: ValueSet, options: Options) -> Readied:
    """Return a value set made ready. Raises IcdRefError for one that cannot be made sense of."""
    checker = Checker(scope, value_set, options)
    try:
        checker.prepare()
    except PreparationError as error:
        return Readied(scope, None, issues=error.issues)
    if scope.stated and (missing := scope.missing_supplements(checker.used_systems())):
        raise IcdRefError(texts.supplements_not_found(missing))
    return Readied(scope, checker)


def ready_system(scope: Scope, url: str, version: str, path: str, options: Options) -> Readied:
    """Return a whole code system made ready; `path` is where a value names it."""
    scope.require(options.supplements)
    chosen = scope.wanted(url, version)
    held = scope.system(url, chosen, exactly=True)
    held = held or scope.system(url, chosen, exactly=True, kinds=("example", "not-present"))
    if held is None:
        return _unknown_system(scope, url, chosen, path)
    if missing := scope.missing_supplements([held]):
        raise IcdRefError(texts.supplements_not_found(missing))
    return Readied(scope, Checker(scope, whole(held), options), internal=True)


def named_system(value: CodedValue, url: str, version: str) -> tuple[str, str, str]:
    """Return (url, version, path) of the code system to validate a value in: the one given, else its first coding's."""
    first = value.codings[0] if value.codings else Coding()
    path = {CODE: "system", CODING: "Coding.system", CONCEPT: "CodeableConcept.coding[0].system"}[value.mode]
    return url or first.system, version or ("" if url else first.version), path


def without_system(scope: Scope, value: CodedValue) -> CodedValidation:
    """Return the answer about a value that names no code system."""
    place = {CODE: "", CODING: "Coding", CONCEPT: "CodeableConcept.coding[0]"}[value.mode]
    return _unprepared(scope, value, (texts.coding_without_system(place),), ())


def whole(system: System) -> ValueSet:
    """Return the value set of all codes of a code system."""
    facts = system.facts
    header = facts.header
    url = facts.value_set or f"{header.url}/vs"
    include = (ConceptSet(header.url, header.version),)
    return ValueSet(Header(url, header.version, status="active"), Compose(include))


def _unknown_system(scope: Scope, url: str, version: str, path: str) -> Readied:
    if scope.value_set(url, version) is not None:
        return Readied(scope, None, issues=(texts.system_is_a_value_set(url, path),))
    if (supplement := supplement_named(scope, url)) is not None:
        return Readied(scope, None, issues=(texts.system_is_a_supplement(supplement.canonical, path),))
    known = scope.versions(url) if version else ()
    found: list[Issue] = [texts.system_not_found(url, version, known, path)]
    if not is_absolute(url):
        found.append(texts.relative_system(path))
    cause = f"{url}|{version}" if version and known else url
    return Readied(scope, None, issues=tuple(found), causes=(cause,))


def supplement_named(scope: Scope, url: str) -> Header | None:
    """Return the header of a supplement that is named where a code system should be, None where none has the name.

    Where a code system has the name too, it is meant.
    """
    if scope.versions(url):
        return None
    found = scope.system(url, kinds=("supplement",), exactly=True)
    return found.facts.header if found else None


def is_absolute(system: str) -> bool:
    """Tell whether a system is an absolute URI.

    >>> is_absolute("http://loinc.org"), is_absolute("urn:oid:1.2"), is_absolute("loinc")
    (True, True, False)
    """
    return system.startswith("urn:") or "://" in system


def _unprepared(scope: Scope, value: CodedValue, found: tuple[Issue, ...], causes: tuple[str, ...]) -> CodedValidation:
    """Return the answer about a value that could not be looked at."""
    message = found[0].text
    if value.mode == CONCEPT:
        return CodedValidation(
            result=False, message=message, codings=value.codings, text=value.text, caused_by=causes, issues=found
        )
    first = value.codings[0] if value.codings else Coding()
    held = scope.system(first.system) if first.system and not first.version else None
    version = first.version or (held.facts.header.version if held else "")
    return CodedValidation(
        result=False,
        code=first.code,
        system=first.system,
        version=version,
        message=message,
        caused_by=causes,
        issues=found,
    )


class _Validation:
    """One value against one value set; `internal` where that stands for a whole code system, which nobody named."""

    def __init__(self, scope: Scope, checker: Checker, value: CodedValue, *, internal: bool) -> None:
        self.scope = scope
        self.checker = checker
        self.options = checker.options
        self.value = value
        self.internal = internal
        self.findings = Findings()
        self.outcome = _Outcome(codings=list(value.codings))
        self.path = _PATHS[value.mode]

    def answer(self) -> CodedValidation:
        header = self.checker.value_set.header
        if not self.internal and (state := remark_about(header, header)):
            self.findings.add(texts.resource_status(state, "ValueSet", header.canonical), once=True)
        result: bool | None = False
        without_code = False
        for index, coding in enumerate(self.value.codings):
            path = f"{self.path}.coding[{index}]" if self.value.mode == CONCEPT else self.path
            if not coding.code:
                self._say_no_code(coding, path)
                without_code = True
                break
            found = self._one(index, coding, path)
            if result is not True and found is not False:
                result = found
        self._soften()
        quiet = without_code and (self.value.mode != CONCEPT or self.internal)
        if result is False and not quiet and (not self.internal or not self.findings.has_errors):
            self._say_not_in()
        return self._complete(result=result)

    def _say_no_code(self, coding: Coding, path: str) -> None:
        if not coding.system and not self.options.infer_system:
            issue = texts.coding_without_anything(path)
        else:
            issue = texts.coding_without_code(coding.system, path)
        self.findings.say(issue.text)
        self.findings.add(issue)

    def _one(self, index: int, coding: Coding, path: str) -> bool | None:
        one, findings, outcome = OneCoding(), self.findings, self.outcome
        found = self.checker.check(path, coding.system, coding.version, coding.code, coding.display, findings, one)
        system = findings.implied_system or coding.system
        if found is True:
            outcome.matched.add(index)
        if not outcome.tried_code or found is True:
            outcome.tried_system, outcome.tried_code, outcome.tried_version = coding.system, coding.code, coding.version
        outcome.tried_version = outcome.tried_version or one.version
        name = f"{system}|{coding.version}" if coding.version else system
        listed = f"{name}#{coding.code}" + (f" ('{coding.display}')" if coding.display else "")
        outcome.listed.append(f"'{listed}'")
        if found is False and not self.internal and self.value.mode == CONCEPT:
            canonical = self.checker.value_set.header.canonical
            place = f"{self.path}.coding[{index}].code"
            findings.add(texts.code_not_in_value_set(f"'{listed}'", canonical, place, "information"))
        if found is True:
            self._member(coding, system, one, path)
        elif not self.options.membership_only and system:
            self._stranger(index, coding, system, one, path)
        return found

    def _member(self, coding: Coding, system: str, one: OneCoding, path: str) -> None:
        outcome = self.outcome
        if coding.display and one.displays.texts:
            issue, is_message = display_of_member(
                one.displays, one.default_language, coding.system or system, coding.code, coding.display, self.options, path
            )
            if issue is not None:
                if is_message:
                    self.findings.say(issue.text)
                self.findings.add(issue)
        if outcome.code:
            return
        outcome.system, outcome.code, outcome.path, outcome.version = coding.system, coding.code, path, one.version
        outcome.display = self._shown(one) or outcome.display

    def _shown(self, one: OneCoding) -> str:
        text = one.displays.preferred(self.options.languages) or one.displays.preferred(None)
        return text.value if text else ""

    def _stranger(self, index: int, coding: Coding, system: str, one: OneCoding, path: str) -> None:
        """Report on a code that is not in the value set, or may not be: whether it is a code at all, and named rightly."""
        findings = self.findings
        if not is_absolute(system):
            findings.add(texts.relative_system(below(path, "system")), message=True)
        version = coding.version or self.checker.implied_version(coding.system)
        held = self.scope.system(system, version)
        if held is None:
            self._unknown(system, version, path)
            return
        findings.issues += self.scope.refused(held)
        header = held.facts.header
        self.checker.remark(findings, header, "CodeSystem")
        located = held.locate(coding.code)
        if located is None:
            self._unknown_code(held, system, coding.code, path)
            return
        if not coding.version and self.value.mode == CONCEPT and header.version:
            self.outcome.codings[index] = replace(coding, version=header.version)
        concept = held.concepts((located.ordinal,))[0]
        one.displays.texts += displays_of(held, located.ordinal, concept).texts
        if not self.options.membership_only and not findings.is_inactive and concept.inactive:
            findings.note_inactive(concept.status or findings.status, path, coding.code)
        self.outcome.display = self._shown(one) or self.outcome.display
        if coding.display and one.displays.texts:
            issue = display_of_stranger(
                one.displays, one.default_language, header.url, coding.code, coding.display, self.options, path
            )
            if issue is not None:
                findings.say(issue.text)
                findings.add(issue)
        if self.value.mode != CONCEPT:
            self.outcome.held_version = header.version

    def _unknown_code(self, held: System, system: str, code: str, path: str) -> None:
        facts = held.facts
        header = facts.header
        key = f"{system}|{header.version}#{code}"
        if key in self.findings.said:
            return
        self.findings.said.add(key)
        if facts.content != "complete":
            self.findings.add(texts.code_not_in_fragment(code, system, header.version, path), once=True)
            return
        issue = held.absent(code) or texts.code_not_found(code, system, header.version, path)
        issue = replace(issue, expression=below(path, "code"))
        self.findings.say(issue.text)
        self.findings.add(issue, once=True)

    def _unknown(self, system: str, version: str, path: str) -> None:
        findings, place = self.findings, below(path, "system")
        if self.scope.value_set(system) is not None:
            issue = texts.system_is_a_value_set(system, place)
        elif (supplement := supplement_named(self.scope, system)) is not None:
            issue = texts.system_is_a_supplement(supplement.canonical, place)
        else:
            version = version or self.scope.wanted(system, "")
            known = self.scope.versions(system) if version else ()
            issue = texts.system_not_found(system, version, known, place)
            name = f"{system}|{version}" if version and known else system
            findings.say(issue.text)
            if name not in findings.unknown:
                findings.unknown[name] = None
                findings.add(issue)
            return
        findings.say(issue.text)
        findings.add(issue)

    def _soften(self) -> None:
        """Turn what is said of codings that could not be looked up into warnings, where another coding is a member."""
        if self.value.mode != CONCEPT or not self.outcome.matched:
            return
        for index, coding in enumerate(self.value.codings):
            place = f"{self.path}.coding[{index}].system"
            if index in self.outcome.matched:
                continue
            for at, issue in enumerate(self.findings.issues):
                if issue.severity == "error" and issue.message_id in _NOT_HELD and issue.expression == place:
                    canonical = f"{coding.system}|{coding.version}" if coding.version else coding.system
                    softer = texts.coding_not_checked(canonical, place)
                    self.findings.issues[at] = softer
                    self.findings.messages = [each for each in self.findings.messages if each != issue.text]
                    self.findings.say(softer.text)

    def _say_not_in(self) -> None:
        canonical = self.checker.value_set.header.canonical
        if self.value.mode == CONCEPT:
            issue = texts.no_valid_coding(canonical)
        else:
            place = below(self.path, "code")
            issue = texts.code_not_in_value_set(", ".join(self.outcome.listed), canonical, place)
        self.findings.add(issue)
        self.findings.say(issue.text)

    def _complete(self, *, result: bool | None) -> CodedValidation:
        findings, outcome, is_concept = self.findings, self.outcome, self.value.mode == CONCEPT
        valid = result is True and not findings.has_errors
        unknown = tuple(findings.unknown)
        inactive, status = self._say_status()
        for issue in findings.issues:
            if issue.severity in ("error", "fatal"):
                findings.say(issue.text)
        version = outcome.version or ("" if is_concept else outcome.tried_version or outcome.held_version)
        code = outcome.code or ("" if is_concept else outcome.tried_code)
        implied = findings.implied_system if result is True else ""
        return CodedValidation(
            result=valid,
            code=code,
            system=outcome.system or implied or ("" if is_concept else outcome.tried_system),
            version=version,
            display=outcome.display if code else "",
            message="; ".join(sorted(findings.messages)),
            normalised=findings.normalised,
            inactive=inactive,
            status=status,
            codings=tuple(outcome.codings) if is_concept else None,
            text=self.value.text,
            unknown_systems=unknown if result is False else (),
            caused_by=unknown if result is not False and not valid else (),
            issues=tuple(findings.issues),
        )

    def _say_status(self) -> tuple[bool | None, str]:
        """Return what the answer says of the code's status, and warn of a code that is not in use any more."""
        findings, outcome = self.findings, self.outcome
        if findings.is_inactive:
            is_shown = self.value.mode != CONCEPT or (bool(outcome.code) and findings.inactive_path == outcome.path)
            if not findings.has_own_status:
                code = findings.inactive_code or outcome.tried_code
                issue = texts.code_inactive(code, findings.status, findings.inactive_path or "code")
                findings.say(issue.text)
                findings.add(issue)
            if not is_shown:
                return None, ""
            return True, findings.status if findings.status != "inactive" else ""
        if findings.status.lower() == "deprecated":
            issue = texts.code_deprecated(outcome.tried_code, self.path)
            findings.say(issue.text)
            findings.add(issue)
            return None, "deprecated"
        return None, ""


def codings_of(values: Sequence[tuple[str, str, str, str]]) -> tuple[Coding, ...]:
    """Return codings from (system, version, code, display)."""
    return tuple(Coding(system, code, version, display) for system, version, code, display in values)
