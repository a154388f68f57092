"""A slow line: 1.2 s until an answer begins, 200 KB per second. The page says what it waits for, and loses nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.intercepting import CALLBACKS
from tests.browser.judging import wait_for_reviews
from tests.browser.layout import layout_faults
from tests.browser.serving import MAP_IS_PAINTED

SLOW = {"offline": False, "latency": 1200, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
WATCH = """
  window.seen = { words: [], alerts: [] };
  const look = () => {
    const note = (list, text) => { if (text && list.at(-1) !== text) list.push(text); };
    const entry = document.querySelector('._dash-loading');
    if (entry) note(seen.words, getComputedStyle(entry, '::before').content);
    for (const one of document.querySelectorAll('[role=status], [aria-busy=true]')) {
      if (one.checkVisibility()) note(seen.words, one.textContent.trim() || one.getAttribute('aria-label'));
    }
    for (const one of document.querySelectorAll('[role=alert]')) {
      if (one.checkVisibility()) note(seen.alerts, one.textContent.trim());
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""
"""Keeps what the page says while it loads."""


@pytest.fixture
def slow_page(browser, own_server):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(WATCH)
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    page.goto(own_server, wait_until="commit")
    yield page
    context.close()


def test_slow_line__says_what_it_loads_and_keeps_a_verdict(slow_page, own_server):
    page = slow_page
    expect(page.locator("._dash-loading")).to_be_attached()
    board = page.get_by_role("region", name="Worklists")
    expect(board.locator(".is-skeleton:visible, .suspect:visible").first).to_be_attached(timeout=60_000)
    page.wait_for_function(MAP_IS_PAINTED)
    expect(page.locator(".suspect").first).to_be_visible(timeout=60_000)
    seen = page.evaluate("seen")
    said = " | ".join(seen["words"])
    assert "Loading Lookalike" in said
    assert "Loading the page" in said
    assert [text for text in seen["alerts"] if text] == []

    first = page.locator(".suspect").first
    point = first.get_attribute("data-point-id")
    first.click()
    page.keyboard.press("d")
    expect(page.locator(f".suspect[data-point-id='{point}']")).to_have_count(0, timeout=1000)  # before the answer
    wait_for_reviews(page, own_server, [(point, "dismiss")], lambda review: (review["point_id"], review["verdict"]))
    expect(page.locator(".review-line:visible")).to_have_count(0)
    assert [text for text in page.evaluate("seen.alerts") if text] == []

    page.route("**/crop?*", lambda route: route.abort())
    page.get_by_role("tab", name="Outliers").click()
    expect(
        page.get_by_role("tabpanel", name="Outliers").get_by_alt_text("Picture cannot be read", exact=True).first
    ).to_be_visible()


def test_slow_api__the_page_says_that_it_loads_until_it_knows_its_map(browser, own_server):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    held: list[Route] = []
    maps: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    def hold_map(route: Route) -> None:
        maps.append(route)

    page.route("**/map?*", hold_map)
    page.route("**/", without_opening)
    page.route(CALLBACKS, hold)
    page.goto(own_server)
    page.wait_for_function("() => window.lookalike")
    status = page.locator("#map-status")
    expect(status).to_have_text("Loading the page …")
    expect(status).to_be_visible()
    assert [fault for fault in layout_faults(page) if "Loading the page" in fault] == []  # nor does anything cover it
    for route in held:
        route.continue_()
    page.unroute(CALLBACKS, hold)
    expect(status).to_have_text("Loading the map …")
    for route in maps:
        route.continue_()
    page.unroute("**/map?*", hold_map)
    page.wait_for_function(MAP_IS_PAINTED)
    expect(status).to_have_text("")
    context.close()


def without_opening(route: Route) -> None:
    """Answer as if the api had been too slow for the first answers."""
    answer = route.fetch()
    text, n_found = re.subn(r'(id="opening">).*?(</script>)', r"\1null\2", answer.text())
    assert n_found == 1
    route.fulfill(response=answer, body=text)
