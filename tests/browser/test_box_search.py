"""A box drawn on the inspector's image finds what looks like that part of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def inspected(explorer):
    """The page with an object of an image which has many, as a browser that never chose shows it."""
    explorer.locator(".suspect").first.click()
    expect(explorer.get_by_role("region", name="Nearest neighbors")).to_contain_text("of 20 are")
    expect(explorer.locator("#point-verdict .is-accept")).to_be_visible()  # the image stands below it
    explorer.wait_for_function(IS_THERE)
    yield explorer
    explorer.evaluate("localStorage.removeItem('lookalike-zoom-to-object')")


@pytest.fixture
def whole_image(inspected):
    """The page with the whole image of the object."""
    inspected.keyboard.press("z")
    inspected.wait_for_function(f"() => ({SHOWN})() === 'all'")
    return inspected


FACES = pytest.mark.parametrize("face", ["inspected", "whole_image"])
"""A test of both: the object with a little around it, and the whole image."""


def drag(page, box_of_image):
    """Drag over a box of the image, left, top, right, bottom in px of the whole image."""
    corners = page.evaluate(
        """async ([left, top, right, bottom]) => {
          const image = document.getElementById('point-image');
          const place = image.getBoundingClientRect();
          const collection = `api/v1/collections/${lookalike.dock.collection.name}`;
          const answer = await fetch(`${collection}/points/${lookalike.selected.id}`);
          const [imageHeight, imageWidth] = (await answer.json()).payload.image_size_hw;
          const region = image.dataset.region?.split(',').map(Number) ?? [0, 0, imageWidth, imageHeight];
          const [width, height] = [region[2] - region[0], region[3] - region[1]];
          const scale = Math.min(place.width / width, place.height / height);
          const x = place.left + (place.width - width * scale) / 2 - region[0] * scale;
          const y = place.top + (place.height - height * scale) / 2 - region[1] * scale;
          return [x + left * scale, y + top * scale, x + right * scale, y + bottom * scale];
        }""",
        box_of_image,
    )
    page.mouse.move(*corners[:2])
    page.mouse.down()
    page.mouse.move((corners[0] + corners[2]) / 2, corners[3], steps=2)
    page.mouse.move(*corners[2:])
    page.mouse.up()


@FACES
def test_box_search__finds_what_looks_like_the_box_and_leads_back(face, request):
    inspected = request.getfixturevalue(face)
    neighbors = inspected.get_by_role("region", name="Nearest neighbors")
    point = inspected.evaluate("lookalike.selected.id")
    box = inspected.evaluate(
        """async () => (await (await fetch(
          `api/v1/collections/${lookalike.dock.collection.name}/points/${lookalike.selected.id}`)).json()).box"""
    )
    left, top, right, bottom = box
    drag(inspected, [left + 0.3, top + 0.3, right - 0.3, bottom - 0.3])  # each pixel that it touches is in it
    expect(inspected.locator(".image-box")).to_be_visible()
    expect(neighbors).to_contain_text("Nearest to the drawn box")
    first = neighbors.locator("[data-point-id]").first
    expect(first).to_have_attribute("data-point-id", point)
    expect(first).to_have_attribute("title", re.compile(r"similarity (1\.0|0\.9)"))
    assert inspected.evaluate("lookalike.selected.id") == point

    neighbors.get_by_role("button", name="Back to the point").click()
    expect(neighbors).to_contain_text("Nearest neighbors")
    expect(inspected.locator(".image-box")).to_be_hidden()
    expect(neighbors.locator(f"[data-point-id='{point}']")).to_have_count(0)


@FACES
def test_box_search__a_click_or_another_point_draws_none(face, request):
    inspected = request.getfixturevalue(face)
    neighbors = inspected.get_by_role("region", name="Nearest neighbors")
    left, top, *_ = corners_of(inspected)
    drag(inspected, [left, top, left + 1, top + 1])
    expect(inspected.locator(".image-box")).to_be_hidden()
    for _ in range(2):  # the second time it is the same point again
        inspected.wait_for_function(IS_THERE)
        drag(inspected, corners_of(inspected))
        expect(neighbors).to_contain_text("Nearest to the drawn box")
        expect(inspected.locator(".image-box")).to_be_visible()
        inspected.locator(".suspect").nth(1).click()
        expect(neighbors).to_contain_text("Nearest neighbors")
        expect(inspected.locator(".image-box")).to_be_hidden()


@FACES
def test_box_search__by_key(face, request):
    inspected = request.getfixturevalue(face)
    neighbors = inspected.get_by_role("region", name="Nearest neighbors")
    image, box = inspected.locator("#point-image"), inspected.locator(".image-box")
    image.focus()
    expect(inspected.get_by_text("Arrow keys draw a box")).to_be_visible()
    inspected.keyboard.press("ArrowRight")
    expect(box).to_be_visible()
    drawn = box.bounding_box()
    inspected.keyboard.press("ArrowRight")
    inspected.keyboard.press("Shift+ArrowUp")
    moved = box.bounding_box()
    assert (moved["x"] - drawn["x"], moved["y"] - drawn["y"]) == (8, 0)
    assert (moved["width"] - drawn["width"], moved["height"] - drawn["height"]) == (0, -8)
    inspected.keyboard.press("Enter")
    expect(neighbors).to_contain_text("Nearest to the drawn box")
    inspected.keyboard.press("Escape")
    expect(neighbors).to_contain_text("Nearest neighbors")
    expect(box).to_be_hidden()


SHOWN = """() => {
  const image = document.getElementById('point-image');
  return image.complete && image.naturalWidth > 0 ? image.dataset.region ?? 'all' : null;
}"""
"""The part of the image that is on the screen; null while it loads."""
IS_THERE = f"() => lookalike.lookedAt.picture.state.seen?.id === lookalike.selected.id && ({SHOWN})() !== null"
"""Whether the image on the screen is that of the point that was chosen last."""


def corners_of(page, row=None):
    """Box of the selected point, or of another row of the map."""
    return page.evaluate(
        """async (row) => {
          const collection = `api/v1/collections/${lookalike.dock.collection.name}`;
          const id = row ?? lookalike.selected.id;
          return (await (await fetch(`${collection}/points/${id}`)).json()).box;
        }""",
        row,
    )


def others_on_the_image(page):
    """Ids of the other objects on the selected point's image."""
    return page.evaluate(
        """async () => {
          const collection = `api/v1/collections/${lookalike.dock.collection.name}`;
          const { payload } = await (await fetch(`${collection}/points/${lookalike.selected.id}`)).json();
          const query = new URLSearchParams({ image_name: payload.image_name, limit: '99' });
          const { points } = await (await fetch(`${collection}/points?${query}`)).json();
          return points.map(({ id }) => id).filter((id) => id !== lookalike.selected.id);
        }"""
    )


