"""Calling a WSGI application with a request that has been read completely, and collecting its answer."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from icdref.web.http import Answer, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ROUTE: Final = "icdref.route"
"""The environ key in which the application leaves the template of the route that answered."""

UNNAMED: Final = "(unnamed)"
"""The route of an answer that says none."""

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class WsgiCaller:
    """A WSGI application as a function from Request to Answer.

    The host, port and scheme that the application sees are those of `base_url`: nothing it writes can carry what a client
    put into Host or X-Forwarded-Host. It gets whole paths, because it mounts itself below `prefix`.
    """

    def __init__(self, app: WSGIApplication, base_url: str, prefix: str) -> None:
        self._app = app
        url = urlsplit(base_url)
        self._environ: dict[str, Any] = {
            "SCRIPT_NAME": "",
            "SERVER_NAME": url.hostname or "localhost",
            "SERVER_PORT": str(url.port or (443 if url.scheme == "https" else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_SOFTWARE": "icdref",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": url.scheme,
            "wsgi.input_terminated": True,
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        self._prefix = prefix
        self._host = url.netloc.rpartition("@")[2]

    def __call__(self, request: Request) -> Answer:
        """Return the application's complete answer. Its exceptions are the caller's to handle."""
        environ = self.environ(request)
        status: list[str] = []
        headers: list[tuple[str, str]] = []
        body: list[bytes] = []

        def start_response(line: str, fields: list[tuple[str, str]], exc_info: _ExcInfo | None = None, /) -> Any:
            if status and exc_info is None:
                raise RuntimeError("start_response was called twice")
            status[:], headers[:] = [line], fields
            return body.append

        result: Iterable[bytes] = self._app(environ, start_response)
        try:
            body.extend(result)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        if not status:
            raise RuntimeError("the application did not call start_response")
        return Answer(int(status[0][:3]), headers, b"".join(body), environ.get(ROUTE, UNNAMED))

    def environ(self, request: Request) -> dict[str, Any]:
        """Return the WSGI environ of a request (PEP 3333: text is bytes, decoded as latin-1)."""
        environ = self._environ | {
            "REQUEST_METHOD": request.method,
            "PATH_INFO": _native(self._prefix + request.path),
            "QUERY_STRING": _native(request.query),
            "wsgi.input": BytesIO(request.body),
            "wsgi.errors": sys.stderr,
        }
        for name, value in request.headers.items():
            # A name with an underscore would pass for the one with a hyphen; HTTP_PROXY would be read as a setting.
            if "_" not in name and name != "proxy":
                environ["HTTP_" + name.upper().replace("-", "_")] = _native(value)
        environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
        environ["CONTENT_LENGTH"] = str(len(request.body))
        for name in ("HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"):
            environ.pop(name, None)
        environ["HTTP_HOST"] = self._host
        return environ


def _native(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")
