"""icdref as a Flask application, and as blueprints on somebody else's: the plugin in "EHR plugin"."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from typing import Final

import flask

from icdref import issues
from icdref.config import Settings
from icdref.service.live import LiveService
from icdref.web.api import Api
from icdref.web.http import Answer, Request

_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
_REQUEST_ID: Final = re.compile(r"\A[A-Za-z0-9._-]{1,64}\Z")
_PATHS: Final = (
    *("/fhir", "/fhir/", "/fhir/<path:rest>", "/live", "/ready", "/openapi.json"),
    *("/infobutton/<path:rest>", "/cds-services", "/cds-services/", "/cds-services/<path:rest>"),
    *("/", "/search", "/suggest", "/codes/<path:rest>", "/conditions", "/conditions/<path:rest>", "/about/<path:rest>"),
    *("/compare", "/coverage", "/releases", "/releases/<path:rest>", "/static/<path:rest>"),
)
_BELOW_PREFIX: Final = ("/", "/<path:rest>")
"""Below a prefix everything is ours, so that an unknown path there gets our answer and not the host's page."""


def create_app(settings: Settings | None = None, live: LiveService | None = None) -> flask.Flask:
    """Return a Flask application with every door of icdref.

    Settings come from the environment unless given. Raises IcdRefError (no-edition) when there is nothing to serve.
    """
    settings = settings or Settings.from_environment()
    app = flask.Flask("icdref", static_folder=None)
    register(app, settings=settings, live=live, url_prefix=settings.url_prefix or None)
    app.register_error_handler(404, _unrouted)
    app.register_error_handler(405, _unrouted)
    return app


def register(
    app: flask.Flask, *, url_prefix: str | None = None, settings: Settings | None = None, live: LiveService | None = None
) -> Api:
    """Mount icdref on a host's Flask application, behind whatever the host puts in front of its views.

    Every request goes through the host's own `before_request` functions: there is no way around its authentication.
    `url_prefix`, else that of the settings, is where it is mounted and what its links begin with. Returns the API object;
    the first one of an application is also in `app.extensions["icdref"]`.
    """
    settings = settings or Settings.from_environment(url_prefix=url_prefix)
    if url_prefix is not None:
        settings = replace(settings, url_prefix=url_prefix.rstrip("/"))
    prefix = settings.url_prefix
    api = Api(settings, live or LiveService(settings))
    # An application may hold several: one for each prefix.
    taken = sum(name.partition("-")[0] == "icdref" for name in app.blueprints)
    blueprint = flask.Blueprint(f"icdref-{taken + 1}" if taken else "icdref", "icdref")

    def handle(rest: str = "") -> flask.Response:
        del rest  # the API reads the whole path
        return _to_response(_handled(api, settings))

    for path in dict.fromkeys((*_PATHS, *_BELOW_PREFIX) if prefix else _PATHS):
        blueprint.add_url_rule(
            path, "answer", handle, methods=_METHODS, provide_automatic_options=False, strict_slashes=path != "/"
        )
    app.register_blueprint(blueprint, url_prefix=prefix or None)
    app.extensions.setdefault("icdref", api)
    return api


def _handled(api: Api, settings: Settings) -> Answer:
    request = flask.request
    given = request.headers.get("X-Request-Id", "")
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers["x-request-id"] = given if _REQUEST_ID.match(given) else secrets.token_hex(8)
    method = "GET" if request.method == "HEAD" else request.method
    below = f"{request.path}/".startswith(f"{settings.url_prefix}/")
    asked = Request(
        method,
        request.path[len(settings.url_prefix) :] if below else request.path,
        request.query_string.decode("utf-8", "replace"),
        headers,
    )
    answer = _answered(api, asked, settings.body_bytes) if below else api.unknown_path(asked)
    answer.headers.append(("X-Request-Id", headers["x-request-id"]))
    return _unchanged(answer, headers.get("if-none-match", ""), headers.get("if-modified-since", ""))


def _answered(api: Api, asked: Request, limit: int) -> Answer:
    if asked.method not in ("GET", "OPTIONS"):
        if (flask.request.content_length or 0) > limit:
            return api.error_answer(issues.body_too_large(limit), asked)
        asked.body = flask.request.stream.read(limit + 1)
        if len(asked.body) > limit:
            return api.error_answer(issues.body_too_large(limit), asked)
    return api.answer(asked) or api.unknown_path(asked)


def _unchanged(answer: Answer, condition: str, since: str) -> Answer:
    """Return a 304 in place of an answer that the client already has.

    A tag decides alone where the client sent one (RFC 9110 section 13.2.2). A date must be the one that we gave.
    """
    sent = dict(answer.headers)
    tag = sent.get("ETag")
    if answer.status != 200 or not tag:
        return answer
    known = {each.strip().removeprefix("W/") for each in condition.split(",")}
    if condition and tag not in known and "*" not in known:
        return answer
    if not condition and (not since or since != sent.get("Last-Modified")):
        return answer
    kept = [header for header in answer.headers if header[0] != "Content-Type"]
    return Answer(304, kept, b"", answer.route)


def _to_response(answer: Answer) -> flask.Response:
    response = flask.Response(answer.body, answer.status)
    response.headers.clear()
    for name, value in answer.headers:
        response.headers.add(name, value)
    return response


def _unrouted(error: Exception) -> flask.Response:
    """Answer what Flask has no route for, an odd method too, in the same shape as all other errors."""
    del error
    api: Api = flask.current_app.extensions["icdref"]
    return _to_response(_handled(api, api.settings))
