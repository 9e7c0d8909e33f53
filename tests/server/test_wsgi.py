"""Calling a WSGI application: the environ it sees and every way it may answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.validate import validator

import pytest

from icdref.server.wsgi import ROUTE, UNNAMED, WsgiCaller
from icdref.web.http import Answer, Request

App = Callable[[dict[str, Any], Callable[..., Any]], Any]


def call(app: Any, request: Request | None = None, prefix: str = "") -> Answer:
    return WsgiCaller(app, "https://ref.example:8443", prefix)(request or Request("GET", "/x"))


def environ(request: Request, prefix: str = "") -> dict[str, Any]:
    return WsgiCaller(lambda *_: [], "https://ref.example:8443", prefix).environ(request)


def test_a_validated_application_is_called_as_the_standard_says() -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ[ROUTE] = "/x"
        start_response("201 Created", [("Content-Type", "text/plain")])
        return [b"got ", body]

    answer = call(validator(app), Request("POST", "/x", "a=b", {"content-type": "text/plain"}, b"body"))
    assert (answer.status, answer.body) == (201, b"got body")
    assert answer.headers == [("Content-Type", "text/plain")]


def test_the_environ_has_the_configured_host_and_no_disguised_headers() -> None:
    made = environ(
        Request("GET", "/a é", "q=é", {"host": "evil", "proxy": "p", "x_y": "1", "x-z": "2", "transfer-encoding": "chunked"}),
        "/icd",
    )
    assert (made["HTTP_HOST"], made["SERVER_NAME"], made["SERVER_PORT"]) == ("ref.example:8443", "ref.example", "8443")
    assert made["SCRIPT_NAME"] == ""
    assert made["PATH_INFO"].encode("latin-1").decode() == "/icd/a é"
    assert made["QUERY_STRING"].encode("latin-1").decode() == "q=é"
    assert made["HTTP_X_Z"] == "2"
    assert not {"HTTP_PROXY", "HTTP_X_Y", "HTTP_TRANSFER_ENCODING"} & set(made)


def test_generators_are_consumed_and_closed() -> None:
    closed = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"one ", b"two"])

        def close(self) -> None:
            closed.append(True)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Body:
        write = start_response("200 OK", [])
        write(b"zero ")
        return Body()

    answer = call(app)
    assert (answer.body, answer.route, closed) == (b"zero one two", UNNAMED, [True])


def test_a_body_that_fails_is_closed_and_raised() -> None:
    closed = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            yield b"one"
            raise ValueError

        def close(self) -> None:
            closed.append(True)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Body:
        start_response("200 OK", [])
        return Body()

    with pytest.raises(ValueError):
        call(app)
    assert closed == [True]


def test_start_response_may_be_called_again_only_with_an_error() -> None:
    def twice(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [])
        start_response("200 OK", [])
        return []

    def corrected(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [("a", "b")])
        start_response("500 Oh", [], (ValueError, ValueError(), None))
        return []

    def silent(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        return []

    for app in (twice, silent):
        with pytest.raises(RuntimeError):
            call(app)
    assert (call(corrected).status, call(corrected).headers) == (500, [])
