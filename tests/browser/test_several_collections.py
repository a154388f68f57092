"""Points of several collections may have the same ids: verdicts, and lists that were closed, keep to their own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.intercepting import intercept
from tests.browser.judging import COLLECTION, LISTED, SELECTED, reviews, wait_for_reviews, wait_until

N_WAITING = "lookalike.queue.orders.length"
KEPT = "() => Object.keys(localStorage).filter((name) => name.startsWith('lookalike-order'))"
OPEN = """name => {
  const { collection } = lookalike.dock;
  window.first ??= collection;
  lookalike.openCollection(name ? { ...collection, name, display_name: name } : window.first);
}"""
"""Opens a collection as Dash does: the one of that name, or the sample's."""


@pytest.fixture
def pair(desk) -> Page:
    """A page whose server seems to have another collection, with the same points."""
    add_twin(desk)
    return desk


def add_twin(page: Page) -> None:
    intercept(page, re.compile("/collections/twin"), _answer_for_twin)


def store_orders(page: Page, collection: str, ids: list[str]) -> None:
    """Keep verdicts in the browser as a page does that was closed."""
    page.evaluate(
        """([collection, ids]) => ids.forEach((id, at) => {
            const order = { key: `key-${id}`, who: 'Ann', collection, id, verdict: 'dismiss', seen: {} };
            localStorage.setItem(`lookalike-order:/api/v1#key-${id}`, JSON.stringify({ at, order }));
        })""",
        [collection, ids],
    )


def _answer_for_twin(route) -> None:
    url = route.request.url.replace("collections/twin", COLLECTION)
    route.fulfill(response=route.fetch(url=url))


def open_collection(page: Page, name: str) -> None:
    page.evaluate(OPEN, name)
    page.wait_for_function("name => !name || lookalike.dock.suspects.tools.api.collection === name", arg=name)
    page.wait_for_function("() => lookalike.dock.suspects.state.status === 'ready'")


def judge_first(page: Page) -> str:
    """Dismiss the first suspect by key; gives its id."""
    page.keyboard.press("j")
    judged = page.evaluate(SELECTED)
    page.keyboard.press("d")
    return judged


def test_undo__after_a_switch_takes_back_nothing_of_the_collection_before(pair, own_server):
    judged = judge_first(pair)
    wait_for_reviews(pair, own_server, [judged], lambda review: review["point_id"])
    pair.wait_for_function(f"() => {N_WAITING} === 0")
    open_collection(pair, "twin")
    pair.keyboard.press("u")
    expect(pair.locator("#verdict-message")).to_contain_text("No verdict was given in twin since this page was opened.")
    assert [review["point_id"] for review in reviews(pair, own_server)] == [judged]
    open_collection(pair, "")
    pair.keyboard.press("u")
    wait_for_reviews(pair, own_server, [])


def test_verdicts__that_wait_hide_nothing_of_another_collection(pair, faults):
    lost = f"**/{COLLECTION}/reviews"
    intercept(pair, lost, lambda route: route.abort())
    judged = judge_first(pair)
    pair.wait_for_function(f"id => !({LISTED})().includes(id)", arg=judged)
    open_collection(pair, "twin")
    pair.wait_for_function(f"id => ({LISTED})()[0] === id", arg=judged)
    open_collection(pair, "")
    pair.wait_for_function(f"id => ({LISTED})().length > 20 && !({LISTED})().includes(id)", arg=judged)
    pair.unroute(lost)
    pair.locator("button", has_text="Try now").evaluate("one => one.click()")  # hidden if the page was faster
    pair.wait_for_function(f"() => {N_WAITING} === 0")
    faults.clear()


def test_lists__of_a_collection_that_was_closed_ask_for_nothing(pair):
    pair.get_by_role("tab", name="Clusters").click()
    expect(pair.locator(".cluster").first).to_be_visible()
    for name in ("twin", ""):
        open_collection(pair, name)
    expect(pair.locator(".cluster").first).to_be_visible()
    asked = []
    pair.on("request", lambda request: asked.append(request.url) if "/clusters" in request.url else None)
    pair.get_by_role("button", name="Coarse").click()
    wait_until(pair, lambda: asked)
    pair.wait_for_timeout(500)
    assert len([url for url in asked if url.split("?")[0].endswith("/clusters")]) == 1


def test_verdicts__on_a_collection_that_the_server_lacks_wait_and_are_told_once(desk, own_server, faults):
    store_orders(desk, "elsewhere", ["a", "b"])
    asked = []
    desk.on("request", lambda request: asked.append(request.url) if "/elsewhere/" in request.url else None)
    desk.reload()
    line = desk.get_by_role("alert").filter(has_text="no collection 'elsewhere'")
    expect(line).to_contain_text("2 verdicts wait in this browser until it is open again.")
    desk.wait_for_function("() => document.querySelectorAll('.suspect').length === 24")
    judged = judge_first(desk)
    wait_for_reviews(desk, own_server, [judged], lambda review: review["point_id"])
    desk.wait_for_function(f"() => {N_WAITING} === 0")
    assert len(asked) == 1
    assert len(desk.evaluate(KEPT)) == 2
    expect(line).to_have_count(1)
    line.get_by_role("button", name="Discard").click()
    expect(line).to_have_count(0)
    assert desk.evaluate(KEPT) == []
    faults.clear()


def test_verdicts__that_waited_for_a_collection_are_recorded_once_it_is_open(desk, own_server, faults):
    first = desk.evaluate(LISTED)[0]
    store_orders(desk, "twin", [first])
    desk.reload()
    line = desk.get_by_role("alert").filter(has_text="no collection 'twin'. 1 verdict waits")
    expect(line).to_be_visible()
    desk.wait_for_function("() => document.querySelectorAll('.suspect').length === 24")
    add_twin(desk)
    open_collection(desk, "twin")
    expect(line).to_have_count(0)
    wait_for_reviews(desk, own_server, [first], lambda review: review["point_id"])
    assert desk.evaluate(KEPT) == []
    faults.clear()
