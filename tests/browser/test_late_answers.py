"""Answers that come late: whatever somebody chose meanwhile stays."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.intercepting import intercept
from tests.browser.judging import LISTED, SELECTED, wait_until
from tests.browser.serving import MAP_IS_PAINTED

CHOSEN = "lookalike.map.chosenRows"
ROW = "lookalike.map.selected"
ID_OF_ROW = "async row => (await (await fetch(`${lookalike.spec.rowUrl}?rows=${row}`)).json())[0].point.id"
DOTS = re.compile(r"/rows\?rows=")
PLACES = re.compile(r"/rows$")
ANOTHER = {
    "name": "another",
    "display_name": "Another",
    "embedder": "timm:another",
    "dimension": 8,
    "crops": "whole",
    "indexed_at": None,
    "has_text_search": False,
    "n_points": 1,
    "n_images": 1,
    "classes": [],
}
"""The api's answer about another collection."""


@pytest.fixture
def page(explorer):
    """The explorer with suspects listed."""
    explorer.wait_for_function("() => document.querySelectorAll('.suspect').length > 20")
    return explorer


def hold(page, pattern) -> list:
    """Requests that are answered when a test says so."""
    held: list = []
    intercept(page, pattern, held.append)
    return held


def let_go(page, held) -> None:
    """Answer the first of the requests that are held, and give the page the time to make something of it."""
    route = held.pop(0)
    with page.expect_response(lambda answer: answer.url == route.request.url):
        route.continue_()
    page.wait_for_timeout(300)


def choose_dot(page, row: int) -> str:
    page.evaluate("row => lookalike.map.choose(row, 'pointer')", row)
    page.wait_for_function(f"async row => {SELECTED} === await ({ID_OF_ROW})(row)", arg=row)
    return page.evaluate(SELECTED)


def test_cluster__points_that_are_known_late_replace_no_selection(page):
    page.get_by_role("tab", name="Clusters").click()
    cluster = page.locator(".cluster").first
    expect(cluster).to_be_visible()
    held = hold(page, PLACES)
    cluster.click()
    wait_until(page, lambda: held)
    page.evaluate("lookalike.map.select([3, 1, 2])")
    let_go(page, held)
    assert page.evaluate(CHOSEN) == [3, 1, 2]
    expect(page.get_by_role("heading", name=re.compile("Selection · 3"))).to_be_visible()


def test_select__points_of_the_map_before_are_read_from_that_map(page):
    page.evaluate("lookalike.map.select([...Array(1797).keys()])")
    held = hold(page, DOTS)
    page.evaluate("() => { window.read = lookalike.selection.readPoints(); }")
    wait_until(page, lambda: held)
    page.evaluate("() => { lookalike.mapPanel.spec = { ...lookalike.spec, rowUrl: 'api/v1/of-another-map/rows' }; }")
    held.pop().continue_()
    wait_until(page, lambda: held)
    assert "of-another-map" not in held[0].request.url
    held.pop().continue_()
    assert page.evaluate("async () => (await window.read).length") == 1797


def test_suspects__the_next_page_takes_nobody_from_a_dot(page):
    page.locator(".suspect").last.click()
    held = hold(page, re.compile(r"/suspects\?limit=36"))
    page.keyboard.press("j")
    wait_until(page, lambda: held)
    dots = hold(page, DOTS)
    page.evaluate("lookalike.map.choose(7, 'pointer')")
    wait_until(page, lambda: dots)
    before = page.evaluate(LISTED)[0]
    held[0].continue_()
    page.wait_for_function(f"before => ({LISTED})()[0] !== before", arg=before)
    settle_dots = page.evaluate(ROW)
    dots.pop(0).continue_()
    page.wait_for_function("() => lookalike.selected.by === 'map'")
    page.unroute(DOTS)
    assert settle_dots == 7
    assert page.evaluate(SELECTED) == page.evaluate(ID_OF_ROW, 7)
    page.keyboard.press("j")
    assert page.evaluate(SELECTED) == page.evaluate(LISTED)[0]


def test_map__loaded_anew_does_not_take_the_selection_back_to_the_dot_before(page):
    choose_dot(page, 3)
    page.wait_for_function("() => lookalike.map.neighbors.length > 0")
    held = hold(page, "**/neighbors")
    choose_dot(page, 8)
    wait_until(page, lambda: held)
    page.evaluate("lookalike.showMap({ ...lookalike.spec })")
    page.wait_for_function(MAP_IS_PAINTED)
    page.wait_for_timeout(300)
    assert page.evaluate(ROW) == 8
    let_go(page, held)
    assert page.evaluate(ROW) == 8


