"""What a condition summary is about, as a ValueSet that any terminology server can evaluate."""

from __future__ import annotations

from typing import Any

from icdref.fhir.canonical import canonical
from icdref.fhir.composition import machine_name
from icdref.fhir.narrative import items, narrative
from icdref.fhir.summary_parts import PUBLISHER, bindings, meta, publication_status, revised
from icdref.model import CodeBinding
from icdref.results import SummaryView


def value_set(view: SummaryView) -> dict[str, Any]:
    """Return the ValueSet `<id>-codes`: one `include` for each code with everything below it, one for all single codes."""
    resource_id = f"{view.summary.id}-codes"
    return {
        "resourceType": "ValueSet",
        "id": resource_id,
        "meta": meta(view),
        "text": narrative("generated", items([_sentence(view, binding) for binding in bindings(view)])),
        "url": canonical("ValueSet", resource_id),
        "version": view.summary.version,
        "name": machine_name(resource_id),
        "title": f"ICD-10-CM codes of the summary: {view.title}",
        **publication_status(view),
        "date": revised(view).isoformat(),
        "publisher": PUBLISHER,
        "compose": {"include": _includes(view)},
    }


def _sentence(view: SummaryView, binding: CodeBinding) -> str:
    title = view.displays.get(binding.code, "")
    code = f"ICD-10-CM {binding.code}{f' {title}' if title else ''}"
    return code if binding.match == "self" else f"{code} and every code below it"


def _includes(view: SummaryView) -> list[dict[str, Any]]:
    system = {"system": view.release.system, "version": view.release.version}
    trees = [binding.code for binding in bindings(view) if binding.match != "self"]
    singles = [binding.code for binding in bindings(view) if binding.match == "self"]
    includes: list[dict[str, Any]] = [
        {**system, "filter": [{"property": "concept", "op": "is-a", "value": code}]} for code in trees
    ]
    if singles:
        # Filters of one include are ANDed and may not stand beside a list (vsd-3), so single codes have their own.
        includes.append({**system, "concept": [_listed(view, code) for code in singles]})
    return includes


def _listed(view: SummaryView, code: str) -> dict[str, str]:
    title = view.displays.get(code, "")
    return {"code": code, "display": title} if title else {"code": code}
