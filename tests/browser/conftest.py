"""The browser and the server of the browser tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.browsing import ARGUMENTS, Visit, chromium, visiting
from tests.conftest import Compiled
from tests.server.serving import running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The distribution's Chromium. Where there is none the tests are skipped and say so, but not in CI.

    Closed after the last test of this folder: while it is open, an event loop runs in this thread, and nobody else can start one.
    """
    path = chromium()
    if not path:
        reason = "no Chromium: install it or name it in CHROMIUM; `make test` installs it where apt-get can"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def base(full: Compiled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server with the vendored edition."""
    folder = tmp_path_factory.mktemp("served")
    settings = {"data": full.data, "scrub_seconds": 0, "report_address": "safety@example.org"}
    with running(folder, "icdref.web.app:create_app", **settings) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
def visit(browser: Browser, base: str) -> Iterator[Visit]:
    """A window of the size of a desk."""
    with visiting(browser, base, viewport={"width": 1280, "height": 900}) as opened:
        yield opened
