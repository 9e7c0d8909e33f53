"""The whole HTTP interface as an OpenAPI 3.1 description, served at /openapi.json: FHIR from its tables, the rest from here.

A test asks every path of it, and every route of the application for its place in it.
"""

from __future__ import annotations

from typing import Any, Final

from icdref import __version__
from icdref.cds.hooks import discovery
from icdref.fhir.openapi import fhir_paths
from icdref.fhir.openapi_schemas import schemas

PATH: Final = "/openapi.json"
_STRING: Final = {"type": "string"}
_KNOWLEDGE: Final = {
    "mainSearchCriteria.v.c": "M61.051",
    "mainSearchCriteria.v.cs": "2.16.840.1.113883.6.90",
    "mainSearchCriteria.v.dn": "Calcification of muscle",
    "informationRecipient": "PROV",
    "informationRecipient.languageCode.c": "en",
    "taskContext.c.c": "PROBLISTREV",
    "subTopic.v.c": "Q000628",
    "knowledgeRequestNotification.effectiveTime.v": "20260504",
    "knowledgeResponseType": "application/json",
    "callback": "show",
}
"""The parameters of a knowledge request that callers use, each with an example; all others of the standard are read as well."""

_PAGES: Final = {
    "/": ("The start page", ()),
    "/search": ("Search by words or codes", ("q", "date", "billable", "within", "offset", "format")),
    "/suggest": ("What a search may be completed to", ("q",)),
    "/codes/{code}": ("The page of a code", ("date", "version", "format")),
    "/conditions": ("Every condition summary", ("format",)),
    "/conditions/{id}": ("The page of a condition summary", ("audience", "language", "section", "format")),
    "/about/{id}": ("Where a summary comes from", ("format",)),
    "/compare": ("Codes side by side", ("codes", "format")),
    "/coverage": ("Which codes have a summary", ("format",)),
    "/releases": ("The installed releases", ("format",)),
    "/releases/{pair}": ("What changed between two releases", ("section", "offset", "format")),
}
_EXAMPLES: Final = {
    "q": "shoulder ossification",
    "date": "2026-05-04",
    "code": "M61.051",
    "id": "myositis-ossificans-traumatica",
    "pair": "2025-10-01..2026-04-01",
    "codes": "M61.05 M61.25",
    "format": "json",
}


def document(root_url: str, *, smart: bool = False) -> dict[str, Any]:
    """Return the description; `root_url` is where icdref is mounted, `smart` whether access tokens are read."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "icdref",
            "version": __version__,
            "summary": "A diagnosis code in; its meaning and a condition summary out.",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": root_url}],
        "tags": [{"name": name} for name in ("FHIR", "Infobutton", "CDS Hooks", "Pages", "Operation")],
        "paths": fhir_paths() | (_smart() if smart else {}) | _infobutton() | _cds_hooks() | _pages() | _operation(),
        "components": {"schemas": schemas()},
    }


def _smart() -> dict[str, Any]:
    version = _parameter("version", "r4", place="path")
    version["schema"] = {"type": "string", "enum": ["r4", "r5"]}
    described = _described(
        "smart-configuration", "FHIR", "Where access tokens come from", ("application/json",), parameters=[version]
    )
    return {"/fhir/{version}/.well-known/smart-configuration": {"get": described}}


def _infobutton() -> dict[str, Any]:
    parameters = [_parameter(name, example) for name, example in _KNOWLEDGE.items()]
    form = {"schema": {"type": "object", "properties": dict.fromkeys(_KNOWLEDGE, _STRING)}}
    body = {"content": {"application/x-www-form-urlencoded": form, "application/xml": {"schema": _STRING}}}
    paths = {}
    for name, title, kinds in (
        ("service", "Knowledge for a code, as a feed", ("application/atom+xml", "application/json")),
        ("application", "Knowledge for a code, as a page", ("text/html",)),
    ):
        paths[f"/infobutton/{name}"] = {
            "get": _described(f"infobutton-{name}", "Infobutton", title, kinds, parameters=parameters),
            "post": _described(f"infobutton-{name}-post", "Infobutton", title, kinds, requestBody=body),
        }
    return paths


def _cds_hooks() -> dict[str, Any]:
    services: list[dict[str, Any]] = discovery(__version__)["services"]
    identifier = _parameter("id", services[0]["id"], place="path")
    identifier["schema"] = {"type": "string", "enum": sorted({each["id"] for each in services})}
    hooks = sorted({each["hook"] for each in services})
    call = {
        "type": "object",
        "required": ["hook", "hookInstance", "context"],
        "properties": {
            "hook": {"enum": hooks},
            "hookInstance": {"type": "string", "format": "uuid"},
            "context": {"type": "object"},
            "prefetch": {"type": "object", "additionalProperties": {"type": "object"}},
        },
    }
    card = {"type": "object", "required": ["card", "outcome"], "properties": {"card": _STRING, "outcome": _STRING}}
    feedback = {"type": "object", "properties": {"feedback": {"type": "array", "items": card}}}
    json = ("application/json",)
    return {
        "/cds-services": {"get": _described("cds-discovery", "CDS Hooks", "The services offered", json)},
        "/cds-services/{id}": {
            "post": _described("cds-hook", "CDS Hooks", "Call a service", json, parameters=[identifier], requestBody=_json(call))
        },
        "/cds-services/{id}/feedback": {
            "post": _described(
                "cds-feedback", "CDS Hooks", "What became of cards", json, parameters=[identifier], requestBody=_json(feedback)
            )
        },
    }


def _pages() -> dict[str, Any]:
    paths = {}
    for path, (title, queries) in _PAGES.items():
        names = [name.strip("{}") for name in path.split("/") if name.startswith("{")]
        parameters = [_parameter(name, _EXAMPLES[name], place="path") for name in names]
        parameters += [_parameter(name, _EXAMPLES.get(name, "")) for name in queries]
        kinds = ("application/json",) if path == "/suggest" else ("text/html", "text/markdown", "application/json")
        name = path.strip("/").replace("/", "-").replace("{", "").replace("}", "") or "start"
        paths[path] = {"get": _described(f"page-{name}", "Pages", title, kinds, parameters=parameters)}
    return paths


def _operation() -> dict[str, Any]:
    json = ("application/json",)
    return {
        "/live": {"get": _described("live", "Operation", "Whether the process is alive", json)},
        "/ready": {"get": _described("ready", "Operation", "Whether it can answer, and from which edition", json)},
        PATH: {"get": _described("openapi", "Operation", "This description", json)},
    }


def _described(name: str, tag: str, title: str, kinds: tuple[str, ...], **more: Any) -> dict[str, Any]:
    answers = {
        "200": {"description": title, "content": {kind: {} for kind in kinds}},
        "4XX": {"description": "What was wrong"},
    }
    if name == "ready":
        answers["503"] = {"description": "It cannot answer"}
    return {"operationId": name, "tags": [tag], "summary": title, **more, "responses": answers}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _parameter(name: str, example: str, place: str = "query") -> dict[str, Any]:
    schema = _STRING | ({"examples": [example]} if example else {})
    return {"name": name, "in": place, "schema": schema} | ({"required": True} if place == "path" else {})
