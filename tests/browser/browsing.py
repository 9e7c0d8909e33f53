"""A real Chromium that looks at a real server, and a page that remembers everything that should not have happened."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


def chromium() -> str:
    """Return the path of the browser, '' where there is none."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), "")


@dataclass
class Visit:
    """One page as a reader has it open. Addresses are paths on the server that is tested."""

    page: Page
    base: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def go(self, path: str) -> Response:
        """Open a path and wait until everything has come."""
        self.said.clear()
        self.asked.clear()
        answer = self.page.goto(self.base + path, wait_until="load")
        assert answer
        self.page.evaluate("document.fonts.ready.then(() => true)")
        return answer

    def faults(self) -> list[str]:
        """Return what must never happen: errors on the console, blocked content, requests to elsewhere, cookies."""
        elsewhere = [url for url in self.asked if urlsplit(url).netloc != urlsplit(self.base).netloc]
        violations: list[str] = self.page.evaluate("window.violations || []")
        return [*self.said, *violations, *elsewhere, *(str(cookie) for cookie in self.page.context.cookies())]

    def weight(self) -> int:
        """Return the bytes of the page with everything that it loads, uncompressed."""
        found: int = self.page.evaluate(
            "['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))"
            ".reduce((sum, each) => sum + each.decodedBodySize, 0)"
        )
        return found

    def evaluate(self, script: str, argument: object = None) -> Any:
        return self.page.evaluate(script, argument)


@contextmanager
def visiting(browser: Browser, base: str, **options: Any) -> Iterator[Visit]:
    """Open a window of its own; `options` are those of a Playwright context (viewport, color_scheme, java_script_enabled)."""
    context: BrowserContext = browser.new_context(**options)
    page = context.new_page()
    visit = Visit(page, base)

    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            visit.said.append(f"console: {message.text}")

    def asking(request: Request) -> None:
        if not request.url.startswith("data:"):
            visit.asked.append(request.url)

    page.on("console", console)
    page.on("pageerror", lambda error: visit.said.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (visit.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", asking)
    if options.get("java_script_enabled", True):
        page.add_init_script(_VIOLATIONS)
    try:
        yield visit
    finally:
        context.close()
