"""Keys that lead through the page."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED

TABS_WITH_PANELS = """new MutationObserver((_, observer) => {
  if (!document.getElementById('dock-panel-confusion')) return;
  observer.disconnect();
  window.hasTab = document.getElementById('dock-tab-confusion') !== null;
}).observe(document, { subtree: true, childList: true })"""


def test_tabs__are_there_as_soon_as_a_key_may_open_one(open_page, server):
    page = open_page("about:blank")
    page.add_init_script(TABS_WITH_PANELS)
    page.goto(server)
    page.wait_for_function("() => window.hasTab !== undefined")
    assert page.evaluate("hasTab")


def test_keyboard__shift_and_a_digit_open_a_tab_from_anywhere_but_type_into_fields(open_page, server):
    page = open_page(server)
    page.wait_for_function(MAP_IS_PAINTED)
    for place, name in (("3", "Confusion"), ("5", "Outliers"), ("1", "Suspects")):
        page.keyboard.press(f"Shift+Digit{place}")
        expect(page.get_by_role("tab", name=name, exact=True)).to_be_focused()
        expect(page.get_by_role("tabpanel", name=name, exact=True)).to_be_visible()
    page.locator(".point-map-canvas").focus()
    page.keyboard.press("Shift+Digit2")
    expect(page.get_by_role("tabpanel", name="Duplicates", exact=True)).to_be_visible()
    page.get_by_role("combobox", name="Search").focus()
    page.keyboard.press("Shift+Digit4")
    expect(page.get_by_role("combobox", name="Search")).to_have_value("$")
    expect(page.get_by_role("tabpanel", name="Duplicates", exact=True)).to_be_visible()
