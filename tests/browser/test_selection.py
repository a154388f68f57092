"""Drawing around points: exactly those inside are selected, listed and taken along."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.layout import layout_faults
from tests.browser.serving import MAP_IS_PAINTED

PLACES = """() => {
  const { map } = lookalike;
  const box = map.canvas.getBoundingClientRect();
  return Array.from({ length: map.nPoints }, (_, row) => {
    const [x, y] = map.camera.toScreen(...map.columns.position(row));
    return [x + box.left, y + box.top];
  });
}"""
RADIUS_PX = 120


def draw(page, corners) -> None:
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner)
    page.mouse.up()


@pytest.fixture
def middle(explorer):
    """The middle of the points, in the window."""
    return np.median(np.array(explorer.evaluate(PLACES)), axis=0)


def ring(middle):
    """Corners of a regular 24-gon."""
    angles = np.arange(24) * math.tau / 24
    return np.round(middle + RADIUS_PX * np.stack([np.cos(angles), np.sin(angles)], axis=1)).tolist()


def assert_selected_in_ring(page, middle):
    """It lies between its inner and its outer circle."""
    distances = np.linalg.norm(np.array(page.evaluate(PLACES)) - middle, axis=1)
    least = set(np.flatnonzero(distances < RADIUS_PX * math.cos(math.pi / 24) - 1))
    most = set(np.flatnonzero(distances < RADIUS_PX + 1))
    selected = set(np.flatnonzero(page.evaluate("[...lookalike.map.columns.chosen]")))
    assert len(least) > 50
    assert least <= selected <= most
    expect(page.locator(".selection-count")).to_have_text(f"Selection · {len(selected):,}")


def test_lasso__selects_what_is_inside(explorer, middle):
    explorer.locator("[data-map-tool=lasso]").click()
    draw(explorer, ring(middle))
    assert_selected_in_ring(explorer, middle)


def test_lasso__on_a_busy_page__keeps_corners_that_are_told_together(explorer, middle):
    """Where a page is late for a frame, the browser tells of several movements in one event."""
    corners = [*ring(middle), ring(middle)[0]]  # closed, so that the event's own place is where the press was
    explorer.locator("[data-map-tool=lasso]").click()
    explorer.mouse.move(*corners[0])
    explorer.mouse.down()
    explorer.evaluate(
        """corners => {
          const moved = ([clientX, clientY], coalescedEvents = []) =>
            new PointerEvent('pointermove', { pointerId: 1, clientX, clientY, coalescedEvents });
          lookalike.map.canvas.dispatchEvent(moved(corners.at(-1), corners.map((corner) => moved(corner))));
        }""",
        corners,
    )
    explorer.mouse.up()
    assert_selected_in_ring(explorer, middle)


def test_box__selects_what_is_inside_and_counts_its_classes(explorer, middle):
    left, top, right, bottom = *np.round(middle - RADIUS_PX), *np.round(middle + RADIUS_PX)
    explorer.get_by_role("button", name="Draw a box around points").click()
    draw(explorer, [(left, top), (left + 9, top + 9), (right, bottom)])

    x, y = np.array(explorer.evaluate(PLACES)).T
    inside = np.flatnonzero((x > left) & (x < right) & (y > top) & (y < bottom))
    assert explorer.evaluate("[...lookalike.map.columns.chosen]") == np.isin(np.arange(x.size), inside).tolist()
    names = explorer.evaluate("[...lookalike.map.columns.classIndex].map(i => lookalike.spec.classNames[i])")
    found, counts = np.unique(np.array(names)[inside], return_counts=True)
    n_points = dict(zip(found, counts, strict=True))
    said = explorer.locator(".selection-classes").inner_text().split("\n")
    assert said[0] == f"{len(found)} classes"
    assert said[2] == str(counts.max()) == str(n_points[said[1]])


def test_selection__thumbnails_are_made_as_they_come_into_view(explorer):
    explorer.evaluate("lookalike.map.select(Array.from({ length: lookalike.map.nPoints }, (_, row) => row))")
    cells = explorer.locator(".gallery-cell")
    expect(explorer.locator(".selection-count")).to_have_text("Selection · 1,797")
    expect(cells.nth(10)).to_be_visible()
    assert cells.count() < 120
    explorer.wait_for_function("""() => {
      const gallery = document.querySelector('.gallery');
      gallery.scrollTo(0, gallery.scrollHeight);
      return gallery.querySelector("[data-row='1796']") !== null;
    }""")
    explorer.locator(".gallery-cell[data-row='1796']").click()
    explorer.wait_for_function("() => lookalike.map.selected === 1796 && lookalike.map.neighbors.length === 20")


def test_selection__holds_only_what_fits_the_filter_and_escape_ends_it(explorer, middle):
    first = explorer.evaluate("lookalike.spec.classNames[0]")
    explorer.get_by_role("checkbox", name=first, exact=True).check()
    explorer.keyboard.down("Shift")
    box = explorer.locator(".point-map-canvas").bounding_box()
    left, top = box["x"] + 2, box["y"] + 60
    right, bottom = box["x"] + box["width"] - 2, box["y"] + box["height"] - 2
    draw(explorer, [(left, top), (right, top), (right, bottom), (left, bottom)])
    explorer.keyboard.up("Shift")
    chosen_classes = "new Set(lookalike.selection.rows.map(row => lookalike.map.columns.classIndex[row]))"
    assert explorer.evaluate(f"[...{chosen_classes}]") == [0]
    explorer.keyboard.press("Escape")
    expect(explorer.locator("#selection")).to_be_hidden()
    explorer.wait_for_function(MAP_IS_PAINTED)
    assert explorer.evaluate("lookalike.map.renderer.dimOthers") is False


def test_selection__saved_as_a_table(explorer):
    explorer.evaluate("lookalike.map.select([3, 1, 2])")
    with explorer.expect_download() as download:
        explorer.get_by_role("button", name="Save as CSV").click()
    assert download.value.suggested_filename == "selection.csv"
    with download.value.path().open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["class_name"] for row in rows] == explorer.evaluate(
        "[3, 1, 2].map(row => lookalike.spec.classNames[lookalike.map.columns.classIndex[row]])"
    )
    assert all(len(row["id"]) == 36 and row["image_name"].startswith("scan_") for row in rows)


def test_selection__a_mouse_chooses_what_becomes_of_it_and_keys_win(explorer, middle):
    """Buttons say what the next outline does; Shift and Alt say it for one outline."""
    n_chosen = "lookalike.map.chosenRows.length"
    explorer.locator(".point-map-canvas").press("l")
    modes = explorer.get_by_role("group", name="What becomes of the selection")
    draw(explorer, ring(middle))
    n_first = explorer.evaluate(n_chosen)
    modes.get_by_role("button", name="Remove").press("Enter")
    draw(explorer, ring(middle + 60))
    n_less = explorer.evaluate(n_chosen)
    assert 0 < n_less < n_first
    explorer.keyboard.down("Shift")
    draw(explorer, ring(middle))
    explorer.keyboard.up("Shift")
    assert explorer.evaluate(n_chosen) == n_first
    expect(modes.get_by_role("button", name="Remove")).to_have_attribute("aria-pressed", "true")
    modes.get_by_role("button", name="Replace").click()
    draw(explorer, ring(middle))
    assert_selected_in_ring(explorer, middle)


def test_selection__its_head_has_room_for_classes_while_a_search_is_on_and_a_name_is_typed(explorer):
    explorer.evaluate("lookalike.map.select(Array.from({ length: 200 }, (_, place) => 5 * place))")
    panel = explorer.get_by_role("tabpanel", name="Selection")
    panel.get_by_role("button", name="Find similar").click()
    panel.get_by_role("combobox", name="Name or tag of the selection").fill("night")
    expect(panel.get_by_role("button", name="Unlike these")).to_be_visible()
    for width in (1440, 1280, 901):
        explorer.set_viewport_size({"width": width, "height": 900})
        assert panel.locator(".selection-classes").evaluate("one => one.clientWidth") >= 240
        assert layout_faults(explorer, "#selection") == []
