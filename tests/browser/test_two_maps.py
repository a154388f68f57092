"""Two maps of the same points side by side: one selection, one filter, one set of colours, two views."""

from __future__ import annotations

import json
import re
import urllib.request

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from indexer.maps.archive import save_projection
from indexer.maps.projectors.base import Projection
from indexer.settings import IndexerSettings
from indexer.workspace import Workspace
from tests.browser.intercepting import intercept
from tests.browser.serving import MAP_IS_PAINTED, serve
from tests.copies import copy_data

COLLECTION = "tf_efficientnet_lite0"
N_MISSING = 34
BOTH_ARE_PAINTED = f"() => ({MAP_IS_PAINTED})() && lookalike.secondMap.map?.renderer.isComplete"


@pytest.fixture(scope="module")
def two_maps(sample, tmp_path_factory):
    """A server with a second, older map that lacks 34 points."""
    data = copy_data(sample, tmp_path_factory.mktemp("maps") / "data")
    with Workspace.open(IndexerSettings(data_dir=data)) as workspace:
        points = workspace.collections.snapshot(COLLECTION)
        places = np.random.default_rng(0).normal(size=(len(points.ids) - N_MISSING, 2)).astype(np.float32)
        made = Projection(places, method="pca", requested_method="pca", metric="cosine", seed=0)
        save_projection(
            data / "projections" / COLLECTION, made, point_ids=points.ids[N_MISSING:], revision=points.revision
        )
    with serve(data) as url:
        first = next(one for one in _maps(url) if one["method"] != "pca")["id"]
        yield f"{url}/?collection={COLLECTION}&projection={first}"


def _maps(url):
    with urllib.request.urlopen(f"{url}/api/v1/collections/{COLLECTION}/projections") as answer:
        return json.load(answer)


@pytest.fixture
def both(open_page, two_maps):
    page = open_page(two_maps)
    page.wait_for_function(MAP_IS_PAINTED)
    page.get_by_role("radio", name="Two maps", exact=True).check(force=True)
    page.wait_for_function(BOTH_ARE_PAINTED)
    return page


def second(page):
    return page.get_by_role("region", name="Second map")


def canvases(page):
    first = page.get_by_role("application", name=re.compile("^Map of the collection"))
    return first, page.get_by_role("application", name=re.compile("^Second map"))


