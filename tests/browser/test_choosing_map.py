"""Which map is open: what somebody chooses stays, whatever the page hears meanwhile."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.intercepting import CALLBACKS, intercept
from tests.browser.judging import COLLECTION, wait_until
from tests.browser.serving import MAP_IS_PAINTED

SPEC = "() => lookalike.spec.id"


@pytest.fixture
def make_map(own_server):
    """Make a map as another person would; gives its id."""

    def make(page, metric: str) -> str:
        maps = f"{own_server}/api/v1/{COLLECTION}/projections"
        before = {one["id"] for one in page.request.get(maps).json()}
        assert page.request.post(maps, data={"method": "pca", "metric": metric}).status == 202
        made: list[str] = []

        def is_made() -> bool:
            made.extend(one["id"] for one in page.request.get(maps).json() if one["id"] not in before)
            return bool(made)

        wait_until(page, is_made)
        return made[0]

    return make


@pytest.fixture
def page(open_page, own_server):
    page = open_page(own_server)
    page.wait_for_function(MAP_IS_PAINTED)
    return page


def choose_map(page, label: str) -> None:
    page.get_by_role("textbox", name="Projection").click()
    page.get_by_role("option", name=label).first.click()


def test_choice__a_map_found_meanwhile_does_not_take_its_place(page, make_map):
    first = page.evaluate(SPEC)
    made = make_map(page, "cosine")
    page.wait_for_function("made => lookalike.spec.id === made", arg=made)  # nobody chose another one
    held = []

    def hold_lists(route):
        if "header-projection.data" in json.loads(route.request.post_data)["output"]:
            held.append(route)
        else:
            route.continue_()

    intercept(page, CALLBACKS, hold_lists)
    make_map(page, "euclidean")
    page.evaluate("lookalike.jobs.lookAgain()")
    wait_until(page, lambda: held)
    choose_map(page, "UMAP")
    with page.expect_response(lambda answer: answer.request == held[-1].request):
        for route in held:
            route.continue_()
    page.unroute(CALLBACKS)
    page.wait_for_function("first => lookalike.spec.id === first", arg=first)
    page.wait_for_timeout(1000)
    assert page.evaluate(SPEC) == first
    page.get_by_role("textbox", name="Projection").click()
    expect(page.get_by_role("option", name="PCA")).to_have_count(2)  # it was heard of


def test_retry__shows_what_a_link_selects_too(page, faults):
    page.evaluate("lookalike.map.select([3, 1, 2])")
    page.wait_for_function("() => location.search.includes('unnamed=')")
    maps = re.compile(r"/map\?")
    page.route(maps, lambda route: route.abort())
    page.reload()
    status = page.get_by_role("status").filter(has=page.get_by_role("button", name="Retry"))
    expect(status).to_be_visible()
    page.unroute(maps)
    status.get_by_role("button", name="Retry").click()
    page.wait_for_function(MAP_IS_PAINTED)
    page.wait_for_function("() => String(lookalike.map.chosenRows) === '3,1,2'")
    expect(page.get_by_role("heading", name=re.compile("Selection · 3"))).to_be_visible()
    faults.clear()


def test_rename__an_answer_closes_no_form_that_was_opened_after_it(page):
    page.get_by_role("button", name="Rename").click()
    dialog = page.get_by_role("dialog", name="Rename")
    held = []
    intercept(page, f"**/{COLLECTION}", held.append)
    dialog.get_by_role("button", name="Rename").click()
    wait_until(page, lambda: held)
    dialog.get_by_role("button", name="Close").first.click()
    page.get_by_role("button", name="Rename").click()
    dialog.get_by_role("textbox").fill("Another name")
    with page.expect_response(lambda answer: answer.request == held[0].request):
        held[0].continue_()
    page.wait_for_timeout(500)
    expect(dialog.get_by_role("textbox")).to_have_value("Another name")
