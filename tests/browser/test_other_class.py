"""Another class than the suggested one, by keys: in the list and beside the point."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.judging import LISTED, SELECTED, claim, wait_for_reviews
from tests.browser.serving import MAP_IS_PAINTED

LATE = """const after = window.setTimeout;
window.setTimeout = (act, ms, ...rest) => after(act, window.isBusy && !ms ? 600 : ms, ...rest);"""
"""On a busy page what is to be done at once is done later."""


def other_class_of(card) -> str:
    """A class that the card names nowhere."""
    return next(name for name in "456" if name not in claim(card))


def test_other_class__by_keys_alone(desk, own_server):
    ids = desk.evaluate(LISTED)
    desk.keyboard.press("j")
    other = other_class_of(desk.locator(".suspect").first)
    desk.keyboard.press("c")
    field = desk.get_by_label("Class for all")
    expect(field).to_be_focused()
    desk.keyboard.press(other)
    desk.keyboard.press("Enter")
    desk.wait_for_function(f"id => {SELECTED} === id", arg=ids[1])
    expect(field).not_to_be_focused()
    desk.keyboard.press("j")
    desk.wait_for_function(f"id => {SELECTED} === id", arg=ids[2])
    expect(field).to_have_value("")
    expect(desk.locator("#verdict-message")).to_contain_text(f"→ {other}")
    wait_for_reviews(desk, own_server, [(ids[0], other)], lambda one: (one["point_id"], one["class_name"]))


def test_other_class__escape_leaves_the_field_for_the_list(desk, own_server):
    ids = desk.evaluate(LISTED)
    for key in ("j", "c", "4", "Escape", "j"):
        desk.keyboard.press(key)
    assert desk.evaluate(SELECTED) == ids[1]
    expect(desk.locator(f".suspect[data-point-id='{ids[1]}']")).to_be_focused()
    wait_for_reviews(desk, own_server, [])


def test_other_class__beside_the_point_by_keys_and_escape_goes_back_to_the_list(desk, own_server):
    ids = desk.evaluate(LISTED)
    desk.keyboard.press("j")
    other = other_class_of(desk.locator(".suspect").first)
    field = desk.get_by_role("textbox", name="Accept another class")
    desk.locator("#point-verdict .is-accept").focus()
    desk.keyboard.press("c")
    expect(field).to_be_focused()
    desk.keyboard.press("Escape")
    expect(desk.locator(f".suspect[data-point-id='{ids[0]}']")).to_be_focused()
    field.click()
    desk.keyboard.type("zebra")
    expect(desk.get_by_text("No class has that in its name")).to_be_visible()
    field.fill(other)
    desk.get_by_role("option", name=other, exact=True).click()
    expect(desk.locator("#verdict-message")).to_contain_text(f"→ {other}")
    desk.wait_for_function(f"id => {SELECTED} === id", arg=ids[1])
    wait_for_reviews(desk, own_server, [(ids[0], other)], lambda one: (one["point_id"], one["class_name"]))


def test_other_class__beside_the_point_enter_takes_the_first_match_on_a_busy_page(open_page, own_server):
    page = open_page("about:blank")
    page.add_init_script(LATE)
    page.goto(own_server)
    page.wait_for_function(MAP_IS_PAINTED)
    page.wait_for_function("() => document.querySelectorAll('.suspect').length === 24")
    ids = page.evaluate(LISTED)
    other = other_class_of(page.locator(".suspect").first)
    page.keyboard.press("j")
    page.locator("#point-verdict .is-accept").focus()
    page.evaluate("window.isBusy = true")
    page.keyboard.press("c")
    field = page.get_by_role("textbox", name="Accept another class")
    expect(field).to_be_focused()
    page.keyboard.press("Enter")  # nothing was typed, so it takes nothing
    page.keyboard.type(other)
    option = page.get_by_role("option", name=other, exact=True)
    expect(option).to_have_attribute("data-combobox-selected", "true")
    page.evaluate("() => new Promise((done) => setTimeout(done, 700))")  # well after what is late
    page.keyboard.press("Enter")
    page.wait_for_function(f"id => {SELECTED} === id", arg=ids[1])
    expect(page.locator(f".suspect[data-point-id='{ids[1]}']")).to_be_focused()
    wait_for_reviews(page, own_server, [(ids[0], other)], lambda one: (one["point_id"], one["class_name"]))
    page.keyboard.press("u")
    wait_for_reviews(page, own_server, [])