def drag_lasso(page, canvas):
    """Draw around the middle of a map."""
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.keyboard.down("Shift")
    page.mouse.move(x - 40, y - 40)
    page.mouse.down()
    for dx, dy in ((40, -40), (40, 40), (-40, 40), (-40, -40)):
        page.mouse.move(x + dx, y + dy, steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")


def test_two_maps__stand_side_by_side_and_say_what_one_lacks(both):
    expect(second(both)).to_contain_text("34 points are not on this map.")
    expect(both.get_by_role("combobox", name="Second map")).to_have_value(re.compile("-pca"))
    first, other = (canvas.bounding_box() for canvas in canvases(both))
    assert first["x"] + first["width"] <= other["x"] + 1
    assert abs(first["width"] - other["width"]) <= 2
    assert both.evaluate("lookalike.secondMap.map.columns.score === lookalike.map.columns.score")


def test_two_maps__a_lasso_in_either_selects_in_both(both):
    for canvas in canvases(both):
        both.wait_for_function("() => lookalike.map.chosenRows.length === 0")
        drag_lasso(both, canvas)
        both.wait_for_function("() => lookalike.map.chosenRows.length > 0")
        expect(both.get_by_role("tab", name=re.compile("^Selection"))).to_have_attribute("aria-selected", "true")
        both.wait_for_function("() => lookalike.map.chosenRows === lookalike.secondMap.map.chosenRows")
        both.wait_for_function("() => [lookalike.map, lookalike.secondMap.map].every((one) => one.renderer.dimOthers)")
        canvas.press("Escape")
        both.wait_for_function("() => !lookalike.map.renderer.dimOthers && !lookalike.secondMap.map.renderer.dimOthers")


def test_two_maps__a_point_is_chosen_and_hovered_in_both(both):
    _, other = canvases(both)
    row = both.evaluate(
        """() => { const map = lookalike.secondMap.map;
        return [...Array(map.nPoints).keys()].find((row) => {
          const [x, y] = map.camera.toScreen(...map.columns.position(row));
          return x > 60 && y > 80 && x < map.camera.width - 60 && y < map.camera.height - 60 && map.pick(x, y) === row;
        }); }"""
    )
    x, y = both.evaluate(
        "row => lookalike.secondMap.map.camera.toScreen(...lookalike.secondMap.map.columns.position(row))", row
    )
    box = other.bounding_box()
    both.mouse.move(box["x"] + x, box["y"] + y)
    expect(second(both).locator(".hover-card")).to_be_visible()
    assert both.evaluate("lookalike.map.hovered") == row
    both.mouse.click(box["x"] + x, box["y"] + y)
    both.wait_for_function("() => lookalike.selected.id !== null")
    both.wait_for_function("() => lookalike.map.neighbors.length > 0")
    assert both.evaluate("[lookalike.map.selected, lookalike.secondMap.map.selected]") == [row, row]
    assert both.evaluate("lookalike.secondMap.map.neighbors.length") > 0


def test_two_maps__a_point_that_one_lacks_is_said(both):
    both.evaluate("lookalike.map.choose(lookalike.secondMap.map.linked.missing[0], 'list')")
    expect(second(both)).to_contain_text("The point that you look at is not on this map.")
    assert both.evaluate("lookalike.secondMap.map.selected") == -1


def test_two_maps__share_filter_and_colours_but_not_the_view(both):
    both.get_by_role("checkbox", name="7", exact=True).check()
    both.wait_for_function("() => lookalike.secondMap.map.visible.filter(Boolean).length === 1")
    both.get_by_role("combobox", name="Colour by").select_option("score")
    both.wait_for_function(
        "() => lookalike.secondMap.map.paint.name === 'score' && lookalike.map.paint.name === 'score'"
    )
    both.get_by_role("button", name=re.compile("^Draw a box")).click()
    expect(canvases(both)[1]).to_have_attribute("data-tool", "box")
    seen = both.evaluate("lookalike.map.camera.toText()")
    both.get_by_role("button", name="Zoom in (second map)").click()
    both.wait_for_url(re.compile("v2="))
    assert both.evaluate("lookalike.map.camera.toText()") == seen
    both.wait_for_function(BOTH_ARE_PAINTED)


def test_two_maps__each_is_saved_by_its_own_button(both):
    pictures = []
    for button, name in (
        ("Save the map as PNG", "digits-map.png"),
        ("Save the second map as PNG", "digits-second-map.png"),
    ):
        with both.expect_download() as download:
            both.get_by_role("button", name=button).click()
        assert download.value.suggested_filename == name
        pictures.append(cv2.imread(str(download.value.path())))
    first, other = pictures
    assert abs(first.shape[1] - other.shape[1]) <= 2
    assert not np.array_equal(first[:, :300], other[:, :300])


def test_two_maps__are_in_the_address_and_back_leads_to_one(both, open_page):
    assert "view=maps" in both.url
    box = both.get_by_role("combobox", name="Second map")
    box.select_option(index=1)
    both.wait_for_url(re.compile("map2="))
    both.wait_for_function(BOTH_ARE_PAINTED)
    expect(second(both)).not_to_contain_text("not on this map")
    again = open_page(both.url)
    again.wait_for_function(BOTH_ARE_PAINTED)
    expect(again.get_by_role("combobox", name="Second map")).to_have_value(box.input_value())
    both.go_back()
    expect(second(both)).to_contain_text("34 points are not on this map.")
    both.go_back()
    expect(second(both)).to_be_hidden()
    expect(both.get_by_role("radio", name="Map", exact=True)).to_be_checked()


def test_another_map__keeps_what_is_selected_and_says_what_it_lacks(open_page, two_maps):
    page = open_page(two_maps)
    page.wait_for_function(MAP_IS_PAINTED)
    page.evaluate("lookalike.map.select(Array.from({ length: lookalike.map.nPoints }, (_, row) => row))")
    expect(page.locator(".selection-count")).to_have_text("Selection · 1,797")
    page.get_by_role("textbox", name="Projection").click()
    page.get_by_role("option", name="PCA").click()
    expect(page.locator("#map-caption")).to_contain_text("PCA")
    expect(page.locator(".selection-count")).to_have_text(f"Selection · {1797 - N_MISSING:,}")
    expect(page.get_by_text(f"{N_MISSING} of the selected points are not on this map.")).to_be_visible()
    expect(page.get_by_role("tabpanel", name="Selection")).to_be_visible()
    page.get_by_role("button", name="Undo selection").click()
    expect(page.get_by_role("tabpanel", name="Suspects")).to_be_visible()
    page.get_by_role("button", name="Redo selection").click()
    expect(page.locator(".selection-count")).to_have_text(f"Selection · {1797 - N_MISSING:,}")


def test_two_maps__of_one_map_offer_to_make_another(explorer):
    explorer.get_by_role("radio", name="Two maps", exact=True).check(force=True)
    explorer.wait_for_function(BOTH_ARE_PAINTED)
    expect(second(explorer)).to_contain_text("It is the only map so far.")
    second(explorer).get_by_role("button", name="Make another map").click()
    expect(explorer.get_by_role("dialog", name=re.compile("Make a map"))).to_be_visible()


def test_two_maps__a_failed_one_says_so_and_is_tried_again(both, faults):
    intercept(both, "**/positions?*", lambda route: route.abort())
    both.get_by_role("combobox", name="Second map").select_option(index=0)
    expect(second(both).get_by_role("alert")).to_contain_text("The server does not answer")
    both.unroute("**/positions?*")
    second(both).get_by_role("button", name="Retry").click()
    both.wait_for_function(BOTH_ARE_PAINTED)
    faults[:] = [fault for fault in faults if "ERR_FAILED" not in fault]


def test_two_maps__have_room_at_every_width(open_page, two_maps):
    page = open_page(f"{two_maps}&view=maps")
    page.wait_for_function(BOTH_ARE_PAINTED)
    for width in (1920, 1280, 1024, 768, 390):
        page.set_viewport_size({"width": width, "height": 844})
        first, other = (canvas.bounding_box() for canvas in canvases(page))
        assert min(first["width"], first["height"], other["width"], other["height"]) >= 120
        is_beside = first["x"] + first["width"] <= other["x"] + 1
        assert is_beside == (width >= 1024)
        assert is_beside or first["y"] + first["height"] <= other["y"] + 1
        tools = page.get_by_role("toolbar", name="Map tools", exact=True).bounding_box()
        assert tools["x"] + tools["width"] <= first["x"] + first["width"]
        assert tools["height"] <= 44, "they stand on one line"
