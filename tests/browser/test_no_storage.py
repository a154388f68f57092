"""A browser that forbids its store, as for blocked site data and sandboxed frames, or whose store is full."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.intercepting import intercept
from tests.browser.judging import LISTED, wait_for_list, wait_for_reviews, wait_until
from tests.browser.serving import MAP_IS_PAINTED

FORBIDDEN = """Object.defineProperty(window, 'localStorage', {
  get() { throw new DOMException('denied', 'SecurityError'); },
})"""
FULL = """Storage.prototype.setItem = function () { throw new DOMException('full', 'QuotaExceededError'); }"""
HEIGHT = "getComputedStyle(document.querySelector('.page')).getPropertyValue('--dock-height')"
IS_FULL_HEIGHT = "height => document.querySelector('.dock').getBoundingClientRect().height > height"


@pytest.fixture(params=[FORBIDDEN, FULL], ids=["forbidden", "full"])
def page(request, desk, faults):
    desk.add_init_script(request.param)
    desk.reload()
    desk.wait_for_function(MAP_IS_PAINTED)
    desk.wait_for_function("() => document.querySelectorAll('.suspect').length === 24")
    yield desk
    faults[:] = [fault for fault in faults if "localStorage init" not in fault]  # Dash says so, and goes on


def test_storage__without_it_verdicts_and_controls_work(page, own_server):
    ids = page.evaluate(LISTED)
    page.keyboard.press("j")
    page.keyboard.press("d")
    wait_for_reviews(page, own_server, [ids[0]], lambda review: review["point_id"])
    wait_for_list(page, ids[1:3])

    separator = page.get_by_role("separator", name="Height of the worklists")
    before = page.locator(".dock").bounding_box()["height"]
    separator.focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function(IS_FULL_HEIGHT, arg=before)

    whole = page.get_by_role("button", name="Whole image")
    was = whole.get_attribute("aria-pressed")
    page.keyboard.press("z")
    expect(whole).not_to_have_attribute("aria-pressed", was)


def test_storage__without_it_the_page_warns_who_leaves_verdicts_behind(page, own_server):
    held = []
    intercept(page, "**/reviews", held.append)
    page.keyboard.press("j")
    page.keyboard.press("d")
    wait_until(page, lambda: held)
    asked = []

    def stay(dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.evaluate("() => { setTimeout(() => location.reload()); }")
    wait_until(page, lambda: asked)
    assert asked == ["beforeunload"]
    held[0].continue_()
    page.wait_for_function("() => lookalike.queue.orders.length === 0")
