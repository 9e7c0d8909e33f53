"""`$lookup` and `$subsumes` on code systems in general: those of a request, and ICD-10-CM where a request changes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from icdref import issues_terminology as texts
from icdref.expansions import ConceptLookup
from icdref.issues import IcdRefError
from icdref.service.systems.protocol import System
from icdref.service.valuesets.displays import displays_of, shown
from icdref.service.valuesets.options import Options
from icdref.service.valuesets.scope import Scope

_NO_SUBSUMPTION: Final = ("grouped-by", "part-of", "classified-with")
_LISTED_BY_ITSELF: Final = ("parent", "child")


def lookup(scope: Scope, url: str, version: str, code: str, options: Options) -> ConceptLookup:
    """Return what a code system says about a code. Raises IcdRefError where it, or the code, is not held."""
    scope.require(options.supplements)
    system = _held(scope, url, version)
    if missing := scope.missing_supplements([system]):
        raise IcdRefError(texts.supplements_not_found(missing))
    ordinal = _place(system, code, "code")
    concept = system.concepts((ordinal,))[0]
    displays = displays_of(system, ordinal, concept)
    chosen = displays.preferred(options.languages)
    return ConceptLookup(
        header=system.facts.header,
        code=concept.code,
        display=chosen.value if chosen else concept.display,
        definition=system.definition(ordinal),
        abstract=concept.abstract,
        inactive=concept.inactive,
        designations=tuple(shown(text.designation) for text in displays.texts),
        properties=tuple(each for each in system.properties(ordinal) if each.code not in _LISTED_BY_ITSELF),
        parents=_named(system, system.parents(ordinal)),
        children=_named(system, system.children(ordinal)),
    )


def subsumes(scope: Scope, url: str, version: str, a: str, b: str) -> str:
    """Return how code `a` stands to code `b`: equivalent, subsumes, subsumed-by or not-subsumed.

    Raises IcdRefError where the tree of the system does not say such a thing, or either is not a code of it.
    """
    chosen = scope.wanted(url, version)
    system = scope.system(url, chosen, exactly=True)
    if system is None:
        raise IcdRefError(texts.subsumption_system_not_found(url, chosen))
    facts = system.facts
    if facts.content != "complete":
        raise IcdRefError(texts.subsumption_not_complete(facts.header.canonical, facts.content))
    if facts.hierarchy_meaning in _NO_SUBSUMPTION:
        raise IcdRefError(texts.subsumption_not_meant(facts.header.canonical, facts.hierarchy_meaning))
    first, second = _place(system, a, "codeA"), _place(system, b, "codeB")
    if first == second:
        return "equivalent"
    if system.subsumes(first, second):
        return "subsumes"
    return "subsumed-by" if system.subsumes(second, first) else "not-subsumed"


def _held(scope: Scope, url: str, version: str) -> System:
    chosen = scope.wanted(url, version)
    system = scope.system(url, chosen, exactly=True)
    if system is None:
        known = scope.versions(url) if chosen else ()
        raise IcdRefError(replace(texts.system_not_found(url, chosen, known, "system"), detail="unknown-system"))
    if refused := scope.refused(system):
        raise IcdRefError(*refused)
    return system


def _place(system: System, code: str, name: str) -> int:
    located = system.locate(code)
    if located is None:
        header = system.facts.header
        issue = system.absent(code) or texts.code_not_found(code, header.url, header.version, "")
        raise IcdRefError(replace(issue, expression=name))
    return located.ordinal


def _named(system: System, ordinals: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((each.code, each.display) for each in system.concepts(ordinals))
