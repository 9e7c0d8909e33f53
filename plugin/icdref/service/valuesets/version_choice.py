"""Which version of a code system a coding is held to: the value set's, the coding's own, or what the request says.

Source: the public terminology servers; FHIR leaves the choice open and the texts say what was chosen and why.
"""

from __future__ import annotations

from icdref import issues_terminology as texts
from icdref.definitions import ConceptSet
from icdref.issues_terminology import below
from icdref.service.valuesets import versions
from icdref.service.valuesets.findings import Findings
from icdref.service.valuesets.scope import Scope

_ANY = ("complete", "fragment", "example", "not-present", "supplement")


def choose_version(scope: Scope, path: str, part: ConceptSet, asked: str, findings: Findings) -> str:
    """Return the version of a system to look a coding up in; `asked` is the coding's, and is remarked on where it differs."""
    url = part.system
    chosen = scope.wanted(url, part.version)
    if not asked:
        return chosen
    any_held = scope.system(url, "", exactly=True, kinds=_ANY)
    algorithm = any_held.facts.header.version_algorithm if any_held else ""
    if chosen and any_held is not None and asked != chosen and versions.matches(chosen, asked, algorithm):
        chosen = asked
    if not chosen and any(each == asked or versions.matches(asked, each, algorithm) for each in scope.versions(url)):
        chosen = asked
    held = scope.system(url, chosen)
    if held is None:
        if chosen != asked:
            findings.add(texts.version_differs(url, chosen, part.version, asked, path, why="include"), message=True)
        return chosen
    version = held.facts.header.version
    if version == asked or versions.matches(asked, version, held.facts.header.version_algorithm):
        return chosen
    if not chosen:
        severity = "error" if held.facts.version_needed else "warning"
        issue = texts.version_differs(url, version, part.version, asked, path, why="default", severity=severity)
    elif chosen != part.version:
        issue = texts.version_differs(url, chosen, part.version, asked, path, why="changed")
    else:
        issue = texts.version_differs(url, part.version, part.version, asked, path, why="include")
    findings.add(issue, message=issue.severity == "error")
    if scope.system(url, asked, exactly=True) is None:
        findings.unknown[f"{url}|{asked}"] = None
        known = scope.versions(url)
        findings.add(texts.system_not_found(url, asked, known, below(path, "system")), message=True)
    return chosen
