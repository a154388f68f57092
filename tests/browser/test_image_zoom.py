"""The inspector's image, zoomed by wheel and by key, and moved."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import expect

from tests.browser.test_inspected_object import (
    ID_OF,
    IS_SHOWN,
    SIZES_HW,
    box_searched_for,
    hold_pictures,  # noqa: F401 (a fixture)
    look,  # noqa: F401 (a fixture)
    noise_server,  # noqa: F401 (a fixture)
    place_on_screen,
    region_of,
)

HAS_COME = """() => {
  const image = document.getElementById('point-image');
  const { region } = image.dataset;
  const asked = new URL(image.src).searchParams.get('region');
  return image.complete && image.style.transform === '' && (region ?? null) === asked;
}"""
"""Whether the picture on the screen is one of what it shows, not another one stretched."""
IN, OUT = -300, 300
MOST_ROLLS = 12


def width_of(page):
    left, _, right, _ = region_of(page) or (0, 0, SIZES_HW["street.png"][1], 0)
    return right - left


def roll(page, place, delta):
    """Roll the wheel over a place of the window, and wait until more or less of the image is seen there."""
    width = width_of(page)
    page.mouse.move(*place)
    page.mouse.wheel(0, delta)
    page.wait_for_function(
        """width => {
          const region = document.getElementById('point-image').dataset.region?.split(',');
          return region === undefined || region[2] - region[0] !== width;
        }""",
        arg=width,
    )


def roll_out(page, place):
    """Roll until the whole image is seen."""
    for _ in range(MOST_ROLLS):
        if region_of(page) is None:
            return
        roll(page, place, OUT)
    raise AssertionError(region_of(page))


def test_wheel__zooms_around_the_pointer_and_asks_for_that_part(look):  # noqa: F811
    page = look("usual")
    width, place = width_of(page), place_on_screen(page, 740, 440)
    roll(page, place, IN)
    page.wait_for_function(HAS_COME)
    assert 0.5 < width_of(page) / width < 0.8
    assert np.abs(np.subtract(place_on_screen(page, 740, 440), place)).max() < 5  # half a pixel of the image
    expect(
        page.get_by_role("img", name="The selected point's image, a part of it, with the object outlined")
    ).to_be_visible()
    box = box_searched_for(page, place_on_screen(page, 730, 430), place_on_screen(page, 745, 445))
    assert np.abs(box - (730, 430, 745, 445)).max() <= 1


def test_wheel__outwards_ends_at_the_whole_image_and_then_scrolls_the_panel(look):  # noqa: F811
    page = look("usual")
    page.set_viewport_size({"width": 1280, "height": 720})  # the panel has more than it can show
    frame = page.locator(".image-place")
    frame.hover()
    box = frame.bounding_box()
    place = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    scrolled = page.evaluate("document.querySelector('.point').scrollTop")
    roll_out(page, place)
    assert page.evaluate("document.querySelector('.point').scrollTop") == scrolled
    expect(page.get_by_role("button", name="Whole image", exact=True)).to_have_attribute("aria-pressed", "true")
    page.wait_for_function(HAS_COME)
    page.mouse.wheel(0, OUT)
    page.wait_for_function("before => document.querySelector('.point').scrollTop > before", arg=scrolled)
    assert page.evaluate("[scrollY, visualViewport.scale]") == [0, 1]


def test_whole_image__leads_from_any_zoom_to_the_whole_and_back_to_the_object(look):  # noqa: F811
    page = look("usual")
    whole = page.get_by_role("button", name="Whole image", exact=True)
    region = region_of(page)
    roll(page, place_on_screen(page, 740, 440), IN)
    page.keyboard.press("z")
    expect(whole).to_have_attribute("aria-pressed", "true")
    page.wait_for_function(HAS_COME)
    assert region_of(page) is None
    page.keyboard.press("z")
    expect(whole).to_have_attribute("aria-pressed", "false")
    page.wait_for_function(HAS_COME)
    assert region_of(page) == region


def test_whole_image__leads_back_from_a_part_of_what_fills_its_image(look):  # noqa: F811
    page = look("everything")
    whole = page.get_by_role("button", name="Whole image", exact=True)
    expect(whole).to_be_disabled()
    page.get_by_role("img", name="The selected point's image with").focus()
    page.keyboard.press("+")
    expect(whole).to_have_attribute("aria-pressed", "false")
    whole.click()
    expect(whole).to_be_disabled()
    page.wait_for_function(HAS_COME)
    assert region_of(page) is None
    look("usual")
    assert region_of(page) is not None  # what was chosen for those that have a choice is kept


def test_zoom__is_of_one_object(look):  # noqa: F811
    page = look("usual")
    region = region_of(page)
    roll_out(page, place_on_screen(page, 740, 440))
    look("beside")
    page.wait_for_function(HAS_COME)
    assert width_of(page) < 100
    look("usual")
    page.wait_for_function(HAS_COME)
    assert region_of(page) == region


def test_keys__zoom_around_the_middle_or_the_box_that_is_drawn(look):  # noqa: F811
    page = look("usual")
    left, top, right, bottom = region_of(page)
    page.get_by_role("img", name="The selected point's image").focus()
    expect(page.get_by_text("+ and - zoom")).to_be_visible()
    page.keyboard.press("+")
    page.wait_for_function(HAS_COME)
    now = region_of(page)
    assert now[2] - now[0] < right - left
    assert np.abs(np.subtract((now[0] + now[2], now[1] + now[3]), (left + right, top + bottom))).max() <= 2
    page.keyboard.press("-")
    page.wait_for_function(HAS_COME)
    assert np.abs(np.subtract(region_of(page), (left, top, right, bottom))).max() <= 1
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("+")
    expect(page.locator(".image-box")).to_be_hidden()  # it would lie elsewhere
    page.wait_for_function(HAS_COME)
    assert region_of(page)[0] - left > right - region_of(page)[2]


def test_zoomed_image__is_moved_by_a_drag_with_shift(look):  # noqa: F811
    page = look("usual")
    start, end = place_on_screen(page, 720, 420), place_on_screen(page, 740, 410)
    page.mouse.move(*start)
    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.wait_for_function(HAS_COME)
    assert np.abs(np.subtract(place_on_screen(page, 720, 420), end)).max() < 5
    expect(page.locator(".image-box")).to_be_hidden()


def test_stretched_picture__is_pressed_where_it_is_until_the_sharp_one_has_come(look, hold_pictures):  # noqa: F811
    page = look("usual")
    held, let_go = hold_pictures(page)
    with page.expect_request("**/images/**"):
        roll(page, place_on_screen(page, 728, 428), IN)
    box = box_searched_for(page, place_on_screen(page, 715, 420), place_on_screen(page, 735, 440))
    assert np.abs(box - (715, 420, 735, 440)).max() <= 1
    with page.expect_request("**/images/**"):
        roll(page, place_on_screen(page, 728, 428), OUT)
        roll(page, place_on_screen(page, 728, 428), OUT)
    page.mouse.click(*place_on_screen(page, 761, 425))
    page.wait_for_function("id => lookalike.selected.id === id", arg=ID_OF["beside"])
    assert held
    let_go()
    page.wait_for_function(IS_SHOWN, arg=ID_OF["beside"])