def test_image__shows_the_object_with_its_surroundings_first_and_keeps_the_choice_of_the_whole(inspected):
    whole = inspected.get_by_role("button", name="Whole image", exact=True)
    expect(whole).to_have_attribute("aria-pressed", "false")
    left, top, right, bottom = corners_of(inspected)
    x, y, end_x, end_y = map(int, inspected.evaluate(SHOWN).split(","))
    assert x <= left < right <= end_x
    assert y <= top < bottom <= end_y
    assert (end_y - y) / (bottom - top) < 2
    expect(inspected.locator("#point-image")).to_have_attribute("alt", re.compile("around its object"))
    inspected.keyboard.press("j")
    inspected.wait_for_function(
        f"before => ![null, 'all', before].includes(({SHOWN})())", arg=f"{x},{y},{end_x},{end_y}"
    )

    whole.click()
    inspected.wait_for_function(f"() => ({SHOWN})() === 'all'")
    expect(whole).to_have_attribute("aria-pressed", "true")
    expect(inspected.locator("#point-image")).not_to_have_attribute("alt", re.compile("around its object"))
    point = inspected.evaluate("lookalike.selected.id")
    inspected.keyboard.press("j")
    inspected.wait_for_function("before => lookalike.lookedAt.store.state.point.id !== before", arg=point)
    inspected.wait_for_function(f"() => ({SHOWN})() === 'all'")
    inspected.reload()
    expect(whole).to_have_attribute("aria-pressed", "true")
    inspected.wait_for_function(f"() => ({SHOWN})() === 'all'")

    inspected.locator(".suspect").nth(2).click()  # its key works beside the list, too
    inspected.keyboard.press("z")
    inspected.wait_for_function(f"() => ![null, 'all'].includes(({SHOWN})())")
    expect(whole).to_have_attribute("aria-pressed", "false")
    inspected.reload()
    inspected.wait_for_function(f"() => ![null, 'all'].includes(({SHOWN})())")
    expect(whole).to_have_attribute("aria-pressed", "false")


def test_image__is_in_view_and_followed_by_what_can_be_done_with_it(inspected):
    """On a small desktop, for names that are no longer than most."""
    inspected.set_viewport_size({"width": 1280, "height": 800})
    panel = inspected.locator(".point").bounding_box()
    for part in (".image-place", ".image-tools"):
        box = inspected.locator(part).bounding_box()
        assert box["y"] + box["height"] <= panel["y"] + panel["height"]


def test_image__a_click_opens_the_object_there(whole_image):
    inspected = whole_image
    other = others_on_the_image(inspected)[0]
    left, top, right, bottom = corners_of(inspected, other)
    x, y = (left + right) / 2, (top + bottom) / 2
    drag(inspected, [x, y, x, y])
    inspected.wait_for_function("id => lookalike.selected.id === id", arg=other)
    expect(inspected.locator("#point-content")).to_be_visible()
    expect(inspected.locator(".image-box")).to_be_hidden()
