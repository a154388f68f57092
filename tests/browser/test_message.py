"""Messages and notices: they cover no control, people can close them, and they stay while the pointer is on them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.layout import layout_faults
from tests.browser.serving import MAP_IS_PAINTED
from tests.browser.states import NOTHING_LOADS
from tests.browser.test_views import choose_view

LONG = "accepted: 1,234 objects are now of a class whose name is long enough to take two lines where the page is narrow"
BAR_IS_ABOVE = """() => {
  const [bar, header] = ['.review-bar', '.header'].map((one) => document.querySelector(one).getBoundingClientRect());
  return bar.height > 0 && Math.abs(bar.bottom - header.top) < 1;
}"""
SIZES = [(390, 844), (901, 800), (1280, 800), (1440, 900)]


@pytest.fixture
def page(open_page, server):
    opened = open_page(server, viewport={"width": 1440, "height": 900})
    opened.wait_for_function(MAP_IS_PAINTED)
    opened.locator(".suspect").first.wait_for()
    return opened


def say(page) -> None:
    page.evaluate("text => lookalike.reviewing.say(text)", LONG)
    expect(page.locator(".verdict-text")).to_be_visible()


def list_outliers(page) -> None:
    page.get_by_role("tab", name="Outliers").click()
    expect(page.locator("#dock-panel-outliers .card:not(.is-skeleton)").first).to_be_visible()


def stretch(page) -> None:
    page.get_by_role("button", name="Full height").click()


def show_all_cards(page) -> None:
    list_outliers(page)
    stretch(page)
    page.locator("#dock-panel-outliers .card").first.click()


def narrow(page) -> None:
    page.get_by_role("checkbox", name="3", exact=True).check()
    expect(page.locator(".chip-count")).to_have_text("184 of 1,797 match")


VIEWS = {
    "map": narrow,
    "two maps": lambda page: choose_view(page, "Two maps"),
    "gallery": lambda page: choose_view(page, "Gallery"),
    "table": lambda page: choose_view(page, "Table"),
    "one at a time": stretch,
    "cards at full height": show_all_cards,
}


@pytest.mark.parametrize("view", VIEWS)
def test_message__covers_no_control_at_any_width(page, view):
    VIEWS[view](page)
    say(page)
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for foot in ("Map", "Review") if width <= 600 else ("",):
            if foot:
                page.locator(".foot-tabs").get_by_role("button", name=foot).click()
            page.wait_for_function(NOTHING_LOADS)
            say(page)
            found += [
                f"{width} {foot}: {one}"
                for one in layout_faults(page)
                if one.startswith(("covered", "overlap", "outside", "scroll"))
            ]
    assert found == []


def test_message__is_closed_by_its_button(page):
    say(page)
    page.get_by_role("button", name="Close the message").click()
    expect(page.locator(".verdict-text")).to_have_count(0)


def test_message__moves_no_button_of_the_verdict(page):
    stretch(page)
    keep = page.get_by_role("toolbar", name="Verdict").get_by_role("button").nth(1)
    before = keep.bounding_box()
    say(page)
    assert keep.bounding_box() == before


def test_notice__of_a_wrong_link_covers_no_control_and_is_closed(open_page, server):
    page = open_page(f"{server}/?collection=cars", viewport={"width": 1440, "height": 900})
    page.wait_for_function(MAP_IS_PAINTED)
    page.locator(".suspect").first.wait_for()
    notice = page.get_by_role("alert").filter(has_text="There is no collection 'cars'")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        expect(notice).to_be_visible()
        assert [one for one in layout_faults(page) if one.startswith(("covered", "overlap", "outside", "scroll"))] == []
    page.get_by_role("button", name="Close the notice").click()
    expect(notice).to_have_count(0)


def test_old_map__its_button_is_in_reach_at_any_width(page):
    """It once lay behind the dock."""
    page.evaluate("""() => {
      dash_clientside.set_props('map-making', { className: 'map-making beside' });
      dash_clientside.set_props('map-advice', { children: 'Points changed since this map was made.' });
      dash_clientside.set_props('map-make', { children: 'Update it', display: 'inline-block' });
    }""")
    button = page.get_by_role("button", name="Update it")
    expect(button).to_be_visible()
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        button.click(trial=True)
        say(page)
        button.click(trial=True)
        assert [one for one in layout_faults(page) if one.startswith(("covered", "overlap"))] == []
        page.get_by_role("button", name="Close the message").click()


def test_lost_connection__its_bar_covers_no_control_at_any_width(page):
    page.evaluate("""() => {
      const { bar } = lookalike.reviewing;
      bar.wait(13);
      bar.tell({ why: 'Connection lost', retryInMs: 600000 });
      for (let n = 0; n < 5; n++) bar.refuse('the point was deleted meanwhile', null);
    }""")
    lost = page.get_by_role("status").filter(has_text="Connection lost, 13 verdicts waiting.")
    for width, height in [*SIZES, (1920, 1080)]:
        page.set_viewport_size({"width": width, "height": height})
        expect(lost).to_be_visible()
        page.wait_for_function(BAR_IS_ABOVE)
        kinds = ("covered", "overlap", "outside", "scroll")
        assert (width, [one for one in layout_faults(page) if one.startswith(kinds)]) == (width, [])
    page.get_by_role("button", name="Close all").click()
    page.evaluate("() => lookalike.reviewing.bar.tell(null)")
    expect(lost).to_be_hidden()
    page.wait_for_function("() => document.querySelector('.header').getBoundingClientRect().top === 0")
