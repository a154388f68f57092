"""A slow line, 1.2 s there and back and 200 KB/s: in each state the page says what is going on."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import MAP_IS_PAINTED

LINE = {"offline": False, "latency": 1200, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
SAYS = """selector => {
  const part = document.querySelector(selector);
  if (!part || !part.checkVisibility()) return '';
  const drawn = [part, ...part.querySelectorAll('*')].flatMap((one) => ['::before', '::after']
    .map((where) => getComputedStyle(one, where).content).filter((text) => text.startsWith('"')));
  const named = [...part.querySelectorAll('[role=status][aria-label]')].map((one) => one.getAttribute('aria-label'));
  return [part.innerText, ...named, ...drawn].join(' ');
}"""
"""What a part of the page says, with what styles draw and what is said to screen readers."""
LEAST_SAID = 3
"""Letters of a part that says something."""


@pytest.fixture
def slow(open_page, server, faults) -> Callable[[], Page]:
    """Opens the page on a slow line with an empty cache, and gives it at once."""

    def open_() -> Page:
        page = open_page("about:blank", reduced_motion="reduce")
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", LINE)
        page.goto(server, wait_until="commit")
        return page

    return open_


def wait_until_said(page: Page, selector: str, words: str) -> None:
    wait = f"([selector, words]) => ({SAYS})(selector).includes(words)"
    page.wait_for_function(wait, arg=[selector, words], timeout=30_000)


def test_slow_line__the_page_is_never_empty_while_it_loads(slow):
    page = slow()
    said: list[str] = []
    for _ in range(240):
        said.append(page.evaluate(SAYS, "body"))
        if page.evaluate(MAP_IS_PAINTED):
            break
        page.wait_for_timeout(250)
    first = next(number for number, text in enumerate(said) if text.strip())
    assert first <= 24, f"nothing is said for {first / 4:.0f} s"
    assert all(len(text.strip()) >= LEAST_SAID for text in said[first:])
    assert any("Loading Lookalike" in text for text in said)
    assert any("Loading the map" in text for text in said)
    expect(page.locator(".suspect").first).to_be_visible()


def test_slow_line__each_part_says_what_it_waits_for(slow):
    page = slow()
    page.wait_for_function(MAP_IS_PAINTED)
    expect(page.locator(".suspect").first).to_be_visible()
    page.locator(".suspect").first.click()
    wait_until_said(page, ".point", "Loading the point")
    expect(page.locator("#point-verdict .is-accept")).to_be_visible()
    wait_until_said(page, ".neighbors", "Searching")
    expect(page.locator(".neighbor")).to_have_count(20)

    for name, noun in (
        ("Duplicates", "group"),
        ("Confusion", "classe"),
        ("Clusters", "cluster"),
        ("Outliers", "outlier"),
    ):
        page.get_by_role("tab", name=name, exact=True).click()
        panel = page.get_by_role("tabpanel", name=name, exact=True)
        expect(panel.get_by_role("status", name=re.compile(f"Loading .*{noun}"))).to_be_visible()
        expect(panel.get_by_role("status", name=re.compile("Loading"))).to_have_count(0)

    page.get_by_role("checkbox", name="3", exact=True).check()
    expect(page.get_by_text("counting …")).to_be_visible()
    page.get_by_text("of 1,797 match").wait_for()
    page.get_by_role("combobox", name="Search").fill("7")
    expect(page.get_by_text("Searching …")).to_be_visible()
    expect(page.locator(".search-point").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="Gallery", exact=True).check(force=True)
    expect(page.locator(".views-count")).to_have_text("Loading …")
    expect(page.get_by_role("listbox", name="Gallery").get_by_role("option").first).to_be_visible()
