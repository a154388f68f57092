"""The panels around the map, as a curator uses them."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.intercepting import intercept
from tests.browser.serving import MAP_IS_PAINTED


def wait_for_neighbors(page) -> None:
    page.wait_for_function("() => lookalike.map.neighbors.length === 20")


def test_dot_size__is_in_screen_pixels(explorer):
    explorer.locator("#filter-dot-size [role=slider]").focus()
    explorer.keyboard.press("End")
    explorer.wait_for_function("() => lookalike.map.renderer.dotSizePx === 12")


def test_suspects__say_what_is_wrong_and_why(explorer, sample):
    cards = explorer.locator(".suspect")
    expect(cards).to_have_count(24)
    flipped = {
        (entry["dataset"], entry["image_name"]): entry
        for entry in json.loads((sample / "sample" / "flipped.json").read_text())
    }
    places = {tuple(text.rsplit(" / ", 1)) for text in cards.locator(".place").all_inner_texts()}
    assert len(places & set(flipped)) > len(places) / 2
    expect(cards.first.locator(".card-reason")).to_have_text(re.compile(r"^\d+ of its \d+ nearest are \d$"))
    explorer.wait_for_function("() => [...document.querySelectorAll('.suspect img')].every(i => i.naturalWidth > 0)")


def test_suspects__a_click_jumps_to_the_point(explorer):
    card = explorer.locator(".suspect").nth(3)
    point_id, given = card.get_attribute("data-point-id"), card.locator(".is-given").inner_text()
    explorer.evaluate("lookalike.map.viewport.zoomBy(40)")
    card.click()
    wait_for_neighbors(explorer)
    explorer.wait_for_url(f"**id={point_id}**")
    expect(explorer.locator("#point-title .point-class")).to_have_text(given)
    in_view = "() => lookalike.map.camera.shows(...lookalike.map.columns.position(lookalike.map.selected))"
    explorer.wait_for_function(in_view)


def test_suspects__pages_and_classes(explorer):
    cards = explorer.locator(".suspect")
    expect(cards).to_have_count(24)
    first = cards.first.get_attribute("data-point-id")
    explorer.get_by_role("button", name="Next page").click()
    expect(cards.first).not_to_have_attribute("data-point-id", first)
    second = cards.first.get_attribute("data-point-id")
    explorer.get_by_role("checkbox", name="5", exact=True).check()
    expect(cards.locator(".is-given").first).to_have_text("5")
    assert set(cards.locator(".is-given").all_inner_texts()) == {"5"}
    n_of_class = int(explorer.get_by_role("tab", name="Suspects").get_attribute("data-count"))
    head = explorer.get_by_role("region", name="Suspect labels").locator(".list-head")
    expect(head).to_contain_text(re.compile(rf"^{n_of_class} of \d+ suspects match the filter"))
    n_suspects = int(head.inner_text().split()[2])
    explorer.go_back()
    expect(cards.first).to_have_attribute("data-point-id", second)
    expect(head).to_contain_text(f"{n_suspects} suspects of 1,797 labels")
    assert int(explorer.get_by_role("tab", name="Suspects").get_attribute("data-count")) == n_suspects > n_of_class


def test_neighbors__pointing_at_one_marks_it_in_the_map_and_a_click_goes_there(explorer):
    explorer.locator(".suspect").first.click()
    wait_for_neighbors(explorer)
    neighbor = explorer.locator(".neighbor").nth(2)
    point_id = neighbor.get_attribute("data-point-id")
    neighbor.hover()
    explorer.wait_for_function("() => lookalike.map.emphasized === lookalike.map.neighbors[2]")
    row = explorer.evaluate("lookalike.map.emphasized")
    neighbor.click()
    explorer.wait_for_url(f"**id={point_id}**")
    explorer.wait_for_function(
        "row => lookalike.map.selected === row && lookalike.map.neighbors.length === 20", arg=row
    )


def test_point__annotations_as_asked(explorer):
    explorer.locator(".suspect").first.click()
    wait_for_neighbors(explorer)
    explorer.set_viewport_size({"width": 1400, "height": 700})
    explorer.wait_for_function("() => document.documentElement.scrollHeight <= innerHeight")  # only its parts scroll
    for annotation in ("all", "none"):
        explorer.locator("#point-annotation").get_by_text(annotation.capitalize(), exact=True).click()
        expect(explorer.locator("#point-image")).to_have_attribute("src", re.compile(f"annotation={annotation}"))
        explorer.wait_for_function("() => document.querySelector('#point-image').complete")
        assert explorer.evaluate("document.querySelector('#point-image').naturalWidth") > 0


def test_link__opens_the_same_point_in_the_same_view(explorer, open_page):
    explorer.locator(".suspect").nth(1).click()
    wait_for_neighbors(explorer)
    explorer.locator("[data-map-tool=zoom-in]").click()
    explorer.wait_for_function("() => location.search.includes(encodeURIComponent(lookalike.map.camera.toText()))")
    seen = "({ row: lookalike.map.selected, view: lookalike.map.camera.toText() })"
    expected = explorer.evaluate(seen)
    other = open_page(explorer.url)
    other.wait_for_function(MAP_IS_PAINTED)
    wait_for_neighbors(other)
    assert other.evaluate(seen) == expected


def test_upload__finds_what_looks_alike(explorer, server):
    some_id = explorer.locator(".suspect").first.get_attribute("data-point-id")
    crop = explorer.request.get(
        f"{server}/api/v1/collections/tf_efficientnet_lite0/points/{some_id}/crop?size=64"
    ).body()
    file = {"name": "digit.jpg", "mimeType": "image/jpeg", "buffer": crop}
    explorer.locator(".suspect").nth(1).click()
    wait_for_neighbors(explorer)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    intercept(explorer, "**/neighbors/image", hold)
    with explorer.expect_request("**/neighbors/image"):
        explorer.locator("input[accept='image/*']").set_input_files(file)
    neighbors = explorer.get_by_role("region", name="Nearest neighbors")
    expect(neighbors).to_have_text(re.compile("^(Searching|Loading)"))  # those of the point went with it
    explorer.wait_for_function("() => lookalike.map.neighbors.length === 0")
    held[0].continue_()
    expect(explorer.locator(".upload-title")).to_contain_text("digit.jpg", timeout=90_000)
    expect(explorer.locator(".neighbor")).to_have_count(20)
    explorer.wait_for_function("() => lookalike.map.selected === -1 && lookalike.map.neighbors.length === 20")
    assert some_id in [card.get_attribute("data-point-id") for card in explorer.locator(".neighbor").all()]
    explorer.get_by_role("button", name="Keys", exact=True).click()
    explorer.keyboard.press("Escape")  # closes the list of keys, and nothing else
    expect(explorer.get_by_role("dialog")).to_have_count(0)
    expect(explorer.locator(".neighbor")).to_have_count(20)
    explorer.keyboard.press("Escape")
    expect(explorer.locator(".upload-title")).to_have_count(0)
    explorer.wait_for_function("() => lookalike.map.neighbors.length === 0")


def test_upload__no_image_says_so(explorer, faults):
    file = {"name": "notes.png", "mimeType": "image/png", "buffer": b"not an image"}
    explorer.locator("input[accept='image/*']").set_input_files(file)
    expect(explorer.get_by_role("region", name="Nearest neighbors").get_by_role("alert")).to_contain_text("notes.png")
    assert "422" in faults[0]
    faults.clear()


def test_dark_mode__is_in_the_menu_and_stays(open_page, server):
    explorer = open_page(server, color_scheme="light")
    explorer.wait_for_function(MAP_IS_PAINTED)
    explorer.get_by_label("Menu: your name, light or dark").click()
    explorer.get_by_role("button", name="Light or dark", exact=True).click()
    expect(explorer.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    explorer.wait_for_function("() => lookalike.map.overlay.ink === '#f1f3f5'")
    background = "getComputedStyle(document.querySelector('.map-panel')).backgroundColor"
    assert explorer.evaluate(background) == "rgb(28, 29, 33)"
    explorer.reload()
    explorer.wait_for_function(MAP_IS_PAINTED)
    expect(explorer.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colour_scheme__follows_the_system(open_page, server, scheme):
    page = open_page(server, color_scheme=scheme)
    page.wait_for_function(MAP_IS_PAINTED)
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
