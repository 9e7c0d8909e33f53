"""The controls: a bare WSGI callable and a bare Flask view that return given bytes, on granian like icdref itself.

Run as `python controls.py wsgi|flask PORT WORKERS ANSWERS`; ANSWERS is a JSON file {path: {status, headers, body file}}.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

_STATUS = {200: "200 OK", 304: "304 Not Modified"}


def answers() -> dict[str, tuple[int, list[tuple[str, str]], bytes]]:
    """Return status, headers and body by path."""
    named = json.loads(Path(os.environ["BENCH_ANSWERS"]).read_text())
    return {
        path: (each["status"], [tuple(header) for header in each["headers"]], Path(each["body"]).read_bytes())
        for path, each in named.items()
    }


def wsgi() -> Callable[..., list[bytes]]:
    """Return a WSGI callable that looks its answer up by path and does nothing else."""
    known = {path: (_STATUS[status], headers, [body]) for path, (status, headers, body) in answers().items()}

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        status, headers, body = known.get(environ["PATH_INFO"]) or ("404 Not Found", [], [b""])
        start_response(status, headers)
        return body

    return application


def flask() -> Any:
    """Return a Flask application with one view that returns a response with the same bytes and headers."""
    known = answers()
    application = Flask("control", static_folder=None)

    @application.get("/<name>")
    def answer(name: str) -> Response:
        status, headers, body = known["/" + name]
        return Response(body, status, headers)

    return application


def main(kind: str, port: str, workers: str) -> None:
    """Serve one of the controls with the same settings of granian that icdref uses."""
    Granian(
        f"{Path(__file__)}:{kind}",
        factory=True,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=int(workers),
        blocking_threads=1,
        http=HTTPModes.http1,
        backlog=4096,
        backpressure=4096,
        websockets=False,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
