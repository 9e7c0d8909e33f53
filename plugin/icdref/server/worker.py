"""What one worker process is: the application, the front before it, and the little that happens besides requests."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from icdref.config import SettingError, Settings
from icdref.issues import IcdRefError
from icdref.server import shared
from icdref.server.access_log import AccessLog
from icdref.server.front import Front
from icdref.server.metrics import Metrics
from icdref.server.shared import SharedMemory
from icdref.server.wsgi import ROUTE

if TYPE_CHECKING:
    from flask import Flask

_log = logging.getLogger(__name__)

APP: Final = "ICDREF_APP"
"""The environment variable that names the application's factory as `module:function`."""

DEFAULT_APP: Final = "icdref.web.app:create_app"
EXTENSION: Final = "icdref"
"""The key in `app.extensions` under which the factory leaves its `Api`."""

_TICK_SECONDS: Final = 0.25
_STANDARD_OUTPUT: Final = 1
_COLLECT_EVERY: Final = (20_000, 20, 50)


class Worker:
    """An RSGI application with the life of its process: granian calls the three dunder attributes."""

    def __init__(self, front: Front, memory: SharedMemory, access_log: AccessLog | None, greeting: str) -> None:
        self.__rsgi__ = front.__rsgi__
        self._memory = memory
        self._access_log = access_log
        self._greeting = greeting
        self._parent = os.getppid()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take over from granian just before it listens.

        Ctrl-C reaches the whole process group; the launcher answers it by stopping its workers, so they do not.
        """
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        loop.call_soon(self._listening)
        loop.call_later(_TICK_SECONDS, self._tick, loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write the last lines of the log."""
        if self._access_log is not None:
            self._access_log.close()

    def _listening(self) -> None:
        # The loop runs only after granian has begun to accept connections.
        if self._memory.mark_ready():
            sys.stdout.write(self._greeting + "\n")
            sys.stdout.flush()

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._access_log is not None:
            self._access_log.flush()
        if os.getppid() != self._parent:
            # The launcher was killed and cannot stop us nor remove its file; a worker left behind would go on taking
            # connections of the next server.
            self._memory.remove()
            os.kill(os.getpid(), signal.SIGTERM)
        loop.call_later(_TICK_SECONDS, self._tick, loop)


def create() -> Worker:
    """Return the RSGI application of this process, from the settings in the environment.

    Exits with status 1 and one line in the log where there is nothing to serve.
    """
    try:
        settings = Settings.from_environment()
        app = load_factory(os.environ.get(APP, DEFAULT_APP))(settings)
    except (IcdRefError, SettingError) as error:
        _log.critical("cannot start: %s", error)
        raise SystemExit(1) from None
    memory = SharedMemory(os.environ.get(shared.ENVIRONMENT))
    access_log = AccessLog(_STANDARD_OUTPUT) if _log.isEnabledFor(logging.INFO) else None
    name_routes(app)
    front = Front(settings, app.extensions[EXTENSION], app, Metrics(memory), access_log)
    # What was loaded stays: the collector need not look at it again, nor unshare the pages it was forked with.
    gc.collect()
    gc.freeze()
    # An answer makes some 200 objects and no cycles. At the default of 700 the collector ran at every fourth answer and walked
    # the caches, which fill after the freeze: a seventh of the time of a lookup.
    gc.set_threshold(*_COLLECT_EVERY)
    gc.enable()  # the launcher had turned it off
    return Worker(front, memory, access_log, greeting(settings))


def load_factory(target: str) -> Any:
    """Return the function that `module:function` names."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def name_routes(app: Flask) -> None:
    """Make a Flask application leave the template of each request's route where the front finds it."""
    from flask import request  # noqa: PLC0415

    @app.before_request
    def leave_route() -> None:
        rule = request.url_rule
        request.environ[ROUTE] = rule.rule if rule is not None else "(unknown)"


def greeting(settings: Settings) -> str:
    """Return the line that says where the server answers."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    workers = f"{settings.workers} worker{'s' * (settings.workers != 1)}"
    return f"icdref answers at http://{host}:{settings.port}{settings.url_prefix}/ ({workers})"
