"""The page in every state: at every width nothing is covered, cut or out of reach, and axe-core finds nothing serious.

One page is opened once, on names of forty letters and more and 121 classes, and walks through all states.
"""

from __future__ import annotations

import json
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser import states
from tests.browser.layout import layout_faults
from tests.browser.many import show_a_pixel
from tests.browser.serving import MAP_IS_PAINTED, serve
from tests.browser.test_accessibility import PHONE, SIZES, axe, faults_at  # noqa: F401 (axe is a fixture)
from tests.browser.work_states import WORK_STATES
from tests.copies import copy_data

OF_MANY_CLASSES = (
    *("map", "filter", "suspects", "marked suspects", "gallery", "class gallery", "table", "duplicates", "confusion"),
    *("a pair of classes", "clusters", "outliers", "reviewed", "selection", "search", "export", "point"),
    *("other classes", states.ONE_AT_A_TIME),
)
"""States that classes are named in."""
WHO = "Annemarie Schwarzenbacher-Lindenmeyer"
LOOK = {"viewport": states.DESKTOP, "color_scheme": "light", "reduced_motion": "reduce"}
GREAT_NUMBERS = """() => {
  const { counts } = lookalike.dock;
  counts.set(Object.fromEntries(Object.keys(counts.state).map((key) => [key, 88888])));
}"""
NO_TRANSITIONS = "*, *::before, *::after { transition: none !important; }"


@pytest.fixture(scope="module")
def long_names_server(stamps, tmp_path_factory):
    """A server of its own, where somebody has judged four points."""
    with serve(copy_data(stamps, tmp_path_factory.mktemp("layout") / "data")) as url:
        suspects = _ask(url, "suspects?limit=24")["suspects"][-4:]
        for suspect, verdict in zip(suspects, ("accept", "dismiss", "skip", "accept"), strict=True):
            _ask(url, "reviews", {"ids": [suspect["id"]], "verdict": verdict, "who": WHO})
        yield url


def _ask(url, path, body=None, collection="tf_efficientnet_lite0"):
    address = f"{url}/api/v1/collections/{collection}/{path}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data, {"content-type": "application/json"})) as answer:
        return json.load(answer)


def open_at(context, url):
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.goto(url)
    opened.wait_for_function(MAP_IS_PAINTED)
    opened.add_style_tag(content=NO_TRANSITIONS)
    return opened


@pytest.fixture
def page(browser, long_names_server):
    opened = open_at(browser.new_context(**LOOK), long_names_server)
    yield opened
    opened.context.close()


@pytest.fixture
def page_of_many(browser, many_server):
    """A page of 1,000 classes, of whose points one was judged."""
    suspect = _ask(many_server, "suspects?limit=24", collection="many")["suspects"][-1]
    judged = {"ids": [suspect["id"]], "verdict": "accept", "who": WHO}
    _ask(many_server, "reviews", judged, collection="many")
    context = browser.new_context(**LOOK)
    show_a_pixel(context)
    yield open_at(context, many_server)
    context.close()


@pytest.mark.parametrize("kind", ["looking", "working"])
def test_page__has_room_for_long_names_and_no_serious_violation_in_any_state(page, axe, kind):  # noqa: F811 (a fixture)
    found = []
    for state in states.walk(page, {"looking": states.STATES, "working": WORK_STATES}[kind]):
        for width, height in SIZES:
            states.show(page, state, {"width": width, "height": height})
            found += [f"{state.name} {fault}" for fault in faults_at(page, axe, (width, height), state.part)]
    assert found == []


def test_tabs_of_worklists__stay_on_one_line_with_great_numbers(page_of_many):
    page_of_many.locator(".suspect").first.wait_for()
    found = []
    for width in (1024, 1100, 1280, 1440):
        page_of_many.set_viewport_size({"width": width, "height": 800})
        page_of_many.evaluate(GREAT_NUMBERS)
        tabs = page_of_many.get_by_role("tablist", name="Worklists")
        expect(tabs.get_by_role("tab", name="Reviewed")).to_have_accessible_description("88,888 entries")
        lines = {tab.bounding_box()["y"] for tab in tabs.get_by_role("tab").all()}
        if len(lines) > 1 or tabs.evaluate("tabs => tabs.scrollWidth > tabs.clientWidth"):
            found.append(width)
    assert found == []


def test_page__has_room_for_a_thousand_classes(page_of_many):
    found = []
    for state in states.walk(page_of_many, [one for one in states.STATES if one.name in OF_MANY_CLASSES]):
        for width, height in ((1440, 900), (1024, 768), (768, 1024), PHONE):
            states.show(page_of_many, state, {"width": width, "height": height})
            found += [f"{state.name} at {width}: {fault}" for fault in layout_faults(page_of_many, state.part)]
    assert found == []
