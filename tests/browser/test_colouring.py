"""What dots are coloured by, what lies over them, and the picture of it."""

from __future__ import annotations

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from tests.browser.intercepting import intercept
from tests.browser.serving import MAP_IS_PAINTED
from tests.browser.test_map import LONELY_ROWS, assert_painted, pixels, rgb

COLUMN = """async name => {
  const body = await (await fetch(`${lookalike.spec.columnsUrl}/${name}`)).arrayBuffer();
  const [n, width, nWords] = new Uint32Array(body, 4, 3);
  return [...new (width === 2 ? Uint16Array : Uint8Array)(body, 16 + nWords, n)];
}"""
PAINTED_BY = "name => lookalike.map.paint.name === name && lookalike.map.renderer.isComplete"


def color_by(page, label: str, name: str) -> None:
    page.get_by_label("Colour by").select_option(label)
    page.wait_for_function(PAINTED_BY, arg=name)


def test_colour_by__a_number_makes_the_legend_a_ramp(explorer):
    for label, name, lower, upper in (
        ("Suspect score", "score", "label fits", "suspect"),
        ("Trust", "trust", "neighbors lie elsewhere", "place can be trusted"),
        ("Outlier score", "outlier", "like many others", "like no other"),
    ):
        color_by(explorer, label, name)
        legend = explorer.get_by_role("group", name=f"Legend of {label.lower()}")
        expect(legend.get_by_text(lower, exact=True)).to_be_visible()
        expect(legend.get_by_text(upper, exact=True)).to_be_visible()
        values = explorer.evaluate(COLUMN, name)
        assert explorer.evaluate("[...lookalike.map.columns.value]") == values
        known = [row for row, value in enumerate(values) if value < 255]
        ends = [min(known, key=lambda row: values[row]), max(known, key=lambda row: values[row])]
        colors = explorer.evaluate("rows => rows.map(row => lookalike.map.paint.colorOf(row))", ends)
        stops = explorer.evaluate("[lookalike.map.paint.ramp.stops.at(0), lookalike.map.paint.ramp.stops.at(-1)]")
        assert colors == (stops[::-1] if name == "trust" else stops)


def test_colour_by__clusters_are_listed_and_a_click_selects_one(explorer, place_of):
    color_by(explorer, "Cluster", "cluster")
    legend = explorer.get_by_role("list", name="Legend of clusters")
    first = legend.get_by_role("button").first
    color = explorer.evaluate("lookalike.mapPanel.coloring.state.entries[0].color")
    explorer.get_by_role("button", name="Class names").click()
    rows = explorer.evaluate("lookalike.mapPanel.coloring.rowsOf(0)")
    lonely = [entry for entry in explorer.evaluate(LONELY_ROWS) if entry["row"] in set(rows)]
    assert len(lonely) > 10
    assert {entry["color"] for entry in lonely} == {color}
    assert_painted(explorer, place_of, lonely)
    count = int(first.locator(".facet-count").inner_text().replace(",", ""))
    assert len(rows) == count
    first.click()
    explorer.get_by_role("tabpanel", name="Selection").get_by_text(f"Selection · {count}").wait_for()


def test_colour_by__a_dataset_narrows_the_filter(explorer):
    color_by(explorer, "Dataset", "dataset")
    legend = explorer.get_by_role("list", name="Legend of datasets")
    legend.get_by_role("button", name="scans/archive").click()
    explorer.get_by_text("597 of 1,797 match").wait_for()
    expect(explorer.get_by_role("checkbox", name="scans/archive", exact=True)).to_be_checked()


def test_colour_by__says_what_is_not_known_and_what_failed(explorer, faults):
    intercept(explorer, "**/columns/outlier*", lambda route: route.fulfill(status=409, json={"detail": "ask again"}))
    explorer.get_by_label("Colour by").select_option("Outlier score")
    alert = explorer.get_by_role("alert").filter(has_text="ask again")
    expect(alert).to_be_visible()
    explorer.unroute("**/columns/outlier*")
    alert.get_by_role("button", name="Retry").click()
    explorer.wait_for_function(PAINTED_BY, arg="outlier")
    explorer.get_by_label("Colour by").select_option("Time of edit")
    faults.clear()


def test_names__of_clusters_are_finer_nearby(explorer):
    color_by(explorer, "Cluster", "cluster")
    explorer.evaluate("lookalike.map.viewport.zoomBy(2.5)")
    explorer.wait_for_function("() => lookalike.map.nameLabels.fine.length > lookalike.map.nameLabels.labels.length")


def test_contours__are_drawn_when_they_are_asked_for(explorer):
    explorer.wait_for_function("() => lookalike.map.nameLabels.labels.length === 10")
    explorer.mouse.move(5, 5)
    clip = explorer.locator(".point-map-canvas").bounding_box()
    before = pixels(explorer, clip=clip)
    explorer.get_by_role("checkbox", name="Density contours").check(force=True)
    explorer.wait_for_function("() => lookalike.map.layers.contours?.length > 2")
    changed = np.abs(pixels(explorer, clip=clip) - before).max(axis=2) > 30
    assert 500 < changed.sum() < changed.size / 4


def test_crops__stand_for_dots_when_few_are_in_view(explorer):
    asked = []
    explorer.on("request", lambda request: "/crop?size=96" in request.url and asked.append(request.url))
    explorer.evaluate("""() => {
      const { map } = lookalike;
      map.camera.lookAt(...map.columns.position(7), 30);
      map.viewport.moved();
    }""")
    explorer.wait_for_function("() => lookalike.map.layers.crops.size > 0")
    assert 0 < len(asked) <= 48
    explorer.get_by_role("button", name="Show everything").first.click()
    explorer.wait_for_function("() => lookalike.map.layers.crops.size === 0")
    assert len(asked) == len(set(asked)) <= 48


def test_first_view__says_how_many_points_lie_outside(explorer):
    explorer.evaluate("""() => {
      const { map } = lookalike;
      map.columns.x[0] = map.columns.y[0] = 65535;
      for (let row = 1; row < map.nPoints; row++) {
        map.columns.x[row] /= 4;
        map.columns.y[row] /= 4;
      }
      map.renderer.appended(0);
      map.viewport.fit({ animate: false, isWhole: false });
    }""")
    note = explorer.get_by_text("1 point lies outside.")
    expect(note).to_be_visible()
    explorer.get_by_role("button", name="Show everything").last.click()
    expect(note).to_be_hidden()
    assert explorer.evaluate("lookalike.map.camera.shows(...lookalike.map.columns.position(0))")


def test_png__is_the_map_with_its_legend_named_after_the_collection(explorer):
    color_by(explorer, "Trust", "trust")
    with explorer.expect_download() as download:
        explorer.get_by_role("button", name="Save the map as PNG").click()
    assert download.value.suggested_filename == "digits-map.png"
    picture = np.asarray(Image.open(download.value.path()).convert("RGB")).astype(int)
    canvas = explorer.evaluate("[lookalike.map.canvas.width, lookalike.map.canvas.height]")
    assert (picture.shape[1] > canvas[0] + 200, picture.shape[0]) == (True, canvas[1])
    legend = picture[:, canvas[0] :]
    upper = explorer.evaluate("lookalike.map.paint.ramp.stops.at(-1)")
    assert (np.abs(legend - rgb(upper)).max(axis=2) < 25).any()


def test_map__shows_everything_at_first_where_nothing_strays(explorer):
    explorer.wait_for_function(MAP_IS_PAINTED)
    expect(explorer.locator("#map-lost")).to_be_hidden()
