"""Starting the server: `serve` for the command line, `run` for the process that then watches over the workers.

`serve` replaces the process by `python -m icdref.server`: whatever the command line had loaded (rich, the compiler and
the memory it used) is gone before the first worker is forked.
"""

from __future__ import annotations

import gc
import logging
import os
import resource
import socket
import sys
import time
from contextlib import ExitStack
from dataclasses import fields
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NoReturn, cast

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import MPServer

from icdref.config import SettingError, Settings
from icdref.server import shared
from icdref.server.worker import APP, DEFAULT_APP, create

_log = logging.getLogger(__name__)

_CONNECTIONS: Final = 4096  # per worker; granian's default of 512 would let 1,000 slow clients fill two workers
_FILES: Final = 65536
_STOP_SECONDS: Final = 5  # container engines kill after 10
_RESPAWN_SECONDS: Final = 1.0
HEADER_MILLISECONDS: Final = 30_000
"""Longest time for the headers of a request; also how long an idle connection is kept."""


def serve(settings: Settings, app: str = DEFAULT_APP) -> NoReturn:
    """Replace this process by the server of `app` (`module:function`). Raises SettingError where it cannot listen."""
    address, port = listening_address(settings.host, settings.port)
    environment = os.environ | environment_of(settings) | {"ICDREF_HOST": address, "ICDREF_PORT": str(port), APP: app}
    sys.stdout.flush()
    sys.stderr.flush()
    # -P: a file called flask.py in the working directory is not the flask that we mean.
    os.execve(sys.executable, [sys.executable, "-P", "-m", "icdref.server"], environment)  # noqa: S606


def run(settings: Settings, app: str = DEFAULT_APP) -> None:
    """Serve until SIGTERM or SIGINT, with as many workers as the settings say; a worker that dies is replaced."""
    _raise_file_limit()
    with ExitStack() as stack:
        memory = _shared_file(stack, settings.workers)
        server = MPServer(
            target="icdref",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.RSGI,
            workers=settings.workers,
            blocking_threads=1,
            loop=Loops.uvloop if find_spec("uvloop") else Loops.asyncio,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
            websockets=False,
            backlog=_CONNECTIONS,
            backpressure=_CONNECTIONS,
            log_level=LogLevels.error,
            log_dictconfig=log_configuration(settings.log_level),
            log_access=False,
            respawn_failed_workers=True,
            workers_kill_timeout=_STOP_SECONDS,
        )
        if memory is not None:
            server.respawned_wrks = Patience(memory)
        # Forked workers share the pages of what is imported here (modules, nothing that is open or running) as long as no
        # collector writes its marks into them.
        gc.disable()
        import_module(app.partition(":")[0])
        gc.freeze()
        server.serve(target_loader=cast("Any", create), wrap_loader=False)


class Patience(dict[int, float]):
    """When each worker was last replaced, as granian's watch asks for it: it gives up on two deaths within 5.5 seconds.

    A service must outlive a worker that is killed every second. So this gives up only where no worker was ever ready (the
    application cannot start), and else answers that the last replacement was long ago, after a pause if they die early.
    """

    def __init__(self, memory: Path) -> None:
        super().__init__()
        self._memory = memory
        self._deaths = 0

    def get(self, index: int, default: Any = None, /) -> Any:  # noqa: ARG002
        """Return the time at which worker `index`, now dead, was started, as far as granian's watch need know."""
        self._deaths += 1
        ready = shared.times_ready(self._memory)
        if not ready:
            return time.monotonic()
        if self._deaths > ready:
            time.sleep(_RESPAWN_SECONDS)
        return float("-inf")


def listening_address(host: str, port: int) -> tuple[str, int]:
    """Return the numeric address and the port to listen on; port 0 becomes a free one. Raises SettingError.

    granian's workers each open the port with SO_REUSEPORT, so a second server on the same port would start and take
    half of the connections: therefore it is tried here without.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            return str(address[0]), int(trial.getsockname()[1])
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingError(f"Cannot listen on {host} port {port}: {reason}; choose another with --host or --port") from None


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment from which `Settings.from_environment` reads the same settings."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {
        f"ICDREF_{name.upper()}": ",".join(value) if isinstance(value, tuple) else str(value) for name, value in values.items()
    }


def log_configuration(level: str) -> dict[str, Any]:
    """Return the logging of the launcher and its workers: everything to standard error, granian's own errors too."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"generic": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}},
        "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
        "root": {"level": level.upper(), "handlers": ["console"]},
    }


def _shared_file(stack: ExitStack, workers: int) -> Path | None:
    """Make the file that the workers share, in memory where the system has a place for that; None where nothing is writable."""
    memory = "/dev/shm"  # noqa: S108 - tmpfs, and writable even where the root is not
    try:
        directory = stack.enter_context(TemporaryDirectory(prefix="icdref-", dir=memory if os.access(memory, os.W_OK) else None))
        path = Path(directory) / "workers"
        shared.create(path, workers)
    except OSError as error:
        _log.warning("no directory for temporary files (%s): /metrics shows one worker at a time", error.strerror)
        os.environ.pop(shared.ENVIRONMENT, None)
        return None
    os.environ[shared.ENVIRONMENT] = str(path)
    return path


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
