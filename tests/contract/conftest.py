"""The same application and client as in tests/web."""

from tests.web.conftest import app, client, live

__all__ = ["app", "client", "live"]
