"""The system-level operation `$versions`: which FHIR version the base speaks."""

from __future__ import annotations

from icdref.fhir.operations import VERSIONS
from icdref.fhir.parameters import versions_parameters
from icdref.web.context import Context
from icdref.web.http import Answer
from icdref.web.negotiation import CACHE_DEFAULT_RELEASE, render
from icdref.web.operation_input import read_input


def answer_versions(context: Context) -> Answer:
    """Answer `$versions`: a Parameters resource, or for `application/json` the plain object of the standard."""
    read_input(VERSIONS, context.request, context.pairs, context.service.settings.json_depth, context.fhir_version)
    if context.request.header("accept").strip().lower() == "application/json":
        body = render({"versions": [context.fhir_version], "default": context.fhir_version})
        return context.answer_bytes(body, cache=CACHE_DEFAULT_RELEASE, route="$versions")
    return context.answer(versions_parameters(context.fhir_version), cache=CACHE_DEFAULT_RELEASE, route="$versions")
