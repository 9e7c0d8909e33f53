"""What a request asks of an expansion or a validation, and which versions it wants of what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from icdref import issues_terminology as texts
from icdref.definitions import PropertyContent, ValueSet
from icdref.issues import IcdRefError
from icdref.service.valuesets.languages import Languages, languages

VERSION_PARAMETERS: Final = {
    "system-version": ("default", False),
    "check-system-version": ("check", False),
    "force-system-version": ("force", False),
    "default-valueset-version": ("default", True),
    "check-valueset-version": ("check", True),
    "force-valueset-version": ("force", True),
}
"""Parameter -> (mode, whether it is about value sets)."""


@dataclass(frozen=True, slots=True)
class VersionRule:
    """A version that a request wants of a code system or value set: by default, by force, or as a condition (`check`)."""

    url: str
    version: str
    mode: str
    parameter: str

    @property
    def canonical(self) -> str:
        """Return `url|version`."""
        return f"{self.url}|{self.version}"


@dataclass(frozen=True, slots=True)
class Options:
    """The parameters of a request that the engine reads; None where the request says nothing.

    `display_languages` come from displayLanguage, `http_languages` from Accept-Language or the value set's own language.
    `abstract` is about groupers as codes; `day` the day that a code has to be valid on.
    """

    active_only: bool | None = None
    exclude_nested: bool | None = None
    exclude_not_for_ui: bool | None = None
    exclude_post_coordinated: bool | None = None
    include_designations: bool | None = None
    include_definition: bool | None = None
    versions_match: bool | None = None
    designations: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    display_languages: Languages | None = None
    http_languages: Languages | None = None
    rules: tuple[VersionRule, ...] = ()
    supplements: tuple[str, ...] = ()
    excluded_systems: tuple[str, ...] = ()
    filter: str = ""
    count: int | None = None
    offset: int | None = None
    abstract: bool | None = None
    lenient_display: bool = False
    membership_only: bool = False
    infer_system: bool = False
    day: date | None = None
    is_validation: bool = False

    @property
    def languages(self) -> Languages | None:
        """Return the languages that texts are wanted in, None where nobody said."""
        return self.display_languages or self.http_languages

    @property
    def languages_said(self) -> str:
        """Return the languages as messages name them."""
        found = self.languages
        return str(found) if found is not None else "--"

    def within(self, value_set: ValueSet) -> Options:
        """Return the options with what a value set says itself, which a parameter of the request overrules."""
        changed = self
        for name, value in value_set.parameters:
            changed = _with_own(changed, name, value)
        if value_set.compose is not None and value_set.compose.properties:
            wanted = (*changed.properties, *value_set.compose.properties)
            changed = replace(changed, properties=tuple(dict.fromkeys(wanted)))
        if changed.http_languages is None and value_set.header.language:
            found = languages(value_set.header.language, open_ended=not self.is_validation)
            changed = replace(changed, http_languages=found)
        return changed


_FLAGS: Final = {
    "activeOnly": "active_only",
    "excludeNested": "exclude_nested",
    "excludeNotForUI": "exclude_not_for_ui",
    "excludePostCoordinated": "exclude_post_coordinated",
    "includeDesignations": "include_designations",
    "includeDefinition": "include_definition",
    "versionsMatch": "versions_match",
}


def version_rule(parameter: str, canonical: str) -> VersionRule | None:
    """Return the rule that a version parameter states, None where its value is not `url|version`."""
    url, _, version = canonical.partition("|")
    mode, _ = VERSION_PARAMETERS[parameter]
    return VersionRule(url, version, mode, parameter) if url and version else None


def _with_own(options: Options, name: str, value: PropertyContent) -> Options:
    """Return the options with a parameter that a value set carries in its valueset-expansion-parameter extension."""
    if name in _FLAGS:
        field = _FLAGS[name]
        said: dict[str, Any] = {field: value is True or value == "true"}
        return options if getattr(options, field) is not None else replace(options, **said)
    text = str(value)
    if name == "displayLanguage" and options.display_languages is None:
        found = languages(text, open_ended=not options.is_validation)
        if found is None:
            raise IcdRefError(texts.language_invalid(text))
        return replace(options, display_languages=found)
    if name in VERSION_PARAMETERS and (rule := version_rule(name, text)):
        is_overruled = any((each.url, each.parameter) == (rule.url, rule.parameter) for each in options.rules)
        return options if is_overruled else replace(options, rules=(*options.rules, rule))
    if name == "property":
        return replace(options, properties=tuple(dict.fromkeys((*options.properties, text))))
    if name == "designation":
        return replace(options, designations=(*options.designations, text))
    if name == "useSupplement":
        return replace(options, supplements=tuple(dict.fromkeys((*options.supplements, text))))
    return options


def wanted_version(url: str, version: str, rules: Iterable[VersionRule]) -> tuple[str, tuple[VersionRule, ...]]:
    """Return the version to use of a resource, and the rules that decided.

    A forced version wins over the one given, that over a default one, and where nothing else says so a `check` picks too.
    Raises IcdRefError where the request contradicts itself.
    """
    own = [rule for rule in rules if rule.url == url]
    used: list[VersionRule] = []
    for mode in ("force", "default", "check"):
        for rule in own:
            if rule.mode != mode or (mode != "force" and version and not used):
                continue
            if used and used[0].mode == mode:
                if mode != "check" and rule.version != used[0].version:
                    raise IcdRefError(texts.versions_contradict(url, used[0].version, rule.version, forced=mode == "force"))
            elif not used:
                version = rule.version
                used.append(rule)
    return version, tuple(used)
