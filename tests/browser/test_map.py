"""The map: what is on the screen, and what hands do with it."""

from __future__ import annotations

import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED

# Rows whose dot nothing of another class touches: its centre on the screen must have its class's colour.
LONELY_ROWS = """() => {
  const { map } = lookalike;
  const { columns, camera } = map;
  const places = Array.from({ length: map.nPoints }, (_, row) => camera.toScreen(...columns.position(row)));
  const colors = places.map((_, row) => map.paint.colorOf(row));
  return places.flatMap(([x, y], row) => {
    const mixes = places.some(([x2, y2], other) =>
      colors[other] !== colors[row] && Math.hypot(x - x2, y - y2) < 9);
    const box = map.canvas.getBoundingClientRect();
    const isBare = document.elementFromPoint(x + box.left, y + box.top) === map.canvas; // no tool lies over it
    const lonely = !mixes && isBare && camera.shows(...columns.position(row), 20);
    return lonely ? [{ row, color: colors[row] }] : [];
  });
}"""


def pixels(page, **options) -> np.ndarray:
    """What the compositor shows, int (H, W, 3)."""
    return np.asarray(Image.open(io.BytesIO(page.screenshot(**options))).convert("RGB")).astype(int)


def rgb(color: str) -> np.ndarray:
    return np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)])


def select_any(page, place_of, row=25) -> None:
    page.mouse.click(*place_of(row))
    page.wait_for_function("() => lookalike.map.neighbors.length === 20")


