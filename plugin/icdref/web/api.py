"""The routes of icdref, framework-free: a request in, an answer out. Flask and the server's front both call this.

Routing is by the shape of a FHIR URL (type, id, $operation) and by the operation table; nothing is registered by hand.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Final

import orjson

from icdref import issues
from icdref.config import Settings
from icdref.fhir.elements import every_resource_type
from icdref.fhir.operations import operation
from icdref.fhir.terminology import code_system_id
from icdref.issues import IcdRefError, Issue
from icdref.service.live import LiveService
from icdref.service.service import Service
from icdref.web import compare, history, knowledge, negotiation, openapi, resources, terminology, translate, value_sets
from icdref.web.access import PUBLIC, AccessCheck, guarded, smart_configuration
from icdref.web.batch import batch
from icdref.web.context import Context
from icdref.web.doors import Doors
from icdref.web.errors import error_answer, status_of
from icdref.web.find_matches import answer_matches
from icdref.web.http import Answer, Request
from icdref.web.lookup_bytes import LookupBytes
from icdref.web.negotiation import CACHE_NEVER, CACHE_SEARCH, SHARED_HEADERS
from icdref.web.operation_input import query_pairs
from icdref.web.pages.kept import Kept
from icdref.web.pages.site import Pages
from icdref.web.rendered import SEARCHED_TYPES, Rendered
from icdref.web.representation import reshaped, reshaped_error
from icdref.web.resource_versions import VERSIONED_TYPES
from icdref.web.validate import validate
from icdref.web.versions import answer_versions

log = logging.getLogger(__name__)

FHIR_BASES: Final = {"/fhir/r4": ("4.0", "4.0.1"), "/fhir/r5": ("5.0", "5.0.0")}
"""Path of each FHIR base -> the version as our tables spell it, and in full."""

_FHIR: Final = "/fhir/"
_SMART: Final = ".well-known/smart-configuration"
_HINT: Final = "the FHIR bases are /fhir/r4 and /fhir/r5, and /fhir/r4/metadata says what is offered"

_TERMINOLOGY: Final[dict[str, Callable[[Context, str], Answer]]] = {
    "lookup": terminology.lookup,
    "validate-code": terminology.validate_code,
    "subsumes": terminology.subsumes,
    "batch-validate-code": value_sets.batch_in_code_systems,
    "find-matches": answer_matches,
}

_VALUE_SETS: Final[dict[str, Callable[[Context, str], Answer]]] = {
    "expand": value_sets.expand,
    "validate-code": value_sets.validate_code,
    "batch-validate-code": value_sets.batch_in_value_sets,
}


class Api:
    """Everything that is answered without a web framework."""

    def __init__(self, settings: Settings, live: LiveService) -> None:
        self.settings = settings
        self._live = live
        self._rendered: dict[tuple[str, bool], Rendered] = {}
        self._access = AccessCheck(settings) if settings.token_issuer else None
        self._lookups: tuple[Service | None, LookupBytes] = (None, LookupBytes())
        self._kept: Kept | None = None
        self._doors = Doors(settings, live)

    def edition(self) -> str:
        """Return the id of the edition that is served now."""
        return self._live.now().edition.id

    def generation(self) -> str:
        """Return a text that changes whenever an answer may: another edition or withdrawal, or the edition found damaged."""
        service = self._live.now()
        return f"{service.edition.id}.{service.withdrawals.serial}{service.degraded[:1]}"

    def close(self) -> None:
        """Stop what runs in the background for these routes."""
        if self._access is not None:
            self._access.keys.close()

    def service(self) -> Service:
        """Return the service that answers now."""
        return self._live.now()

    def answer(self, request: Request) -> Answer | None:
        """Return the answer of a route of ours, None where the path is none of ours. Raises nothing that input can cause."""
        answer = self._answer(request)
        if self._access is not None and answer is not None and request.path.startswith(_FHIR):
            return guarded(answer, request)
        return answer

    def _answer(self, request: Request) -> Answer | None:
        try:
            return self._route(request)
        except IcdRefError as error:
            return self.error_answers(error.issues, request)
        except Exception as error:
            frames = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(traceback.extract_tb(error.__traceback__)))
            log.error("request %s failed: %s in %s", request.header("x-request-id"), type(error).__name__, frames)
            return self.error_answers((issues.internal_fault(),), request)

    def error_answer(self, issue: Issue, request: Request) -> Answer:
        """Return the answer that says one issue."""
        return self.error_answers((issue,), request)

    def error_answers(self, found: tuple[Issue, ...], request: Request, allow: str = "") -> Answer:
        """Return the answer that says what was wrong, in the dialect of the path."""
        if answered := self._doors.error(found, request, allow):
            return answered
        route = f"error {status_of(found[0])}"
        answer = error_answer(found, request.header("x-request-id"), route, allow=allow, edition=self.edition())
        return reshaped_error(answer, request, "5.0" if request.path.startswith("/fhir/r5") else "4.0")

    def unknown_path(self, request: Request) -> Answer:
        """Return the answer for a path that nobody serves."""
        return self.error_answer(issues.unknown_path(request.path, _HINT), request)

    def _route(self, request: Request) -> Answer | None:
        path = request.path
        for base, versions in FHIR_BASES.items():
            if path.startswith(base) and path[len(base) : len(base) + 1] in ("", "/"):
                return self._fhir(request, base, versions, path[len(base) :])
        if path in ("/live", "/ready") and request.method == "OPTIONS":
            return self._preflight(request, "GET, HEAD, OPTIONS")
        if path == "/live":
            return self._plain(request, 200, {"status": "alive"}, "/live")
        if path == "/ready":
            return self._ready(request)
        if path == openapi.PATH:
            return self._description(request)
        if path in ("/fhir", "/fhir/"):
            return self.unknown_path(request)
        return self._doors.answer(request) or self._page(request)

    def _page(self, request: Request) -> Answer | None:
        """Return the page for people at a path, None where there is none."""
        service = self._live.now()
        kept = self._kept
        if kept is None or kept.service is not service:
            kept = self._kept = Kept(service)
        page = Pages(request, service, kept)
        if not page.exists:
            # A person with a browser gets a page; a program the error in its own dialect.
            return page.answer() if request.method == "GET" and "text/html" in request.header("accept") else None
        return page.answer() if request.method in ("GET", "HEAD") else self._wrong_method(request, ("GET",))

    # --- FHIR --------------------------------------------------------------------------------------------------------

    def _fhir(self, request: Request, base: str, versions: tuple[str, str], rest: str) -> Answer:
        if request.method == "OPTIONS":
            return self._preflight(request)
        parts = [part for part in rest.split("/") if part]
        if len(parts) > 4:
            return self.unknown_path(request)
        pairs = query_pairs(request)
        service = self._live.now()
        wishes = negotiation.wishes_of(request, pairs, versions[0])
        context = Context(
            request=request,
            service=service,
            pairs=pairs,
            media_type=wishes.json_type,
            base_url=self.settings.root_url + base,
            fhir_version=versions[0],
            lookups=self._lookups_of(service),
            access=self._access.access(request) if self._access is not None else PUBLIC,
        )
        answer = self._dispatch(context, parts)
        return answer if wishes is negotiation.USUAL else reshaped(answer, wishes, versions[0])

    def _dispatch(self, context: Context, parts: list[str]) -> Answer:
        request = context.request
        if parts and parts[-1].startswith("$"):
            return self._operation(context, parts[:-1], parts[-1][1:])
        if not parts and request.method == "POST":
            return batch(context, lambda entry: self.answer(entry) or self.unknown_path(entry))
        searching = len(parts) == 1 or (len(parts) == 2 and parts[1] in ("_search", "_history"))
        rendered = self._face(context, full=context.access.searches if searching else context.access.reads)
        match parts:
            case [".well-known", "smart-configuration"] if self._access is not None:
                return self._only(request, "GET", lambda: self._plain(request, 200, smart_configuration(self.settings), _SMART))
            case ["metadata"]:
                return self._only(request, "GET", lambda: resources.metadata(context, rendered))
            case [name, "_search"] if name in rendered.types():
                return self._only(request, "POST", lambda: self._search(context, rendered, name))
            case [name] if name in rendered.types():
                return self._only(request, "GET", lambda: self._search(context, rendered, name))
            case [name, "_history"] if name in VERSIONED_TYPES:
                return self._only(request, "GET", lambda: history.type_history(context, rendered, name))
            case [name, identifier, "_history"] if name in VERSIONED_TYPES:
                return self._only(request, "GET", lambda: history.instance_history(context, rendered, name, identifier))
            case [name, identifier, "_history", version] if name in VERSIONED_TYPES:
                return self._only(request, "GET", lambda: history.version_read(context, rendered, name, identifier, version))
            case [name, identifier] if name in rendered.types() and identifier[0] != "_":
                return self._only(request, "GET", lambda: resources.read(context, rendered, name, identifier))
        return self.unknown_path(request)

    def _search(self, context: Context, rendered: Rendered, name: str) -> Answer:
        if name not in SEARCHED_TYPES:
            return self.unknown_path(context.request)
        return resources.search_type(context, rendered, name)

    def _operation(self, context: Context, target: list[str], name: str) -> Answer:
        request = context.request
        found = operation(target[0] if target else "", name)
        if name == "validate" and len(target) == 1 and target[0] in every_resource_type(context.fhir_version):
            return self._only(request, "POST", lambda: validate(context, target[0]))
        if found is None or len(target) > 2 or found.resource == "Resource":
            return self.unknown_path(request)
        if not (found.system_level, found.type_level, found.instance_level)[len(target)]:
            return self.unknown_path(request)
        if request.method not in found.methods:
            return self._wrong_method(request, found.methods)
        if found.resource == "CodeSystem":
            return _TERMINOLOGY[name](context, self._release(context, target))
        if found.resource == "ConceptMap":
            return translate.translate(context, *target[1:])
        if not found.resource:
            return answer_versions(context)
        if found.resource == "ValueSet":
            return _VALUE_SETS[name](context, target[1] if len(target) == 2 else "")
        rendered = self._face(context, full=context.access.reads)
        if name == "document":
            return knowledge.instance_document(context, rendered, target[1])
        if name == "compare":
            return compare.compare(context)
        return knowledge.for_code(context, rendered)

    @staticmethod
    def _release(context: Context, target: list[str]) -> str:
        """Return the release that an instance-level call names by the id of its CodeSystem, '' at type level."""
        if len(target) == 1:
            return ""
        for release in context.service.releases.all:
            if code_system_id(release) == target[1]:
                return release.version
        raise IcdRefError(issues.unknown_resource("CodeSystem", target[1]))

    def _lookups_of(self, service: Service) -> LookupBytes:
        """Return what was rendered of an edition; another edition starts anew."""
        owner, lookups = self._lookups
        if owner is not service:
            lookups = LookupBytes()
            self._lookups = (service, lookups)
        return lookups

    def _face(self, context: Context, *, full: bool) -> Rendered:
        """Return the FHIR face of the edition on this day, made at its first use; the `full` one has the gated sections."""
        service, day = context.service, context.service.today()
        full = full and bool(self.settings.gated_sections)
        face = self._rendered.get((context.fhir_version, full))
        if face is None or face.service is not service or face.day != day:
            face = Rendered(service, context.base_url, context.fhir_version, day, full=full)
            self._rendered[context.fhir_version, full] = face
        return face

    def _only(self, request: Request, method: str, handle: Callable[[], Answer]) -> Answer:
        return handle() if request.method == method else self._wrong_method(request, (method,))

    def _wrong_method(self, request: Request, allowed: tuple[str, ...]) -> Answer:
        methods = ("GET", "HEAD", *allowed[1:]) if allowed[0] == "GET" else allowed
        allow = ", ".join((*methods, "OPTIONS"))
        return self.error_answers((issues.wrong_method(request.method, request.path, methods),), request, allow)

    def _preflight(self, request: Request, methods: str = "GET, HEAD, POST, OPTIONS") -> Answer:
        headers = [
            *SHARED_HEADERS,
            ("Access-Control-Allow-Methods", methods),
            ("Access-Control-Allow-Headers", negotiation.allowed_headers(request)),
            ("Access-Control-Max-Age", "86400"),
            ("Allow", methods),
            ("ICDREF-Edition", self.edition()),
        ]
        return Answer(204, headers, b"", "OPTIONS")

    def _description(self, request: Request) -> Answer:
        """Answer the OpenAPI description of everything here."""
        if request.method not in ("GET", "HEAD"):
            return self._wrong_method(request, ("GET",))
        body = orjson.dumps(openapi.document(self.settings.root_url, smart=self._access is not None))
        return negotiation.answer(
            body, "application/json", cache=CACHE_SEARCH, release="", edition=self.edition(), route=openapi.PATH
        )

    # --- health ------------------------------------------------------------------------------------------------------

    def _ready(self, request: Request) -> Answer:
        """Answer whether this process can serve: 200 with fresh or stale, 503 when it serves only what was left."""
        service = self._live.now()
        state = service.state
        body: dict[str, object] = {
            "status": state,
            "edition": service.edition.id,
            "releases": [release.version for release in service.releases.all],
            "withdrawals": service.withdrawals.serial,
            "today": service.today().isoformat(),
        }
        if state == "stale":
            body["reason"] = f"a newer release than {service.releases.newest.version} is in force; import it"
        if state == "degraded":
            body["reason"] = service.degraded
        return self._plain(request, 503 if service.unservable else 200, body, "/ready")

    def _plain(self, request: Request, status: int, body: dict[str, object], route: str) -> Answer:
        if request.method not in ("GET", "HEAD"):
            return self._wrong_method(request, ("GET",))
        headers = [
            ("Content-Type", "application/json"),
            ("Cache-Control", CACHE_NEVER),
            *SHARED_HEADERS,
            ("ICDREF-Edition", self.edition()),
        ]
        return Answer(status, headers, orjson.dumps(body), route)
