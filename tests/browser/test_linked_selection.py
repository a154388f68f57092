"""A selection without a name lives in the address of its tab: a reload and Back bring it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED

CHOSEN = "lookalike.map.chosenRows"
HOLDS = f"rows => window.lookalike?.mapPanel?.loadedId && JSON.stringify({CHOSEN}) === JSON.stringify(rows)"
NO_STORAGE = """Object.defineProperty(window, 'sessionStorage', {
  get() { throw new DOMException('denied', 'SecurityError'); },
})"""
FIRST, SECOND = [900, 3, 1, 2], [5, 6]


@pytest.fixture
def page(open_page, server):
    opened = open_page(server)
    opened.wait_for_function(MAP_IS_PAINTED)
    opened.wait_for_function("() => location.search.includes('projection=')")
    return opened


def select(page, rows: list[int]) -> None:
    page.evaluate("rows => lookalike.map.select(rows)", rows)
    expect(page.get_by_role("tabpanel", name="Selection")).to_be_visible()


def expect_selected(page, rows: list[int]) -> None:
    page.wait_for_function(HOLDS, arg=rows)
    expect(page.get_by_role("tabpanel", name="Selection")).to_be_visible()
    expect(page.locator(".selection-count")).to_have_text(f"Selection · {len(rows)}")
    expect(page.locator(".gallery-cell")).to_have_count(len(rows))


def test_selection__stays_with_its_tab_after_a_reload(page):
    select(page, FIRST)
    page.reload()
    expect_selected(page, FIRST)
    page.reload()
    expect_selected(page, FIRST)
    page.get_by_role("tab", name="Outliers").click()
    page.reload()
    page.wait_for_function(HOLDS, arg=FIRST)
    expect(page.get_by_role("tabpanel", name="Outliers")).to_be_visible()


def test_selection__is_there_when_back_leads_into_the_page(page, server):
    select(page, FIRST)
    page.goto(f"{server}/?worklist=clusters")
    page.wait_for_function(MAP_IS_PAINTED)
    page.go_back()
    expect_selected(page, FIRST)


def test_back__takes_back_what_was_selected_last(page):
    select(page, FIRST)
    page.locator(".gallery-cell").first.click()
    page.wait_for_function("() => location.search.includes('id=')")
    page.evaluate("rows => lookalike.map.select(rows)", SECOND)
    expect_selected(page, SECOND)
    page.go_back()
    expect_selected(page, FIRST)
    page.go_back()  # from the point
    expect_selected(page, FIRST)
    page.go_back()
    page.wait_for_function(HOLDS, arg=[])
    expect(page.get_by_role("tabpanel", name="Suspects")).to_be_visible()
    page.evaluate("history.go(3)")
    expect_selected(page, SECOND)
    page.get_by_role("tabpanel", name="Selection").get_by_role("button", name="Clear", exact=True).click()
    page.wait_for_function("() => !location.search.includes('unnamed=')")


def test_link__a_selection_of_another_browser_is_told(page, browser, open_page):
    select(page, FIRST)
    other = open_page(page.url, viewport={"width": 1400, "height": 900})
    expect(other.locator(".verdict-text")).to_contain_text("Save a selection under a name to link to it")
    expect(other.get_by_role("tabpanel", name="Selection")).to_contain_text("Nothing is selected")
    other.wait_for_function("() => !location.search.includes('unnamed=')")


def test_link__a_name_that_no_selection_has_is_told(open_page, server, faults):
    page = open_page(f"{server}/?selection=gone")
    expect(page.locator(".verdict-text")).to_contain_text("'gone'")
    page.wait_for_function("() => !location.search.includes('selection=')")
    faults[:] = [fault for fault in faults if "422" not in fault]


def test_selection__a_browser_without_storage_selects_all_the_same(open_page, server):
    page = open_page("about:blank", viewport={"width": 1400, "height": 900})
    page.add_init_script(NO_STORAGE)
    page.goto(server)
    page.wait_for_function(MAP_IS_PAINTED)
    select(page, FIRST)
    expect_selected(page, FIRST)
    page.evaluate("rows => lookalike.map.select(rows)", SECOND)
    page.go_back()
    expect_selected(page, FIRST)
