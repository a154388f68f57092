"""A phone: one thing at a time, chosen at the foot of the screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.intercepting import intercept
from tests.browser.judging import wait_for_reviews
from tests.browser.serving import MAP_IS_PAINTED, serve
from tests.browser.test_accessibility import axe, violations  # noqa: F401 (a fixture)
from tests.copies import copy_data

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SWIPE = """([selector, dx]) => {
  const target = document.querySelector(selector);
  const { left, top, width } = target.getBoundingClientRect();
  const at = (x) => new Touch({ identifier: 1, target, clientX: left + width / 2 + x, clientY: top + 60 });
  const send = (name, touches) => target.dispatchEvent(new TouchEvent(name, { bubbles: true, touches }));
  send('touchstart', [at(0)]);
  for (let k = 1; k <= 6; k++) send('touchmove', [at((dx * k) / 6)]);
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
    const said = document.querySelector('.swipe-meaning')?.textContent ?? '';
    send('touchend', []);
    resolve(said);
  })));
}"""


@pytest.fixture
def own_phone_server(chromium, sample, tmp_path):
    """A server whose reviews no other test sees."""

    with serve(copy_data(sample, tmp_path / "data")) as url:
        yield url


def open_tab(page, name: str) -> None:
    page.get_by_role("navigation", name="Views").get_by_role("button", name=name).click()


def test_phone__a_suspect_without_examples_scrolls_by_key(open_page, server, axe, faults):  # noqa: F811 (a fixture)
    """The examples are buttons, by which a keyboard gets there; they may be on their way, or none."""
    page = open_page(server, **PHONE | {"viewport": {"width": 390, "height": 480}})
    refusal = {"detail": "ask again", "code": "SnapshotOutdatedError"}
    intercept(page, "**/neighbors*", lambda route: route.fulfill(status=409, json=refusal))
    page.wait_for_function(MAP_IS_PAINTED)
    open_tab(page, "Review")
    review = page.get_by_role("group", name="Suspect under review")
    expect(review.get_by_text("ask again").first).to_be_visible()
    assert review.locator(".review-body").evaluate("one => one.scrollHeight > one.clientHeight")
    assert violations(page, axe) == []
    faults.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone__shows_one_thing_at_a_time(open_page, server, axe, scheme):  # noqa: F811 (a fixture)
    page = open_page(server, **PHONE, color_scheme=scheme)
    page.wait_for_function(MAP_IS_PAINTED)
    board = page.get_by_role("region", name="Worklists")
    expect(page.locator(".map-panel")).to_be_visible()
    expect(board).to_be_hidden()
    found = {"map": violations(page, axe)}
    open_tab(page, "Review")
    expect(page.get_by_role("group", name="Suspect under review")).to_be_visible()
    expect(page.locator(".map-panel")).to_be_hidden()
    found["review"] = violations(page, axe)
    room, tabs = board.bounding_box(), page.get_by_role("navigation", name="Views").bounding_box()
    assert (room["x"], room["width"]) == (0, PHONE["viewport"]["width"])
    assert abs(room["y"] + room["height"] - tabs["y"]) <= 6
    open_tab(page, "Selection")
    expect(page.get_by_text("Nothing is selected")).to_be_visible()
    expect(page.get_by_role("tab", name="Selection")).to_be_in_viewport(ratio=1)
    found["selection"] = violations(page, axe)
    open_tab(page, "Map")
    expect(page.locator(".map-panel")).to_be_visible()
    assert found == {state: [] for state in found}


def test_phone__an_open_dialog_stays_in_view_when_the_phone_is_turned(open_page, server):
    upright, turned = PHONE["viewport"], {"width": 844, "height": 390}
    for address, opener, name in ((server, "Export", "Export"), (f"{server}/?worklist=reviewed", "Rename", "Rename")):
        page = open_page(address, **{**PHONE, "viewport": turned})
        page.wait_for_function(MAP_IS_PAINTED)
        page.get_by_role("tab", name="Reviewed").click()
        page.get_by_role("button", name=opener).click()
        dialog = page.get_by_role("dialog", name=name)
        page.set_viewport_size(upright)
        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name="Close").first.click()
        expect(dialog).to_have_count(0)
        if opener == "Export":
            expect(page.get_by_role("tab", name="Reviewed")).to_be_hidden()


def test_phone__swipes_judge_and_undo_takes_back(own_phone_server, open_page):
    page = open_page(own_phone_server, **PHONE)
    page.wait_for_function(MAP_IS_PAINTED)
    open_tab(page, "Review")
    card = page.get_by_role("group", name="Suspect under review")
    expect(card.get_by_role("status").first).to_contain_text("1 of")
    given, suggested = (card.locator(f".class-pair .is-{kind}").inner_text() for kind in ("given", "suggested"))
    assert page.evaluate(SWIPE, [".swipe-card", 40]) == ""
    assert page.evaluate(SWIPE, [".swipe-card", -150]) == f"Keep {given}"
    verdict = lambda review: review["verdict"]  # noqa: E731
    wait_for_reviews(page, own_phone_server, ["dismiss"], verdict)
    expect(card.locator(".review-crop")).to_be_visible()
    assert page.evaluate(SWIPE, [".swipe-card", 150]).startswith("→ ")
    wait_for_reviews(page, own_phone_server, ["accept", "dismiss"], verdict)
    card.get_by_role("button", name="Undo").click()
    wait_for_reviews(page, own_phone_server, ["dismiss"], verdict)
    assert suggested != given


VISIBLE_KEYS = """() => [...document.querySelectorAll('kbd')].filter((key) => key.checkVisibility())
  .map((key) => (key.parentElement.textContent))"""


@pytest.mark.parametrize("touch", [True, False])
def test_phone__names_no_key(open_page, server, touch):
    """Nor does a window that is as narrow."""
    page = open_page(server, viewport=PHONE["viewport"], has_touch=touch, is_mobile=touch)
    page.wait_for_function(MAP_IS_PAINTED)
    assert page.evaluate(VISIBLE_KEYS) == []
    expect(page.locator("#search-text")).to_have_attribute("placeholder", "Words, file, id, class")
    open_tab(page, "Review")
    for name in ("Suspects", "Duplicates", "Outliers", "Reviewed"):
        page.get_by_role("tab", name=name, exact=True).click()
        panel = page.get_by_role("tabpanel", name=name, exact=True)
        expect(panel.locator(".is-skeleton")).to_have_count(0)
        assert page.evaluate(VISIBLE_KEYS) == []
    open_tab(page, "Selection")
    expect(page.get_by_text("Draw around points with the lasso")).to_be_visible()
    expect(page.get_by_text("Draw around points with Shift")).to_be_hidden()
    open_tab(page, "Map")
    page.get_by_text("Gallery", exact=True).first.click()
    page.locator(".crop-cell").first.click()
    expect(page.locator("#point-verdict .is-accept")).to_be_visible()
    page.locator("#point-image").focus()
    expect(page.get_by_text("Arrow keys draw a box")).to_be_hidden()
    assert page.evaluate(VISIBLE_KEYS) == []
    expect(page.get_by_placeholder("Other class (c)")).to_have_count(0)
