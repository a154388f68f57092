"""The map is painted while Dash still loads, where it will be, and the page takes it over as it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import FloatRect, Page, Route, expect

from benchmarks.page_loads import MAP_IS_PAINTED as EARLY_IS_PAINTED
from tests.browser.serving import MAP_IS_PAINTED

CANVAS = ".point-map-canvas"
RENDERER = "**/dash_renderer*"
"""Without it Dash draws nothing."""
EARLY_HAS_RUN = """async () => {
  const script = document.querySelector('script[type=module]');
  return script !== null && Boolean((await import(script.src)).early);
}"""


@contextmanager
def held_dash(page: Page) -> Iterator[None]:
    """Dash gets none of its scripts until the end, and the page is whole afterwards."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(RENDERER, hold)
    yield
    for route in held:
        route.continue_()
    page.unroute(RENDERER, hold)
    page.wait_for_function(MAP_IS_PAINTED)


def wait_for_dots(page: Page, place: FloatRect) -> None:
    """Until dots and names are on the screen, where a frame comes later than the script that draws it."""
    give_up_at = time.monotonic() + 30
    while len(page.screenshot(clip=place)) < 5000:  # paper alone takes less than 2,000 bytes
        assert time.monotonic() < give_up_at
        page.wait_for_timeout(100)


def test_early_map__is_seen_before_dash_and_stays_where_it_is(browser, server):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    page = context.new_page()
    maps: list[str] = []
    page.on("request", lambda request: maps.append(request.url) if "/map?" in request.url else None)
    with held_dash(page):
        page.goto(server, wait_until="commit")
        page.wait_for_function(EARLY_IS_PAINTED)
        place = page.locator(CANVAS).bounding_box()
        assert place is not None
        paper = page.locator(".early .map-root").evaluate("root => getComputedStyle(root).backgroundColor")
        wait_for_dots(page, place)
        expect(page.locator(".page")).to_have_count(0)
        page.locator(CANVAS).evaluate("canvas => { canvas.dataset.mark = 'early'; }")

    expect(page.locator("#early-map")).to_have_count(0)
    expect(page.locator("#map-host .point-map-canvas")).to_have_attribute("data-mark", "early")
    assert page.locator(CANVAS).bounding_box() == place
    assert page.locator(".map-panel").evaluate("panel => getComputedStyle(panel).backgroundColor") == paper
    assert len(maps) == 1
    page.wait_for_function("() => new URLSearchParams(location.search).has('v')")
    context.close()


def test_early_map__that_does_not_arrive_is_asked_for_again(browser, server):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    asked: list[str] = []

    def lose_the_first(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.abort()
        else:
            route.continue_()

    page.route("**/map?*", lose_the_first)
    page.goto(server)
    page.wait_for_function(MAP_IS_PAINTED)
    expect(page.locator("#map-status")).to_have_text("")
    assert len(asked) == 2
    context.close()


def test_early_map__is_not_painted_over_another_view(browser, server):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    with held_dash(page):
        page.goto(f"{server}/?view=table", wait_until="commit")
        page.wait_for_function(EARLY_HAS_RUN)
        expect(page.locator("#early-map")).to_be_hidden()
    expect(page.get_by_role("radio", name="Table")).to_be_checked()
    context.close()
