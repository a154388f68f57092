"""A phone driven by fingers: real touches, as the browser gets them from a screen."""

from __future__ import annotations

import math

import pytest
from playwright.sync_api import Page, expect

from tests.browser.judging import reviews, wait_for_reviews
from tests.browser.serving import MAP_IS_PAINTED
from tests.browser.test_phone import PHONE, open_tab

BESIDE_A_DOT = """() => {
  const { map } = lookalike;
  const dots = Array.from({ length: map.nPoints }, (_, row) => map.camera.toScreen(...map.columns.position(row)));
  for (let y = 100; y < map.camera.height - 60; y += 3) {
    for (let x = 30; x < map.camera.width - 30; x += 3) {
      const far = dots.map(([a, b]) => Math.hypot(a - x, b - y));
      const nearest = Math.min(...far);
      if (nearest > 12 && nearest < 18) return { x, y, row: far.indexOf(nearest) };
    }
  }
}"""
"""A place on the canvas with a dot nearby, but none below it, and the row of that dot."""
ZOOM = "lookalike.map.camera.zoom"
SCROLLED = """() => [...document.querySelectorAll('.dock-panel:not([hidden]) *')]
  .some(({ scrollTop }) => scrollTop > 50)"""
N_SELECTED = "lookalike.map.chosenRows.length"


