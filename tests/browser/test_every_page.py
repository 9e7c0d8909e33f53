"""Every page at three widths, in light and dark: nothing hidden behind a scroll bar, nothing from elsewhere, accessible to all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.browsing import Visit, visiting
from tests.browser.paths import PAGES, WIDTHS

pytestmark = pytest.mark.slow

HEAVIEST = 150_000
ON_A_PHONE = {PAGES[name] for name in ("home", "search", "code", "condition", "patient", "compare")}
"""The pages that axe looks at on a phone too: one of each layout; `tools/look.py` looks at all."""


@pytest.fixture(scope="module", params=WIDTHS.values(), ids=WIDTHS)
def window(request: pytest.FixtureRequest, browser: Browser, base: str) -> Iterator[Visit]:
    with visiting(browser, base, viewport={"width": request.param, "height": 800}) as opened:
        yield opened


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_is_whole_safe_light_and_accessible(window: Visit, path: str) -> None:
    answer = window.go(path)
    assert answer.status == 200
    assert window.faults() == []
    assert window.weight() < HEAVIEST
    width = window.page.viewport_size["width"]
    assert window.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    if width == WIDTHS["desk"] or (width == WIDTHS["phone"] and path in ON_A_PHONE):
        assert _violations(window) == []


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_has_contrast_in_the_dark(dark: Visit, path: str) -> None:
    dark.go(path)
    assert dark.faults() == []
    assert _violations(dark, {"runOnly": ["color-contrast"]}) == []


@pytest.fixture(scope="module")
def dark(browser: Browser, base: str) -> Iterator[Visit]:
    with visiting(browser, base, viewport={"width": 1280, "height": 800}, color_scheme="dark") as opened:
        yield opened


def test_dark_and_light_differ(window: Visit, dark: Visit) -> None:
    colours = []
    for each in (window, dark):
        each.go("/")
        colours.append(each.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours[0] != colours[1]


def _violations(visit: Visit, options: dict[str, list[str]] | None = None) -> list[str]:
    """Return every finding of axe-core, minor ones too, each with the first element that it is about."""
    found = Axe().run(visit.page, options=options).response["violations"]
    return [f"{each['impact']} {each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]