def assert_painted(page, place_of, lonely) -> None:
    """Dots have their colours; ``lonely`` are entries of ``LONELY_ROWS``, of which some 30 are looked at."""
    shown = pixels(page)
    for entry in lonely[:: max(1, len(lonely) // 30)]:
        x, y = place_of(entry["row"])
        difference = np.abs(shown[round(y), round(x)] - rgb(entry["color"])).max()
        assert difference <= 40, entry  # dots are a little transparent


def test_map__every_dot_has_the_colour_of_its_class(explorer, place_of):
    explorer.get_by_role("button", name="Class names").click()
    rows = explorer.evaluate(LONELY_ROWS)
    assert len(rows) > 60  # how many there are depends on the map, and that on where the sample lies
    assert_painted(explorer, place_of, rows)


def test_classes__have_the_colours_of_their_project(explorer, sample):
    """The sample's meta.json has a colour for each digit; that of the sevens would sink into dark paper."""
    (meta,) = (sample / "sample").rglob("meta.json")
    wanted = {one["title"]: one["color"].lower() for one in json.loads(meta.read_text())["classes"]}
    shown = explorer.evaluate("lookalike.spec.classNames.map((name, at) => [name, lookalike.spec.colors[at]])")
    assert {name for name, color in shown if wanted[name] != color} == {"7"}
    legend = explorer.get_by_role("list", name="Class values")
    swatch = legend.get_by_title("3: show only this").locator(".swatch")
    assert rgb(wanted["3"]).tolist() == swatch.evaluate(
        "one => getComputedStyle(one).backgroundColor.match(/[0-9]+/g).map(Number)"
    )


@pytest.mark.parametrize(("scheme", "ink"), [("light", 60), ("dark", 225)])
def test_names__are_written_where_points_are_densest_until_they_are_switched_off(open_page, server, scheme, ink):
    page = open_page(server, color_scheme=scheme)
    page.wait_for_function(MAP_IS_PAINTED)
    page.wait_for_function("() => lookalike.map.nameLabels.labels.length === 10")
    x, y = page.evaluate("""() => {
      const { map } = lookalike;
      const box = map.canvas.getBoundingClientRect();
      const { x, y } = map.nameLabels.labels[0];
      const [px, py] = map.camera.toScreen(x, y);
      return [Math.round(px + box.left), Math.round(py + box.top)];
    }""")
    clip = {"x": x - 6, "y": y - 8, "width": 12, "height": 16}
    named = pixels(page, clip=clip)
    is_ink = (named.max(axis=2) < ink) if scheme == "light" else (named.min(axis=2) > ink)
    assert is_ink.sum() > 5
    button = page.get_by_role("button", name="Class names")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert np.abs(pixels(page, clip=clip) - named).max() > 60


def test_names__of_classes_that_recede_are_left_out(explorer):
    explorer.wait_for_function("() => lookalike.map.nameLabels.labels.length === 10")
    placed = "lookalike.map.nameLabels.place(lookalike.map.camera, lookalike.map.visible, () => 9).map(l => l.text)"
    shown = explorer.evaluate(placed)
    kept = shown[0]  # not any class: a name that would lie upon another one is not placed
    explorer.get_by_role("checkbox", name=kept, exact=True).check()
    assert explorer.evaluate(placed) == [kept]


def test_map__shows_every_point_of_the_collection(explorer):
    assert explorer.evaluate("lookalike.map.nPoints") == 1797
    assert explorer.locator("#header-count").inner_text() == "1,797 points · 60 images"
    everything_fits = """() => Array.from({ length: lookalike.map.nPoints }, (_, row) =>
      lookalike.map.camera.shows(...lookalike.map.columns.position(row))).every(Boolean)"""
    assert explorer.evaluate(everything_fits)


def test_hover__shows_the_crop_with_its_class(explorer, place_of):
    explorer.mouse.move(*place_of(25))
    card = explorer.locator("#map-hover")
    expect(card).to_be_visible()
    explorer.wait_for_function("() => document.querySelector('#map-hover img')?.naturalWidth > 0")
    hovered = explorer.evaluate("lookalike.map.hovered")
    class_name = explorer.evaluate("row => lookalike.spec.classNames[lookalike.map.columns.classIndex[row]]", hovered)
    assert card.locator(".card-class").inner_text() == class_name
    explorer.mouse.move(5, 5)
    expect(card).to_be_hidden()


def test_click__shows_object_payload_and_neighbors_and_lights_them_up(explorer, place_of):
    select_any(explorer, place_of)
    point_id = explorer.evaluate("new URLSearchParams(location.search).get('id')")
    asked = f"api/v1/images/{point_id}?collection=tf_efficientnet_lite0&annotation=object&size=720&region="
    region = r"\d+%2C\d+%2C\d+%2C\d+"
    expect(explorer.locator("#point-image")).to_have_attribute("src", re.compile(f"^{re.escape(asked)}{region}$"))
    explorer.wait_for_function("() => document.querySelector('#point-image').naturalWidth > 0")
    expect(explorer.locator("table.payload").first).to_contain_text("Class")
    expect(explorer.locator(".neighbor img")).to_have_count(20)
    explorer.wait_for_function("() => [...document.querySelectorAll('.neighbor img')].every(i => i.naturalWidth > 0)")
    scores = [float(text) for text in explorer.locator(".neighbor .card-score").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)
    assert explorer.evaluate("lookalike.mapPanel.rowOfId.size") == 20


def test_click__the_selected_dot_and_its_neighbors_are_ringed(explorer, place_of):
    before = pixels(explorer)
    select_any(explorer, place_of)
    explorer.mouse.move(5, 5)
    explorer.wait_for_function("() => lookalike.map.hovered === -1")
    x, y = (round(value) for value in place_of(explorer.evaluate("lookalike.map.neighbors[0]")))
    after = pixels(explorer)
    assert np.abs(after[y - 8 : y + 9, x - 8 : x + 9] - before[y - 8 : y + 9, x - 8 : x + 9]).max() > 60


def test_click__on_nothing_lets_go(explorer, place_of):
    select_any(explorer, place_of)
    box = explorer.locator(".point-map-canvas").bounding_box()
    explorer.mouse.click(box["x"] + box["width"] - 6, box["y"] + box["height"] - 40)
    expect(explorer.locator("#point-empty")).to_be_visible()
    expect(explorer.locator(".neighbor")).to_have_count(0)
    assert explorer.evaluate("[lookalike.map.selected, lookalike.map.neighbors]") == [-1, []]


def test_drag__pans_and_does_not_select(explorer, place_of):
    x, y = place_of(25)
    explorer.mouse.move(x, y)
    explorer.mouse.down()
    explorer.mouse.move(x + 60, y + 30, steps=4)
    explorer.mouse.up()
    moved_x, moved_y = place_of(25)
    assert (round(moved_x - x), round(moved_y - y)) == (60, 30)
    assert explorer.evaluate("lookalike.map.selected") == -1


def test_wheel__zooms_around_the_pointer(explorer, place_of):
    x, y = (round(value) for value in place_of(25))
    explorer.mouse.move(x, y)
    under = "([x, y]) => lookalike.map.camera.toWorld(x, y)"
    box = explorer.locator(".point-map-canvas").bounding_box()
    pointer = [x - box["x"], y - box["y"]]
    before = explorer.evaluate(under, pointer)
    zoom = explorer.evaluate("lookalike.map.camera.zoom")
    explorer.mouse.wheel(0, -400)
    explorer.wait_for_function("zoom => lookalike.map.camera.zoom > 1.5 * zoom", arg=zoom)
    np.testing.assert_allclose(explorer.evaluate(under, pointer), before, atol=1e-9)


def test_keyboard__pans_zooms_and_fits(explorer):
    camera = "({ x: lookalike.map.camera.x, y: lookalike.map.camera.y, zoom: lookalike.map.camera.zoom })"
    explorer.locator(".point-map-canvas").focus()
    fitted = explorer.evaluate(camera)
    explorer.keyboard.press("ArrowRight")
    explorer.keyboard.press("ArrowUp")
    explorer.keyboard.press("+")
    moved = explorer.evaluate(camera)
    assert moved["x"] > fitted["x"]
    assert moved["y"] > fitted["y"]
    assert moved["zoom"] > fitted["zoom"]
    explorer.keyboard.press("0")
    assert explorer.evaluate(camera) == fitted


def test_keyboard__selects_walks_to_neighbors_and_lets_go(explorer):
    explorer.evaluate(
        "lookalike.map.camera.lookAt(...lookalike.map.columns.position(7)); lookalike.map.renderer.redraw()"
    )
    explorer.locator(".point-map-canvas").focus()
    explorer.keyboard.press("Enter")
    explorer.wait_for_function("() => lookalike.map.neighbors.length === 20")
    walked = [explorer.evaluate("lookalike.map.selected")]
    for _ in range(3):
        explorer.keyboard.press("n")
        explorer.wait_for_function("() => lookalike.map.neighbors.length === 20")
        walked.append(explorer.evaluate("lookalike.map.selected"))
    assert len(set(walked)) == 4
    assert "Selected a point of class" in explorer.locator("#map-live").inner_text()
    explorer.keyboard.press("Escape")
    expect(explorer.locator("#point-empty")).to_be_visible()


def test_resize__no_frame_is_empty(explorer):
    n_dots = explorer.evaluate("""async () => {
      const { canvas, host } = lookalike.map;
      const seen = [];
      const count = () => {  // told after the map that the size changed, and before the frame is shown
        const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height });
        const pen = copy.getContext('2d');
        pen.drawImage(canvas, 0, 0);
        const { data } = pen.getImageData(0, 0, copy.width, copy.height);
        seen.push(data.reduce((n, value, place) => n + (place % 4 === 3 && value > 0 ? 1 : 0), 0));
      };
      const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
      const observer = new ResizeObserver(count);
      observer.observe(host);
      await frame();
      for (const width of ['70%', '60%', '']) {
        const n = seen.length;
        host.style.width = width;
        while (seen.length === n) await frame();
      }
      observer.disconnect();
      return seen;
    }""")
    assert len(n_dots) >= 3
    assert min(n_dots) > 100


def test_pixel_ratio__dots_keep_their_size_and_get_sharper(open_page, server):
    page = open_page(server, device_scale_factor=2)
    page.wait_for_function(MAP_IS_PAINTED)
    width, css_width = page.evaluate("[lookalike.map.canvas.width, lookalike.map.canvas.clientWidth]")
    assert width == 2 * css_width


def test_png__is_the_map(explorer):
    with explorer.expect_download() as download:
        explorer.locator("[data-map-tool=png]").click()
    picture = np.asarray(Image.open(download.value.path()).convert("RGB"))
    assert download.value.suggested_filename == "digits-map.png"
    assert (picture < 250).any(axis=2).sum() > 5000