def test_map__that_somebody_moved__does_not_fly_to_a_point(page):
    page.evaluate("lookalike.map.viewport.zoomBy(8)")
    held = hold(page, "**/neighbors")
    page.keyboard.press("j")
    wait_until(page, lambda: held)
    page.locator(".point-map-canvas").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(300)
    before = page.evaluate("lookalike.map.camera.toText()")
    let_go(page, held)
    page.wait_for_function("() => lookalike.map.selected >= 0")
    assert page.evaluate("lookalike.map.camera.toText()") == before


def test_map__one_that_is_not_wanted_any_more_says_nothing(page, faults):
    held = hold(page, re.compile(r"/another-map$"))
    page.evaluate("() => void lookalike.showMap({ ...lookalike.spec, id: 'another', url: 'api/v1/another-map' })")
    wait_until(page, lambda: held)
    page.evaluate("lookalike.showMap(null)")
    held[0].abort()
    page.wait_for_timeout(300)
    expect(page.locator("#map-status")).to_be_empty()
    faults.clear()


def test_map__dots_of_the_one_before_are_no_points_of_the_one_that_comes(page, place_of):
    before = choose_dot(page, 3)
    x, y = place_of(8)
    held = hold(page, re.compile(r"/another-map$"))
    intercept(page, "**/another-rows**", lambda route: route.fulfill(json=[]))
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "another-rows" in request.url else None)
    page.evaluate(
        "spec => void lookalike.showMap({ ...lookalike.spec, ...spec })",
        {"id": "another", "url": "api/v1/another-map", "rowUrl": "api/v1/another-rows"},
    )
    wait_until(page, lambda: held)
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    page.wait_for_timeout(300)
    assert [url for url in asked if "rows=" in url or "/crop" in url] == []
    assert page.evaluate(SELECTED) == before
    held[0].fulfill(body="")
    expect(page.locator("#map-status")).to_contain_text("Retry")


def test_scores__of_verdicts_before_come_too_late(page):
    scores = page.evaluate("() => [...lookalike.map.columns.score]")
    held = hold(page, "**/columns/score")
    for _ in range(2):
        page.evaluate("() => void lookalike.mapPanel.relabel({ projection: lookalike.spec.id, rows: [], classes: [] })")
    page.evaluate("() => void lookalike.mapPanel.relabel({ projection: lookalike.spec.id, rows: [], classes: [] })")
    wait_until(page, lambda: len(held) >= 2)
    first, *_, last = held
    answer = first.fetch()
    body = answer.body()
    n = len(scores)
    last.fulfill(response=answer)
    page.wait_for_timeout(200)
    first.fulfill(response=answer, body=body[: len(body) - n] + bytes(n))
    page.wait_for_timeout(300)
    assert page.evaluate("() => [...lookalike.map.columns.score]") == scores


def test_filter__the_mask_of_verdicts_before_comes_too_late(page):
    held = hold(page, "**/matches")
    page.evaluate("lookalike.filtering.store.toggle('review', 'unjudged')")
    wait_until(page, lambda: held)
    page.evaluate("lookalike.filtering.pointsChanged()")  # as a verdict has it
    wait_until(page, lambda: len(held) == 2)
    answer = held[0].fetch()
    held[1].fulfill(response=answer)
    page.wait_for_timeout(200)
    held[0].fulfill(response=answer, body=bytes(len(answer.body())))
    page.wait_for_timeout(300)
    assert page.evaluate("() => lookalike.map.columns.faded.includes(1)") is False


def test_header__facts_of_another_collection_come_too_late(page):
    model = page.locator("#header-facts .model")
    expect(model).to_have_text("tf_efficientnet_lite0")
    held = hold(page, "**/collections/another")
    page.evaluate("() => void lookalike.facts.open('another')")
    wait_until(page, lambda: held)
    page.evaluate("lookalike.facts.open('tf_efficientnet_lite0')")
    held[0].fulfill(json=ANOTHER)
    page.wait_for_timeout(300)
    expect(model).to_have_text("tf_efficientnet_lite0")


