"""Composition/$compare: two to six codes or conditions side by side."""

from __future__ import annotations

from icdref import issues
from icdref.codes import ICD10CM
from icdref.fhir import operations
from icdref.fhir.document import comparison_document
from icdref.fhir.match_trace import with_traces
from icdref.issues import IcdRefError
from icdref.service.compare import compare as compare_codes
from icdref.service.releases import to_day
from icdref.web.context import Context
from icdref.web.http import Answer
from icdref.web.knowledge import reader_of
from icdref.web.negotiation import CACHE_CLINICAL
from icdref.web.operation_input import read_input

_ROUTE = "Composition/$compare"


def compare(context: Context) -> Answer:
    """Answer Composition/$compare: one document with the conditions side by side, and the trace of each code."""
    service = context.service
    given = read_input(operations.COMPARE, context.request, context.pairs, service.settings.json_depth, context.fhir_version)
    if not given.texts("code"):
        raise IcdRefError(issues.missing_parameter("code", "code=M61.05&code=M61.25"))
    found = compare_codes(
        service.terminology,
        service.knowledge,
        given.texts("code"),
        system=given.text("system") or ICD10CM,
        version=given.text("version"),
        day=to_day(given.text("date")) if given.text("date") else None,
        reader=reader_of(context, given),
    )
    bundle = comparison_document(found, context.base_url, context.fhir_version)
    traces = [side.trace for side in found.sides if side.trace]
    return context.answer(with_traces(bundle, traces), cache=CACHE_CLINICAL, route=_ROUTE, release=found.release.version)
