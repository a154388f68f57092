"""The form that makes a map, by keyboard alone and by mouse, while the server takes its time."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.intercepting import intercept
from tests.browser.judging import wait_until
from tests.browser.serving import MAP_IS_PAINTED

REFUSAL = {"title": "Conflict", "status": 409, "detail": "another run is at work", "code": "RunActiveError"}


class Server:
    """Holds back what the form asks for."""

    def __init__(self, page):
        self.page, self.orders, self.held = page, [], []
        intercept(page, "**/api/v1/runs", self._answer_runs)

    def _answer_runs(self, route):
        if route.request.method != "POST":
            route.continue_()
            return
        self.orders.append(route.request.post_data_json)
        self.held.append(route)

    def refuse(self):
        wait_until(self.page, lambda: self.held)
        for route in self.held:
            route.fulfill(status=409, json=REFUSAL)


@pytest.fixture
def page(open_page, server):
    opened = open_page(server)
    opened.wait_for_function(MAP_IS_PAINTED)
    opened.get_by_role("button", name="Jobs").click()
    return opened


def test_map_form__by_keyboard_on_a_busy_server(page, faults):
    busy, asked = Server(page), []
    intercept(page, "**/api/v1/catalogue", asked.append)
    page.get_by_role("button", name="Make a map").press("Enter")
    form = page.get_by_role("dialog", name="Make a map of digits")
    expect(form.get_by_role("status")).to_have_text("Asking for the methods …")
    submit = form.get_by_role("button", name="Make the map")
    expect(submit).to_be_focused()
    page.keyboard.press("Enter")  # too early
    asked[0].continue_()

    expect(form.get_by_role("radio", name="umap UMAP with 15")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(form.get_by_role("radio", name="tsne openTSNE")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(form.get_by_label("Near means")).to_be_focused()
    expect(form.get_by_label("Near means")).to_have_value("euclidean")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(submit).to_be_focused()
    page.keyboard.press("Enter")
    expect(submit).to_be_disabled()
    page.keyboard.press("Enter")

    page.wait_for_function("() => document.activeElement.textContent === 'Make the map'")
    busy.refuse()
    expect(form.get_by_role("alert")).to_contain_text("Another run is at work")
    expect(submit).to_be_focused()
    order = {"kind": "project", "collection": "tf_efficientnet_lite0", "method": "tsne", "metric": "euclidean"}
    assert busy.orders == [{**order, "refit": True}]
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Make a map")).to_be_focused()
    faults.clear()


def test_map_form__a_double_click_sends_it_once(page, faults):
    busy = Server(page)
    page.get_by_role("button", name="Make a map").click()
    form = page.get_by_role("dialog", name="Make a map of digits")
    form.get_by_role("radio", name="pca The first two").check()
    form.get_by_label("Near means").select_option("euclidean")
    form.get_by_role("button", name="Make the map").dblclick()
    expect(form.get_by_role("button", name="Make the map")).to_be_disabled()
    busy.refuse()
    expect(form.get_by_role("alert")).to_contain_text("Another run is at work")
    assert [(order["method"], order["metric"]) for order in busy.orders] == [("pca", "euclidean")]
    form.get_by_label("Near means").select_option("cosine")
    expect(form.get_by_role("alert")).to_have_count(0)
    faults.clear()


def test_index_form__a_refusal_leaves_the_focus_on_the_button(page, faults):
    busy = Server(page)
    page.get_by_role("button", name="Index images").click()
    form = page.get_by_role("dialog", name="Index images")
    form.get_by_label("Source").fill("/nowhere/at/all")
    submit = form.get_by_role("button", name="Start indexing")
    submit.press("Enter")
    expect(submit).to_be_disabled()
    submit.press("Enter")
    busy.refuse()
    expect(form.get_by_role("alert")).to_contain_text("Another run is at work")
    expect(submit).to_be_focused()
    assert len(busy.orders) == 1
    faults.clear()
