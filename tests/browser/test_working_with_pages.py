"""What people do: type, choose with the keyboard, copy, come back, compare, print; also with scripts turned off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.browsing import Visit, visiting

pytestmark = pytest.mark.slow

BOX = "input[name=q]"
OPTION = "#suggestions [role=option]"


def test_suggestions_come_while_typing_and_the_keyboard_chooses_one(visit: Visit) -> None:
    visit.go("/")
    page = visit.page
    page.keyboard.press("/")
    expect(page.locator(BOX)).to_be_focused()
    page.keyboard.type("M61.56")
    expect(page.locator(OPTION).first).to_be_visible()
    expect(page.locator(BOX)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    chosen = page.locator(f"{OPTION}[aria-selected=true]")
    expect(chosen).to_have_count(1)
    assert page.locator(BOX).get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    code = chosen.locator(".code").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/codes/{code}")
    expect(page.locator("h1")).to_contain_text(code)
    assert visit.faults() == []


def test_escape_closes_the_suggestions_and_the_text_stays(visit: Visit) -> None:
    visit.go("/")
    page = visit.page
    page.locator(BOX).press_sequentially("myositis ossif")
    expect(page.locator(OPTION).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()
    expect(page.locator(BOX)).to_have_value("myositis ossif")


def test_a_summary_is_suggested_by_its_name(visit: Visit) -> None:
    visit.go("/")
    visit.page.locator(BOX).press_sequentially("stone man disease")
    expect(visit.page.locator(OPTION, has_text="Fibrodysplasia ossificans progressiva").first).to_be_visible()


def test_results_are_walked_with_the_arrows(visit: Visit) -> None:
    visit.go("/search?q=broken+wrist+left")
    page = visit.page
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator("[data-hits] > li > a").nth(1)
    expect(second).to_be_focused()
    where = second.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{where}")


def test_a_filter_applies_itself(visit: Visit) -> None:
    visit.go("/search?q=broken+wrist+left")
    visit.page.locator("input[name=billable]").check()
    visit.page.wait_for_url("**/search?q=broken+wrist+left&billable=true")
    expect(visit.page.locator("[data-hits] .badge", has_text="Header")).to_have_count(0)


def test_code_and_link_are_copied(browser: Browser, base: str) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    with visiting(browser, base, permissions=allowed) as visit:
        visit.go("/codes/M61.569?date=2026-11-22")
        visit.page.get_by_role("button", name="Copy code").click()
        expect(visit.page.locator("[data-said]")).to_have_text("Copied: M61.569")
        assert visit.evaluate("navigator.clipboard.readText()") == "M61.569"
        visit.page.get_by_role("button", name="Copy link").click()
        expect(visit.page.locator("[data-said]")).to_contain_text("/codes/M61.569?date=2026-11-22")
        assert visit.evaluate("navigator.clipboard.readText()") == f"{base}/codes/M61.569?date=2026-11-22"


def test_what_was_viewed_lately_stays_in_this_browser(browser: Browser, base: str, visit: Visit) -> None:
    for code in ("M61.569", "S52.501A", "M61.569"):
        visit.go(f"/codes/{code}")
    asked = list(visit.asked)
    visit.go("/")
    shown = visit.page.locator("[data-recent] li a .code")
    expect(shown).to_have_text(["M61.569", "S52.501A"])
    assert not [url for url in asked if "recent" in url]
    visit.page.get_by_role("button", name="Clear").click()
    expect(visit.page.locator("[data-recent]")).to_be_hidden()
    assert visit.evaluate("localStorage.length") == 0
    with visiting(browser, base) as other:
        other.go("/")
        expect(other.page.locator("[data-recent]")).to_be_hidden()


def test_a_spoilt_list_of_recent_codes_is_no_way_in(visit: Visit) -> None:
    visit.go("/")
    entries = [
        {"code": "<img src=x onerror=alert(1)>", "title": "x", "url": "/codes/M61"},
        {"code": "y", "url": "javascript:alert(1)"},
    ]
    visit.evaluate("(entries) => localStorage.setItem('icdref-recent', JSON.stringify(entries))", entries)
    visit.go("/")
    assert visit.page.locator("[data-recent] img").count() == 0
    assert visit.page.locator("[data-recent] a[href^='javascript']").count() == 0
    assert visit.faults() == []


def test_sources_open_on_demand_and_offer_to_report(visit: Visit) -> None:
    visit.go("/conditions/fibrodysplasia-ossificans-progressiva#fop.never.1")
    statement = visit.page.locator("[id='fop.never.1']")
    citation = statement.locator("details li").first
    expect(citation).to_be_hidden()
    statement.locator("summary").click()
    expect(citation).to_be_visible()
    assert statement.get_by_text("Report a problem").get_attribute("href").startswith("mailto:safety@example.org")


def test_look_alikes_lead_to_the_comparison(visit: Visit) -> None:
    visit.go("/conditions/myositis-ossificans-traumatica")
    visit.page.get_by_role("link", name="Compare side by side").first.click()
    visit.page.wait_for_url("**/compare?codes=myositis-ossificans-traumatica,*")
    expect(visit.page.locator("table.compare thead a")).to_have_count(2)
    expect(visit.page.locator("table.compare tbody th").first).to_have_text("Red flags")


def test_on_paper_sources_are_open_and_the_frame_is_gone(visit: Visit) -> None:
    visit.go("/codes/M61.569")
    visit.page.emulate_media(media="print")
    expect(visit.page.locator(".top nav")).to_be_hidden()
    expect(visit.page.locator("details.sources ul li").first).to_be_visible()
    expect(visit.page.locator(".banner").first).to_be_visible()
    expect(visit.page.locator(".warning").first).to_be_visible()
    expect(visit.page.locator(".printed")).to_contain_text("/codes/M61.569")


def test_the_first_tab_leads_past_the_frame(visit: Visit) -> None:
    visit.go("/codes/M61.569")
    visit.page.keyboard.press("Tab")
    skip = visit.page.locator(".skip")
    expect(skip).to_be_focused()
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#content")).to_be_focused()


def test_everything_that_matters_works_without_scripts(browser: Browser, base: str) -> None:
    with visiting(browser, base, java_script_enabled=False) as visit:
        page = visit.page
        page.goto(f"{base}/")
        page.locator(BOX).fill("broken wrist left")
        page.get_by_role("button", name="Search").click()
        page.locator("[data-hits] a").first.click()
        expect(page.locator("h1 .bigcode")).to_be_visible()
        expect(page.locator("[data-copy]").first).to_be_hidden()
        page.goto(f"{base}/codes/M61.569")
        page.locator("details.sources summary").first.click()
        expect(page.locator("details.sources li").first).to_be_visible()
        page.locator("#on-date").fill("2026-11-22")
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**/codes/M61.569?date=2026-11-22")
        page.get_by_role("link", name="Print").click()
        expect(page.locator("details.sources li").first).to_be_visible()
        assert visit.said == []