def test_header__a_name_that_is_kept_late_is_not_shown_for_another_collection(page):
    held = hold(page, "**/collections/another")
    page.evaluate("facts => Object.assign(lookalike.facts, { name: facts.name, state: facts })", ANOTHER)
    page.evaluate("() => void lookalike.facts.rename('Old')")
    wait_until(page, lambda: held)
    page.evaluate("lookalike.facts.open('tf_efficientnet_lite0')")
    held[0].fulfill(json=ANOTHER)
    page.wait_for_timeout(300)
    expect(page.locator("#header-facts .model")).to_have_text("tf_efficientnet_lite0")


def test_export__the_selection_takes_no_choice_back(page):
    page.evaluate("lookalike.map.select([3, 1, 2])")
    page.get_by_role("tab", name="Reviewed").click()
    held = hold(page, DOTS)
    page.keyboard.press("e")
    wait_until(page, lambda: held)
    everything = page.get_by_role("radio", name="All of the collection")
    everything.click()
    let_go(page, held)
    expect(page.get_by_role("radio", name="Selection: 3 points")).to_be_enabled()
    expect(everything).to_be_checked()
    page.keyboard.press("Escape")


def test_back__what_was_chosen_after_it_stays(page):
    first = choose_dot(page, 3)
    choose_dot(page, 8)
    page.evaluate("id => lookalike.markSelected({ id, by: 'link', n: 1 })", first)  # as Dash tells of what Back led to
    assert page.evaluate(SELECTED) != first


def test_overview__start_leads_nobody_back_from_another_list(open_page, server):
    page = open_page("about:blank")
    held: list = []
    page.route(re.compile(r"/suspects\?limit=36"), lambda route: held.append(route))  # noqa: PLW0108 (Playwright marks its handlers)
    page.goto(server)
    page.wait_for_function(MAP_IS_PAINTED)
    page.get_by_role("button", name="Start reviewing").click()
    outliers = page.get_by_role("tab", name="Outliers")
    outliers.click()
    expect(page.get_by_role("listbox", name="Outliers")).to_be_visible()
    page.wait_for_timeout(500)
    expect(outliers).to_have_attribute("aria-selected", "true")
    assert page.evaluate(SELECTED) is None
    for route in held:
        route.continue_()
    page.wait_for_function("() => document.querySelectorAll('.suspect').length > 20")
    page.wait_for_timeout(300)  # Start looks every 100 ms
    expect(outliers).to_have_attribute("aria-selected", "true")
    assert page.evaluate(SELECTED) is None


def test_gallery__a_later_page_is_of_the_point_that_the_first_one_is_of(page):
    page.locator(".suspect").first.click()
    first = page.evaluate(SELECTED)
    page.evaluate("lookalike.views.look.set({ view: 'gallery', order: 'similarity', descending: true })")
    page.locator("[role=option][aria-posinset='3'][data-point-id]").click()
    page.wait_for_function(f"first => {SELECTED} !== first", arg=first)
    with page.expect_request("**/gallery") as asked:
        page.evaluate("lookalike.views.list.need(400, 401)")
    assert asked.value.post_data_json["similar_to"] == [first]


def test_image__an_object_that_is_known_late_is_not_opened_over_a_box(page):
    page.locator(".suspect").first.click()
    image = page.locator("#point-image")
    page.wait_for_function(f"() => lookalike.lookedAt.picture.state.seen?.id === {SELECTED}")
    before = page.evaluate(SELECTED)
    payload = page.evaluate("lookalike.lookedAt.store.state.point.payload")
    everywhere = {"id": "another", "box": [0, 0, 10**6, 10**6], "payload": payload}
    intercept(page, "**/points", lambda route: route.fulfill(json={"points": [everywhere]}))
    page.wait_for_function("() => !lookalike.lookedAt.store.state.isAsking")
    held = hold(page, f"**/points/{before}")  # that of the click; the suspect that comes next is asked for too
    image.click()
    wait_until(page, lambda: held)
    page.mouse.down()
    with page.expect_response("**/points"):
        held[0].continue_()
    page.wait_for_timeout(300)
    assert page.evaluate(SELECTED) == before


def test_similar__a_view_that_is_chosen_meanwhile_stays(page):
    page.evaluate("lookalike.map.select([3, 1, 2])")
    held = hold(page, DOTS)
    page.get_by_role("button", name="Find similar").click()
    wait_until(page, lambda: held)
    page.get_by_role("radio", name="Table", exact=True).check(force=True)
    let_go(page, held)
    expect(page.get_by_role("grid", name="Table")).to_be_visible()
    assert page.evaluate("lookalike.views.look.state.like") == []
