"""The inspector's image under fingers: two of them zoom and move it, and one does what it does elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.test_image_zoom import HAS_COME, width_of
from tests.browser.test_inspected_object import (
    ID_OF,
    IS_SHOWN,
    LAPTOP,
    look,  # noqa: F401 (a fixture)
    noise_server,  # noqa: F401 (a fixture)
    place_on_screen,
    region_of,
)
from tests.browser.test_touch import Fingers

SCROLLED = "[scrollX, scrollY, visualViewport.scale, document.querySelector('.point').scrollTop]"
"""Scroll positions of the page and its panel, and the size of the page."""
NOT_AS_WIDE = """width => {
  const region = document.getElementById('point-image').dataset.region?.split(',');
  return region === undefined || region[2] - region[0] !== width;
}"""

IS_FURTHER_DOWN = "top => document.getElementById('point-image').dataset.region?.split(',')[1] > top"


@pytest.fixture(params=["phone", "laptop"])
def touched(request, look):  # noqa: F811
    """A page on a screen that takes touches, with the image in view, and fingers for it."""
    if request.param == "phone":
        page = look("usual", (390, 844), has_touch=True, is_mobile=True)
        page.evaluate("document.querySelector('.point').scrollIntoView()")
    else:
        page = look("usual", LAPTOP, has_touch=True)
    return page, Fingers(page)


def pinch(fingers, middle, end, spreads, n_steps=8):
    """Put two fingers down and move them; they are not lifted.

    Args:
        fingers: Fingers of the page.
        middle: Where their middle is at first.
        end: Where it is in the end.
        spreads: How far each finger is from it, first and last.
        n_steps: Moves.
    """
    (x, y), (to_x, to_y), (spread, to_spread) = middle, end, spreads
    fingers.put((x - spread, y))
    for step in range(n_steps + 1):
        share = step / n_steps
        now_x, now_y = x + (to_x - x) * share, y + (to_y - y) * share
        apart = spread + (to_spread - spread) * share
        put_or_move = fingers.put if step == 0 else fingers.move
        put_or_move((now_x - apart, now_y), (now_x + apart, now_y))


def test_pinch__zooms_about_its_middle_moves_with_it_and_leaves_the_page_alone(touched):
    page, fingers = touched
    x, y = place_on_screen(page, 730, 430)
    width, scrolled = width_of(page), page.evaluate(SCROLLED)
    pinch(fingers, (x, y), (x + 20, y - 40), (24, 48))
    fingers.lift()
    page.wait_for_function(NOT_AS_WIDE, arg=width)
    page.wait_for_function(HAS_COME)
    assert abs(width_of(page) / width - 0.5) < 0.05
    assert np.abs(np.subtract(place_on_screen(page, 730, 430), (x + 20, y - 40))).max() < 8  # a pixel of the image
    assert page.evaluate(SCROLLED) == scrolled
    expect(page.locator(".image-box")).to_be_hidden()
    assert page.evaluate("lookalike.selected.id") == ID_OF["usual"]


def test_pinch__two_fingers_alone_move_what_is_zoomed_and_so_does_the_last_of_them(touched):
    page, fingers = touched
    x, y = place_on_screen(page, 728, 428)
    region, scrolled = region_of(page), page.evaluate(SCROLLED)
    pinch(fingers, (x, y), (x, y - 60), (30, 30))
    page.wait_for_function(IS_FURTHER_DOWN, arg=region[1])
    moved = region_of(page)
    assert abs(moved[2] - moved[0] - region[2] + region[0]) <= 1
    for step in range(1, 7):
        fingers.move((x - 30, y - 60 - 10 * step))  # the other one is lifted
    fingers.lift()
    page.wait_for_function(IS_FURTHER_DOWN, arg=moved[1] + 1)
    assert page.evaluate(SCROLLED) == scrolled


def test_pinch__ends_at_the_whole_image(touched):
    page, fingers = touched
    place = place_on_screen(page, 728, 428)
    width, scrolled = width_of(page), page.evaluate(SCROLLED)
    for _ in range(3):
        pinch(fingers, place, place, (100, 10))
        fingers.lift()
    page.wait_for_function(NOT_AS_WIDE, arg=width)
    page.wait_for_function(HAS_COME)
    assert region_of(page) is None
    expect(page.get_by_role("button", name="Whole image", exact=True)).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(SCROLLED) == scrolled


def test_pinch__drops_what_one_of_its_fingers_drew(touched):
    page, fingers = touched
    asked = []
    page.on("request", lambda request: "neighbors/box" in request.url and asked.append(request.url))
    box = page.locator(".image-box")
    x, y = place_on_screen(page, 728, 428)
    width, scrolled = width_of(page), page.evaluate(SCROLLED)
    fingers.put((x - 60, y))
    for step in range(1, 7):
        fingers.move((x - 60 + 10 * step, y + 2 * step))
    expect(box).to_be_visible()
    fingers.put((x, y + 12), (x + 60, y))
    expect(box).to_be_hidden()
    for step in range(1, 7):
        fingers.move((x - 5 * step, y + 12 - 10 * step), (x + 60 + 5 * step, y - 10 * step))
    fingers.lift()
    page.wait_for_function(NOT_AS_WIDE, arg=width)
    page.wait_for_function(HAS_COME)
    expect(box).to_be_hidden()
    assert page.evaluate(SCROLLED) == scrolled
    assert asked == []
    assert page.evaluate("lookalike.selected.id") == ID_OF["usual"]


def test_one_finger__opens_an_object_draws_a_box_and_scrolls(touched):
    page, fingers = touched
    pinch(
        fingers, place_on_screen(page, 728, 428), place_on_screen(page, 728, 428), (30, 32)
    )  # it begins anew after that
    fingers.lift()
    page.wait_for_function(HAS_COME)
    page.touchscreen.tap(*place_on_screen(page, 761, 425))
    page.wait_for_function(IS_SHOWN, arg=ID_OF["beside"])

    page.route(
        "**/neighbors/box", lambda route: route.fulfill(json={"neighbors": [], "why_empty": "nothing is like it"})
    )
    x, y = place_on_screen(page, 779, 425)
    fingers.drag((x - 50, y), (x + 40, y + 14))
    expect(page.get_by_role("region", name="Nearest neighbors")).to_contain_text("Nothing is like it")

    page.set_viewport_size({"width": page.viewport_size["width"], "height": 700})
    x, y = place_on_screen(page, 779, 425)
    _, down, _, further = page.evaluate(SCROLLED)
    fingers.drag((x, y), (x, y - 120))
    page.wait_for_function(f"before => {SCROLLED}[1] + {SCROLLED}[3] > before + 50", arg=down + further)


def test_hint__tells_fingers_of_what_they_can_do(look, open_page, noise_server):  # noqa: F811
    page = look("usual", (390, 844), has_touch=True, is_mobile=True)
    hint = page.locator(".image-hint")
    expect(hint).to_contain_text("two fingers zoom and move the image")
    expect(hint.get_by_text("two fingers")).to_be_visible()
    expect(hint.get_by_text("the wheel")).to_be_hidden()
    desk = open_page(f"{noise_server}/?id={ID_OF['usual']}")
    expect(desk.locator(".image-hint").get_by_text("the wheel")).to_be_visible()
    expect(desk.locator(".image-hint").get_by_text("two fingers")).to_be_hidden()
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keys")).to_contain_text("as the wheel or two fingers do")
