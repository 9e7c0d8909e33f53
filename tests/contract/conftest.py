"""The same application and client as in tests/web."""

from tests.web.conftest import app, both, client, live

__all__ = ["app", "both", "client", "live"]
