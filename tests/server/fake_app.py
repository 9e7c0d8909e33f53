"""A small application with the shape of icdref's: an `Api` for the framework-free routes and Flask for the rest."""

from __future__ import annotations

import os
from pathlib import Path

import flask
import orjson

from icdref import issues
from icdref.config import Settings
from icdref.issues import IcdRefError, Issue
from icdref.web.http import Answer, Request

JSON = "application/fhir+json"
LONG = b'{"resourceType":"Bundle","text":"' + b"ossification " * 400 + b'"}'


class FakeApi:
    """Answers under /api; the generation is read from a file so that a test can change it under a running server."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.calls = 0
        self.file = Path(os.environ["FAKE_GENERATION"]) if "FAKE_GENERATION" in os.environ else None
        self.value = "one"

    def edition(self) -> str:
        return self.generation()

    def generation(self) -> str:
        return self.file.read_text() if self.file else self.value

    def answer(self, request: Request) -> Answer | None:
        if not request.path.startswith("/api/"):
            return None
        self.calls += 1
        name = request.path.removeprefix("/api/")
        headers = [("Content-Type", JSON), ("ETag", f'"{self.generation()}-{name}"'), ("Vary", "Accept, Accept-Language")]
        if name == "boom":
            raise ZeroDivisionError("a message with M61.051 in it")
        if name == "long":
            return Answer(200, [*headers, ("Cache-Control", "public, max-age=60")], LONG, "/api/long")
        if name == "private":
            return Answer(200, [*headers, ("Cache-Control", "no-store")], b"{}", "/api/private")
        seen = {
            "calls": self.calls,
            "pid": os.getpid(),
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": dict(request.headers),
            "body": request.body.decode("latin-1"),
        }
        return Answer(200, [*headers, ("Cache-Control", "no-cache")], orjson.dumps(seen), "/api/<name>")

    def error_answer(self, issue: Issue, request: Request) -> Answer:
        outcome = {
            "resourceType": "OperationOutcome",
            "issue": [{"code": issue.type, "details": {"text": issue.text}, "diagnostics": request.header("x-request-id")}],
        }
        return Answer(400, [("content-type", JSON)], orjson.dumps(outcome), "(error)")


def create_app(settings: Settings) -> flask.Flask:
    app = flask.Flask("fake")
    app.extensions["icdref"] = FakeApi(settings)
    routes = flask.Blueprint("routes", "fake")

    @routes.route("/flask/<value>", methods=["GET", "POST"])
    def echo(value: str) -> flask.Response:
        request = flask.request
        seen = {
            "value": value,
            "path": request.path,
            "host": request.host,
            "method": request.method,
            "args": request.args.to_dict(),
            "form": request.form.to_dict(),
            "data": request.get_data(as_text=True),
            "headers": dict(request.headers),
        }
        return flask.Response(orjson.dumps(seen), content_type="application/json")

    @routes.get("/stream")
    def stream() -> flask.Response:
        return flask.Response((part for part in ("one ", "two ", "three")), content_type="text/plain")

    @routes.get("/tagged")
    def tagged() -> flask.Response:
        answer = flask.Response("tagged " * 300, content_type="text/html", headers={"Cache-Control": "public, max-age=9"})
        answer.set_etag("t1")
        return answer.make_conditional(flask.request)

    app.register_blueprint(routes, url_prefix=settings.url_prefix or None)
    return app


def create_nothing(settings: Settings) -> flask.Flask:
    raise IcdRefError(issues.no_edition("/nowhere"))
