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
