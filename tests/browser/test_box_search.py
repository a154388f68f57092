"""A box drawn on the inspector's image finds what looks like that part of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def inspected(explorer):
    """The page with a point in its image, which has many objects."""
    explorer.locator(".suspect").first.click()
    explorer.wait_for_function("() => document.getElementById('point-image').naturalWidth > 0")
    expect(explorer.get_by_role("region", name="Nearest neighbors")).to_contain_text("of 20 are")
    return explorer


def drag(page, box_of_image):
    """Drag over a box of the image, left, top, right, bottom in px of the whole image."""
    corners = page.evaluate(
        """async ([left, top, right, bottom]) => {
          const image = document.getElementById('point-image');
          const place = image.getBoundingClientRect();
          const collection = `api/v1/collections/${lookalike.dock.collection.name}`;
          const answer = await fetch(`${collection}/points/${lookalike.selected.id}`);
          const [height, width] = (await answer.json()).payload.image_size_hw;
          const scale = Math.min(place.width / width, place.height / height);
          const x = place.left + (place.width - width * scale) / 2;
          const y = place.top + (place.height - height * scale) / 2;
          return [x + left * scale, y + top * scale, x + right * scale, y + bottom * scale];
        }""",
        box_of_image,
    )
    page.mouse.move(*corners[:2])
    page.mouse.down()
    page.mouse.move((corners[0] + corners[2]) / 2, corners[3], steps=2)
    page.mouse.move(*corners[2:])
    page.mouse.up()


def test_box_search__finds_what_looks_like_the_box_and_leads_back(inspected):
    neighbors = inspected.get_by_role("region", name="Nearest neighbors")
    point = inspected.evaluate("lookalike.selected.id")
    box = inspected.evaluate(
        """async () => (await (await fetch(
          `api/v1/collections/${lookalike.dock.collection.name}/points/${lookalike.selected.id}`)).json()).box"""
    )
    drag(inspected, box)
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


def test_box_search__a_click_or_another_point_draws_none(inspected):
    drag(inspected, [5, 5, 6, 6])
    expect(inspected.locator(".image-box")).to_be_hidden()
    drag(inspected, [5, 5, 60, 60])
    expect(inspected.get_by_role("region", name="Nearest neighbors")).to_contain_text("Nearest to the drawn box")
    inspected.locator(".suspect").nth(1).click()
    expect(inspected.get_by_role("region", name="Nearest neighbors")).to_contain_text("Nearest neighbors")
    expect(inspected.locator(".image-box")).to_be_hidden()

    drag(inspected, [5, 5, 60, 60])
    expect(inspected.get_by_role("region", name="Nearest neighbors")).to_contain_text("Nearest to the drawn box")
    inspected.locator(".suspect").nth(1).click()  # the same point again
    expect(inspected.get_by_role("region", name="Nearest neighbors")).to_contain_text("Nearest neighbors")
    expect(inspected.locator(".image-box")).to_be_hidden()


def test_box_search__by_key(inspected):
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


def test_zoom__shows_the_object_with_its_surroundings_and_stays_for_the_next_point(inspected):
    zoom = inspected.get_by_role("button", name="Zoom", exact=True)
    expect(zoom).to_have_attribute("aria-pressed", "false")
    zoom.click()
    expect(zoom).to_have_attribute("aria-pressed", "true")
    inspected.wait_for_function(f"() => ({SHOWN})() !== 'all' && ({SHOWN})()")
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
    inspected.reload()
    expect(zoom).to_have_attribute("aria-pressed", "true")
    inspected.wait_for_function(f"() => ({SHOWN})() !== 'all' && ({SHOWN})()")
    inspected.locator(".suspect").nth(2).click()  # its key works beside the list, too
    inspected.keyboard.press("z")
    inspected.wait_for_function(f"() => ({SHOWN})() === 'all'")
    expect(zoom).to_have_attribute("aria-pressed", "false")


def test_zoom__a_box_is_drawn_where_it_is_seen(inspected):
    point, neighbors = (
        inspected.evaluate("lookalike.selected.id"),
        inspected.get_by_role("region", name="Nearest neighbors"),
    )
    inspected.get_by_role("button", name="Zoom", exact=True).click()
    inspected.wait_for_function(f"() => ({SHOWN})() !== 'all' && ({SHOWN})()")
    left, top, right, bottom = corners_of(inspected)
    x, y, end_x, end_y = map(int, inspected.evaluate(SHOWN).split(","))
    inspected.locator("#point-image").scroll_into_view_if_needed()
    frame = inspected.locator("#point-image").bounding_box()
    scale = min(frame["width"] / (end_x - x), frame["height"] / (end_y - y))
    first_x = frame["x"] + (frame["width"] - scale * (end_x - x)) / 2
    first_y = frame["y"] + (frame["height"] - scale * (end_y - y)) / 2
    inspected.mouse.move(first_x + scale * (left - x), first_y + scale * (top - y))
    inspected.mouse.down()
    inspected.mouse.move(first_x + scale * (right - x), first_y + scale * (bottom - y), steps=3)
    inspected.mouse.up()
    expect(neighbors).to_contain_text("Nearest to the drawn box")
    first = neighbors.locator("[data-point-id]").first
    expect(first).to_have_attribute("data-point-id", point)
    expect(first).to_have_attribute("title", re.compile(r"similarity (1\.0|0\.9)"))
    inspected.evaluate("localStorage.removeItem('lookalike-zoom-to-object')")


def test_image__a_click_opens_the_object_there(inspected):
    other = others_on_the_image(inspected)[0]
    left, top, right, bottom = corners_of(inspected, other)
    x, y = (left + right) / 2, (top + bottom) / 2
    drag(inspected, [x, y, x, y])
    inspected.wait_for_function("id => lookalike.selected.id === id", arg=other)
    expect(inspected.locator("#point-content")).to_be_visible()
    expect(inspected.locator(".image-box")).to_be_hidden()