class Fingers:
    """Fingers on a page's screen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._session = page.context.new_cdp_session(page)

    def put(self, *places: tuple[float, float]) -> None:
        self._send("touchStart", places)

    def move(self, *places: tuple[float, float]) -> None:
        self._send("touchMove", places)

    def lift(self) -> None:
        self._send("touchEnd", ())

    def drag(self, start: tuple[float, float], end: tuple[float, float], n_steps: int = 8) -> None:
        (x, y), (to_x, to_y) = start, end
        self.put(start)
        for step in range(1, n_steps + 1):
            self.move((x + (to_x - x) * step / n_steps, y + (to_y - y) * step / n_steps))
        self.lift()

    def _send(self, kind: str, places: tuple[tuple[float, float], ...]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@pytest.fixture
def phone(open_page, own_server):
    page = open_page(own_server, **PHONE)
    page.wait_for_function(MAP_IS_PAINTED)
    return page


@pytest.fixture
def fingers(phone):
    return Fingers(phone)


def canvas(page) -> dict[str, float]:
    box = page.locator(".point-map-canvas").bounding_box()
    assert box is not None
    return box


def middle(page) -> tuple[float, float]:
    box = canvas(page)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_tap__near_a_dot_chooses_it(phone):
    beside, box = phone.evaluate(BESIDE_A_DOT), canvas(phone)
    phone.touchscreen.tap(box["x"] + beside["x"], box["y"] + beside["y"])
    phone.wait_for_function("row => lookalike.map.selected === row", arg=beside["row"])
    expect(phone.locator("#point-content")).to_be_visible()


def test_drag_and_pinch__move_the_map_and_nothing_else(phone, fingers):
    (x, y), before = middle(phone), phone.evaluate("lookalike.map.camera.toText()")
    fingers.drag((x, y), (x + 60, y + 40))
    phone.wait_for_function("before => lookalike.map.camera.toText() !== before", arg=before)
    zoom = phone.evaluate(ZOOM)
    fingers.put((x - 20, y))
    fingers.put((x - 20, y), (x + 20, y))
    for step in range(1, 9):
        fingers.move((x - 20 - 8 * step, y), (x + 20 + 8 * step, y))
    fingers.lift()
    phone.wait_for_function(f"zoom => {ZOOM} > 3 * zoom", arg=zoom)
    assert phone.evaluate("[scrollY, visualViewport.scale, lookalike.map.selected]") == [0, 1, -1]


def test_lasso__by_a_finger_selects_and_two_fingers_never_do(phone, fingers):
    phone.get_by_role("button", name="Draw around points").tap()
    x, y = middle(phone)
    corners = ring((x, y))
    circle(fingers, corners)
    phone.wait_for_function(f"() => {N_SELECTED} > 0")
    n_selected = phone.evaluate(N_SELECTED)
    expect(phone.get_by_role("navigation", name="Views")).to_contain_text(f"Selection {n_selected}")

    zoom = phone.evaluate(ZOOM)
    fingers.put(corners[0])
    for corner in corners[1:7]:
        fingers.move(corner)
    fingers.put(corners[6], (x, y + 100))
    for step in range(1, 7):
        fingers.move((corners[6][0], corners[6][1] - 8 * step), (x, y + 100 + 8 * step))
    fingers.lift()
    phone.wait_for_function(f"zoom => {ZOOM} > zoom", arg=zoom)
    assert phone.evaluate(N_SELECTED) == n_selected


def ring(place, radius=70):
    (x, y), angles = place, [step * math.tau / 16 for step in range(17)]
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]


def circle(fingers, corners) -> None:
    fingers.put(corners[0])
    for corner in corners[1:]:
        fingers.move(corner)
    fingers.lift()


def choose(modes, name: str) -> None:
    button = modes.get_by_role("button", name=name)
    button.tap()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_fingers__add_to_the_selection_and_take_from_it_as_they_choose(phone, fingers):
    chosen = "() => [...lookalike.map.chosenRows].sort((a, b) => a - b)"
    modes = phone.get_by_role("group", name="What becomes of the selection")
    expect(modes).to_be_hidden()
    phone.get_by_role("button", name="Draw around points").tap()
    expect(modes.get_by_role("button", name="Replace")).to_have_attribute("aria-pressed", "true")
    x, y = middle(phone)
    circle(fingers, ring((x - 60, y)))
    phone.wait_for_function(f"() => {N_SELECTED} > 0")
    first = set(phone.evaluate(chosen))

    choose(modes, "Add")
    circle(fingers, ring((x + 20, y)))
    phone.wait_for_function(f"n => {N_SELECTED} > n", arg=len(first))
    both = set(phone.evaluate(chosen))
    assert first < both

    phone.get_by_role("button", name="Draw a box around points").tap()
    choose(modes, "Remove")
    fingers.drag((x - 130, y - 70), (x, y + 70))
    phone.wait_for_function(f"n => {N_SELECTED} < n", arg=len(both))
    rest = set(phone.evaluate(chosen))
    assert rest < both
    assert not first <= rest

    choose(modes, "Add")
    beside, box = phone.evaluate(BESIDE_A_DOT), canvas(phone)
    n_before = phone.evaluate("row => lookalike.map.chosenRows.filter((one) => one !== row).length", beside["row"])
    phone.touchscreen.tap(box["x"] + beside["x"], box["y"] + beside["y"])
    phone.wait_for_function(f"n => {N_SELECTED} === n", arg=n_before + 1)
    expect(phone.get_by_role("navigation", name="Views")).to_contain_text(f"Selection {n_before + 1:,}")
    assert phone.evaluate("lookalike.map.selected") == -1

    phone.get_by_role("button", name="Drag the map").tap()
    expect(modes).to_be_hidden()
    phone.touchscreen.tap(box["x"] + beside["x"], box["y"] + beside["y"])
    phone.wait_for_function("row => lookalike.map.selected === row", arg=beside["row"])
    assert phone.evaluate(N_SELECTED) == n_before + 1


def test_swipe__one_finger_judges_two_do_not_and_no_button_is_covered(phone, fingers, own_server):
    open_tab(phone, "Review")
    card = phone.locator(".swipe-card")
    expect(phone.locator(".review-crop")).to_be_visible()
    box = card.bounding_box()
    y = box["y"] + 60
    fingers.put((100, y))
    fingers.move((140, y))
    fingers.move((220, y))
    expect(phone.locator(".swipe-meaning")).to_be_visible()
    fingers.put((220, y), (300, y + 100))
    expect(phone.locator(".swipe-meaning")).to_have_count(0)
    fingers.lift()
    assert reviews(phone, own_server) == []

    fingers.drag((100, y), (290, y + 5))
    wait_for_reviews(phone, own_server, ["accept"], lambda review: review["verdict"])
    message = phone.locator(".verdict-message > *").first
    expect(message).to_contain_text("accepted")
    said = message.bounding_box()
    for button in phone.get_by_role("toolbar", name="Verdict").get_by_role("button").all():
        assert button.bounding_box()["y"] >= said["y"] + said["height"]

    phone.evaluate("document.querySelector('.review-body').scrollTop = 0")
    fingers.drag((200, box["y"] + 0.8 * box["height"]), (205, box["y"] + 0.3 * box["height"]))
    phone.wait_for_function("() => document.querySelector('.review-body').scrollTop > 50")
    assert len(reviews(phone, own_server)) == 1
    phone.get_by_role("toolbar", name="Verdict").get_by_role("button", name="Undo").click()
    wait_for_reviews(phone, own_server, [])


@pytest.mark.parametrize("name", ["Outliers", "Clusters"])
def test_lists__scroll_under_a_finger(phone, fingers, name):
    open_tab(phone, "Review")
    phone.get_by_role("tab", name=name, exact=True).tap()
    panel = phone.get_by_role("tabpanel", name=name, exact=True)
    expect(panel.locator(".card:not(.is-skeleton)").first).to_be_visible()
    fingers.drag((195, 600), (195, 250))
    phone.wait_for_function(
        "() => [...document.querySelectorAll('.dock-panel:not([hidden]) *')].some(({ scrollTop }) => scrollTop > 50)"
    )
    assert phone.evaluate("scrollY") == 0


def test_nothing_selected__says_how_a_finger_selects(phone):
    open_tab(phone, "Selection")
    expect(phone.get_by_text("Draw around points with the lasso")).to_be_visible()
    expect(phone.get_by_text("Draw around points with Shift")).to_be_hidden()
