"""icdref: a diagnosis code in, what it means and what a clinician should know about it out, as FHIR resources.

    import icdref

    service = icdref.open_service()                     # in-process, no HTTP
    service.terminology.lookup("M61.569")
    icdref.register(app, url_prefix="/icdref")          # on a host's Flask application

Importing this package does nothing; each function loads what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import flask

    from icdref.config import Settings
    from icdref.service.service import Service
    from icdref.web.api import Api

__version__ = "0.1.0"
__all__ = ["__version__", "create_app", "open_service", "register"]


def open_service(settings: Settings | None = None, **overrides: Any) -> Service:
    """Return the service of the current edition, for use in this process without HTTP.

    Settings come from the environment; `overrides` are single settings such as `data="/srv/icdref"`. A data directory
    without an edition gets the embedded one compiled into it first, which takes some seconds.
    """
    from icdref.config import Settings as _Settings  # noqa: PLC0415
    from icdref.service.live import LiveService  # noqa: PLC0415
    from icdref.setup import ensure_edition  # noqa: PLC0415

    settings = settings or _Settings.from_environment(**overrides)
    ensure_edition(settings.directory)
    return LiveService(settings).now()


def create_app(settings: Settings | None = None) -> flask.Flask:
    """Return a Flask application with every door of icdref. Raises IcdRefError when no edition is compiled."""
    from icdref.web.app import create_app as _create_app  # noqa: PLC0415

    return _create_app(settings)


def register(app: flask.Flask, *, url_prefix: str | None = None, settings: Settings | None = None) -> Api:
    """Mount icdref on a host's Flask application, behind the host's own authentication.

    `url_prefix` such as `/icdref` is where it is mounted. Raises IcdRefError when no edition is compiled: run
    `icdref build` when the host is deployed, not when it answers.
    """
    from icdref.web.app import register as _register  # noqa: PLC0415

    return _register(app, url_prefix=url_prefix, settings=settings)
