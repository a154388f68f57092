"""A map that is made anew while somebody works: what they chose, filtered and selected stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED, MATCHING, serve
from tests.copies import copy_data

RUN_MS = 240_000
SELECTED_IDS = "async () => (await lookalike.selection.readPoints()).map(({ id }) => id)"
RINGED = """async () => {
  const { map, spec } = lookalike;
  if (map.selected < 0 || map.neighbors.length !== 20) return null;
  const [found] = await (await fetch(`${spec.rowUrl}?rows=${map.selected}`)).json();
  return found.point.id;
}"""
"""Id of the point that the map rings."""


@pytest.fixture
def fresh_server(sample, tmp_path):
    """A server whose points have no map of another method yet: the same map is not made twice."""
    with serve(copy_data(sample, tmp_path / "data")) as url:
        yield url


@pytest.fixture
def page(fresh_server, open_page):
    opened = open_page(fresh_server)
    opened.wait_for_function(MAP_IS_PAINTED)
    return opened


def make_map(page) -> None:
    before = page.evaluate("lookalike.spec.id")
    page.get_by_role("button", name="Jobs").click()
    page.get_by_role("button", name="Make a map").click()
    form = page.get_by_role("dialog", name="Make a map")
    form.get_by_role("radio", name="pca The first two").check()
    form.get_by_role("button", name="Make the map").click()
    page.wait_for_function(
        f"before => lookalike.spec.id !== before && ({MAP_IS_PAINTED})()", arg=before, timeout=RUN_MS
    )
    page.get_by_role("button", name="Close jobs").click()


def choose_and_select(page) -> tuple[list[str], list[str], str]:
    """Filter, look at a suspect, and select twice; gives the ids of both selections and of the point."""
    page.get_by_role("checkbox", name="unjudged").check()
    page.get_by_role("region", name="Class", exact=True).get_by_role("checkbox", name="3", exact=True).check()
    expect(page.locator(".chip-count")).to_have_text("184 of 1,797 match")
    page.wait_for_function("() => !lookalike.dock.suspects.isTurning")
    page.locator(".suspect").first.click()
    point = page.locator(".suspect").first.get_attribute("data-point-id")
    expect(page.locator(".neighbor")).to_have_count(20)
    page.evaluate("lookalike.map.select([3, 1, 2])")
    first = page.evaluate(SELECTED_IDS)
    page.evaluate("lookalike.map.select([9, 1, 500, 1200])")
    second = page.evaluate(SELECTED_IDS)
    page.get_by_role("tab", name="Suspects").click()
    return first, second, point


def test_new_map__keeps_selection_and_its_steps_filter_point_and_tab(page):
    first, second, point = choose_and_select(page)
    n_matching = page.evaluate(MATCHING)
    make_map(page)

    expect(page.get_by_role("tab", name="Selection")).to_have_attribute("data-count", "4")
    expect(page.get_by_role("tabpanel", name="Suspects")).to_be_visible()
    page.wait_for_function(f"async point => (await ({RINGED})()) === point", arg=point)
    expect(page.locator("#point-content")).to_be_visible()
    page.wait_for_function(f"n => ({MATCHING})() === n", arg=n_matching)
    page.get_by_role("tab", name="Selection").click()
    expect(page.locator(".selection-count")).to_have_text("Selection · 4")
    expect(page.locator(".gallery-cell")).to_have_count(4)
    assert page.evaluate(SELECTED_IDS) == second
    page.get_by_role("button", name="Undo selection").click()
    expect(page.locator(".selection-count")).to_have_text("Selection · 3")
    assert page.evaluate(SELECTED_IDS) == first
    page.get_by_role("button", name="Redo selection").click()
    expect(page.locator(".selection-count")).to_have_text("Selection · 4")
    assert page.evaluate(SELECTED_IDS) == second
    page.reload()
    expect(page.locator(".selection-count")).to_have_text("Selection · 4")
    assert page.evaluate(SELECTED_IDS) == second


def test_new_map__keeps_the_name_of_a_selection_and_the_cards_to_judge(page):
    page.evaluate("lookalike.map.select([7, 8])")
    ids = page.evaluate(SELECTED_IDS)
    page.get_by_label("Name or tag of the selection").fill("odd ones")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**selection=odd+ones**")
    page.get_by_role("button", name="Judge", exact=True).click()
    cards = page.get_by_role("tabpanel", name="Selection").get_by_role("option")
    expect(cards).to_have_count(2)
    make_map(page)
    expect(page.get_by_label("Saved selections")).to_have_value("odd ones")
    assert "selection=odd+ones" in page.url
    expect(cards).to_have_count(2)
    assert [cards.nth(place).get_attribute("data-point-id") for place in range(2)] == ids
