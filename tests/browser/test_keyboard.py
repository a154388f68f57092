"""Keys that lead through the page."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED

TABS_WITH_PANELS = """new MutationObserver((_, observer) => {
  if (!document.getElementById('dock-panel-confusion')) return;
  observer.disconnect();
  window.hasTab = document.getElementById('dock-tab-confusion') !== null;
}).observe(document, { subtree: true, childList: true })"""

SOME_FRAMES = """async () => {
  for (let n = 0; n < 4; n++) await new Promise((done) => requestAnimationFrame(done));
}"""
"""Until those that wait for two frames have done what they wait for."""


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


def press(control, key: str = "Enter") -> None:
    control.focus()
    control.page.keyboard.press(key)


def test_focus__goes_to_the_neighbor_of_a_condition_that_is_taken_away(open_page, server):
    page = open_page(server)
    page.wait_for_function(MAP_IS_PAINTED)
    classes = page.get_by_role("region", name="Class", exact=True)
    for name in ("2", "3"):
        press(classes.get_by_role("checkbox", name=name, exact=True), "Space")
    press(page.get_by_role("button", name="Take away class 2"))
    expect(page.get_by_role("button", name="Take away class 3")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".chip")).to_have_count(0)
    expect(page.locator(".map-panel :focus")).to_have_count(1)
    press(classes.get_by_role("checkbox", name="2", exact=True), "Space")
    press(page.get_by_role("button", name="Clear class"))
    expect(classes.get_by_role("checkbox", name="0", exact=True)).to_be_focused()


def test_focus__stays_in_a_worklist_whose_control_goes_away(open_page, server):
    page = open_page(server)
    page.wait_for_function(MAP_IS_PAINTED)
    first, second = (page.get_by_role("button", name=name) for name in ("Previous page", "Next page"))
    press(second)
    expect(first).to_be_enabled()
    press(first)
    expect(first).to_be_hidden()
    expect(second).to_be_focused()
    page.keyboard.press("Shift+Digit3")
    confusion = page.get_by_role("tabpanel", name="Confusion")
    press(confusion.locator(".pair, .confusion button").first)
    expect(confusion.get_by_role("button", name="All classes")).to_be_focused()
    page.keyboard.press("Enter")
    expect(confusion.get_by_role("button", name="All classes")).to_have_count(0)
    expect(confusion.locator(":focus")).to_have_count(1)


def test_focus__stays_among_the_verdicts_when_one_is_taken_back(desk):
    desk.keyboard.press("j")
    for n_given in (1, 2):
        desk.keyboard.press("d")
        desk.wait_for_function(
            "n => lookalike.queue.orders.length === 0 && lookalike.queue.verdicts.length === n", arg=n_given
        )
    desk.keyboard.press("Shift+Digit7")
    entries = desk.locator(".log-entry")
    expect(entries).to_have_count(2)
    press(entries.first.get_by_role("button", name="Undo"))
    expect(entries.get_by_role("button", name="Undo")).to_have_count(1)
    expect(entries.locator(":focus")).to_have_count(1)


def test_focus__that_was_let_go_stays_so(open_page, server):
    page = open_page(server)
    page.wait_for_function(MAP_IS_PAINTED)
    page.get_by_role("checkbox", name="2", exact=True).check()
    chip = page.get_by_role("button", name="Take away class 2")
    chip.focus()
    page.keyboard.press("Shift")
    chip.evaluate("chip => chip.blur()")
    page.evaluate("lookalike.filtering.store.clear()")
    expect(chip).to_have_count(0)
    page.evaluate(SOME_FRAMES)
    assert page.evaluate("document.activeElement === document.body")
    page.get_by_role("checkbox", name="2", exact=True).check()
    chip.click()
    expect(chip).to_have_count(0)
    page.evaluate(SOME_FRAMES)
    assert page.evaluate("document.activeElement === document.body")  # a pointer needs no place
