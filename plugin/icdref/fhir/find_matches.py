"""What `$find-matches` found as a Parameters resource: pure shaping."""

from __future__ import annotations

from typing import Any

from icdref.codes import ICD10CM
from icdref.fhir.canonical import edition_uri
from icdref.results import FoundMatch, FoundMatches, SearchReason


def matches_parameters(found: FoundMatches) -> dict[str, Any]:
    """Return the answer of `$find-matches`."""
    version = found.choice.release.version
    parameters: list[dict[str, Any]] = [{"name": "match", "part": _match(each, version)} for each in found.matches]
    parameters.append({"name": "total", "valueInteger": found.total})
    parameters += [{"name": "message", "valueString": issue.text} for issue in found.issues]
    meta = {"source": edition_uri(found.choice.edition)}
    return {"resourceType": "Parameters", "meta": meta, "parameter": parameters}


def _match(match: FoundMatch, version: str) -> list[dict[str, Any]]:
    coding = {"system": ICD10CM, "version": version, "code": match.code}
    if match.display:
        coding["display"] = match.display
    parts: list[dict[str, Any]] = [{"name": "code", "valueCoding": coding}]
    parts += [
        {"name": "unmatched", "part": [{"name": "code", "valueCode": name}, {"name": "value", "valueString": value}]}
        for name, value in match.lacking
    ]
    parts += [{"name": "why", "part": _reason(each)} for each in match.why]
    if comment := "; ".join([*map(_said, match.why), *(f"not {name} {value}" for name, value in match.lacking)]):
        parts.append({"name": "comment", "valueString": comment})
    return parts


def _reason(reason: SearchReason) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [{"name": "field", "valueCode": reason.field}]
    parts += [
        {"name": name, "valueString": value} for name, value in (("term", reason.term), ("corrected", reason.corrected)) if value
    ]
    return parts


def _said(reason: SearchReason) -> str:
    said = f"{reason.field}: {reason.term}" if reason.term else reason.field
    return f"{said} (typed: {reason.corrected})" if reason.corrected else said
