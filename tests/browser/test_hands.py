"""A key that is held and a double click judge one object; keys mean the same with Caps Lock and in any layout."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.judging import LISTED, SELECTED, reviews, wait_for_reviews

ALL_IS_SENT = "() => lookalike.queue.orders.length === 0"
PRESSED = """([key, code]) => document.activeElement.dispatchEvent(
  new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }))"""
"""A key of a layout that no keyboard of the test has."""


def look_at_first(desk) -> list[str]:
    ids = desk.evaluate(LISTED)
    desk.keyboard.press("j")
    expect(desk.locator("#point-verdict .is-dismiss")).to_be_visible()
    return ids


def points_of(review) -> str:
    return review["point_id"]


def test_key__that_is_held_judges_one_point_and_takes_one_back(desk, own_server):
    ids = look_at_first(desk)
    desk.keyboard.press("d")
    desk.wait_for_function(f"id => {SELECTED} === id", arg=ids[1])
    for _ in range(5):
        desk.keyboard.down("a")
    desk.keyboard.up("a")
    desk.wait_for_function(f"id => {SELECTED} === id", arg=ids[2])
    desk.wait_for_function(ALL_IS_SENT)
    assert sorted(map(points_of, reviews(desk, own_server))) == sorted(ids[:2])
    for _ in range(5):
        desk.keyboard.down("u")
    desk.keyboard.up("u")
    desk.wait_for_function(ALL_IS_SENT)
    assert [points_of(review) for review in reviews(desk, own_server)] == [ids[0]]


def test_key__that_is_held_walks_on(desk):
    ids = desk.evaluate(LISTED)
    for _ in range(4):
        desk.keyboard.down("j")
    desk.keyboard.up("j")
    desk.wait_for_function(f"id => {SELECTED} === id", arg=ids[3])


@pytest.mark.parametrize("is_full", [False, True], ids=["bulk_bar", "one_at_a_time"])
def test_double_click__judges_one_point(desk, own_server, is_full):
    ids = look_at_first(desk)
    if is_full:
        desk.get_by_role("button", name="Full height").click()
    bar = desk.get_by_role("toolbar", name="Verdict" if is_full else "Judge the marked")
    bar.get_by_role("button", name="Keep").dblclick()
    desk.wait_for_function(f"id => {SELECTED} === id", arg=ids[1])
    desk.wait_for_function(ALL_IS_SENT)
    assert [points_of(review) for review in reviews(desk, own_server)] == [ids[0]]


@pytest.mark.parametrize(
    ("key", "code", "verdict"),
    [("A", "KeyA", "accept"), ("в", "KeyD", "dismiss"), ("ש", "KeyA", "accept")],
    ids=["caps_lock", "cyrillic", "hebrew"],
)
def test_key__of_another_layout_judges(desk, own_server, key, code, verdict):
    ids = look_at_first(desk)
    desk.evaluate(PRESSED, [key, code])
    wait_for_reviews(desk, own_server, [(ids[0], verdict)], lambda review: (review["point_id"], review["verdict"]))


def test_class__that_is_typed_in_full_wins_over_one_that_has_it_in_its_name(desk, own_server):
    look_at_first(desk)
    named = {"7": "articulated car", "3": "car", "8": "cargo", "9": "sign"}
    data = [{"value": value, "label": label} for value, label in named.items()]
    desk.evaluate("data => dash_clientside.set_props('point-other-class', { data })", data)
    field = desk.get_by_role("textbox", name="Accept another class")
    field.click()
    field.press_sequentially("car")
    expect(desk.get_by_role("option", name="car")).to_have_text(["articulated car", "car", "cargo"])
    desk.keyboard.press("Enter")
    wait_for_reviews(desk, own_server, ["3"], lambda review: review["class_name"])
    field.click()
    field.press_sequentially("car")
    for _ in range(2):
        desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")  # where the arrows went
    wait_for_reviews(desk, own_server, ["8", "3"], lambda review: review["class_name"])
