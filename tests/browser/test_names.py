"""Class names of forty letters and more, 121 of them: where two are compared, neither is cut."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.layout import layout_faults
from tests.browser.serving import MAP_IS_PAINTED, serve
from tests.browser.stamps import NAMES
from tests.copies import copy_data

WIDTHS = (768, 901, 1024, 1280, 1440, 1920)
CUT = """selector => [...document.querySelectorAll(selector)]
  .filter((name) => name.scrollWidth > name.clientWidth + 1 || name.scrollHeight > name.clientHeight + 4
    || name.getBoundingClientRect().bottom > name.closest('.suspect, .point, .neighbor').getBoundingClientRect().bottom)
  .map((name) => name.textContent)"""
"""Texts of the elements that show less than all of their text; inline ones have no size of their own to overflow."""
LINES = """names => names.map((name) => Math.round(
    name.getBoundingClientRect().height / parseFloat(getComputedStyle(name).lineHeight)))"""
INFO = "**/api/v1/collections/tf_efficientnet_lite0"


@pytest.fixture(scope="module")
def stamps_server(stamps, tmp_path_factory):
    with serve(copy_data(stamps, tmp_path_factory.mktemp("names") / "data")) as url:
        yield url


def test_names__two_that_are_compared_are_read_in_full(open_page, stamps_server):
    page = open_page(stamps_server)
    page.wait_for_function(MAP_IS_PAINTED)
    cards = page.locator(".suspect")
    expect(cards.first).to_be_visible()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(CUT, ".suspect .is-given, .suspect .is-suggested") == []
    for card in cards.all()[:6]:
        given, suggested = card.locator(".is-given"), card.locator(".is-suggested")
        assert given.inner_text() != suggested.inner_text()
        assert {given.get_attribute("title"), suggested.get_attribute("title")} <= set(NAMES)
        assert given.bounding_box()["y"] < suggested.bounding_box()["y"]

    full = cards.first.locator(".is-suggested").get_attribute("title")
    reason = cards.first.locator(".card-reason").get_attribute("title")
    cards.first.click()
    expect(page.locator("#point-verdict .is-accept")).to_have_attribute("title", f"Accept: it is {full} (a)")
    expect(page.locator(".point-claim strong")).to_have_text(f"…/{full.removeprefix('symbols/alphabets/')}")
    expect(page.locator(".point-claim > .claim")).to_have_attribute("title", full)
    expect(page.locator(".point-reason")).to_have_attribute("title", reason)
    expect(page.locator(".point-reason")).to_contain_text("…/")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.locator(".point").evaluate("panel => panel.scrollTo(0, 0)")
        assert page.evaluate(CUT, ".point-class, .point-claim strong, .verdict-buttons span") == []
        page.locator(".point-reason").scroll_into_view_if_needed()  # the last of them may be below the fold
        assert page.evaluate(CUT, ".point-reason") == []

    longest = cards.filter(has=page.locator("[title*='broad-pen']")).first
    given, full = (longest.locator(name).get_attribute("title") for name in (".is-given", ".is-suggested"))
    longest.click()
    expect(page.locator(".point-names")).to_have_attribute("title", given)
    expect(page.locator(".point-claim > .claim")).to_have_attribute("title", full)
    for width in WIDTHS:  # seventy letters
        page.set_viewport_size({"width": width, "height": 900})
        lines = page.locator(".point-class, .point-claim strong").evaluate_all(LINES)
        assert len(lines) == 2
        assert max(lines) <= 3


def test_names__leave_the_image_and_the_verdicts_in_view(open_page, stamps_server):
    """On a small laptop, also for what was left for later."""
    page = open_page(stamps_server, viewport={"width": 1280, "height": 800})
    page.wait_for_function(MAP_IS_PAINTED)
    cards = page.locator(".suspect")
    expect(cards.first).to_be_visible()
    both_are_long = cards.filter(has=page.locator(".is-given[title*='broad-pen']")).first
    for card in (cards.first, both_are_long):
        card.click()
        chosen = card.get_attribute("data-point-id")
        given = card.locator(".is-given").get_attribute("title")
        expect(page.locator(".point-names")).to_have_attribute("title", given)
        expect(page.locator("#point-verdict .is-accept")).to_be_visible()
        assert in_view(page) == ["Accept", "Keep", "Later"]
    page.keyboard.press("s")
    page.wait_for_function("id => lookalike.selected.id !== id", arg=chosen)
    page.evaluate("id => lookalike.similar.page.look(id)", chosen)
    expect(page.locator("#point-verdict").get_by_text("left for later")).to_be_visible()
    assert in_view(page) == ["Accept", "Keep"]
    page.locator("#point-verdict").get_by_role("button", name="Undo").click()
    expect(page.locator("#point-verdict .is-skip")).to_be_visible()


def in_view(page):
    """The words of the verdict buttons, all of which stand above the fold, as the image and both names do."""
    expect(page.locator(".neighbor")).to_have_count(20)
    panel, image = page.locator(".point").bounding_box(), page.locator(".image-place").bounding_box()
    fold = panel["y"] + panel["height"]
    assert fold < 800
    names = page.locator(".point-names").bounding_box()
    suggested = page.locator(".point-claim:has(strong)").first.locator(".claim").bounding_box()
    assert image["height"] >= 280
    buttons = page.locator("#point-verdict .verdict-buttons .verdict")
    for box in (image, names, suggested, *(button.bounding_box() for button in buttons.all())):
        assert box["y"] + box["height"] <= fold
    assert names["y"] < suggested["y"]
    assert names["width"] == suggested["width"] == image["width"]
    return buttons.locator("span").all_inner_texts()


def test_names__a_neighbor_says_its_class_only_if_most_have_another(open_page, stamps_server):
    page = open_page(stamps_server)
    page.wait_for_function(MAP_IS_PAINTED)
    page.locator(".suspect").first.click()
    expect(page.locator(".neighbor")).to_have_count(20)
    most = page.locator(".neighbors-head .claim > :last-child").first.inner_text()
    said = page.locator(".neighbor:has(.card-class)").all()
    assert 0 < len(said) < 20
    assert all(not (card.get_attribute("title") or "").startswith(f"{most},") for card in said)
    assert page.evaluate(CUT, ".neighbor .card-class") == []


def test_legend__leaves_out_what_all_names_begin_with(open_page, stamps_server):
    page = open_page(stamps_server)
    page.wait_for_function(MAP_IS_PAINTED)
    facet = page.get_by_role("region", name="Class")
    facet.get_by_role("button", name="Show all 121").click()
    names = facet.locator(".facet-name").all_inner_texts()
    shorter = {name.removeprefix("symbols/alphabets/") for name in NAMES}
    assert {name for name in shorter if len(name) <= 32} <= set(names)
    assert len(set(names)) == len(NAMES)  # those of seventy letters are told apart too
    page.get_by_role("searchbox", name="Find a class").fill("symbols/alphabets/dotted")
    expect(facet.locator(".facet-value")).to_have_count(30)


def test_legend__of_clusters_and_datasets_has_names_that_fit_and_are_told_apart(open_page, stamps_server):
    page = open_page(stamps_server)
    page.wait_for_function(MAP_IS_PAINTED)
    for label, plural in (("Cluster", "clusters"), ("Dataset", "datasets")):
        page.get_by_label("Colour by").select_option(label)
        names = page.get_by_role("list", name=f"Legend of {plural}").locator(".facet-name")
        expect(names.first).to_be_visible()
        assert max(names.evaluate_all(LINES)) <= 3
        shown = names.all_inner_texts()
        assert len(set(shown)) == len(shown)


def test_map__says_both_classes_of_a_cluster(open_page, stamps_server):
    page = open_page(stamps_server)
    page.wait_for_function(MAP_IS_PAINTED)
    page.get_by_label("Colour by").select_option("Cluster")
    legend = page.get_by_role("list", name="Legend of clusters").get_by_role("button")
    expect(legend.first).to_be_visible()
    titles = [one.get_attribute("title").removesuffix(": select its points") for one in legend.all()]
    assert any(" / " in name for name in titles)
    texts = page.evaluate("lookalike.map.nameLabels.labels.map(({ text }) => text)")
    assert sum(" / " in text for text in texts) == sum(" / " in name for name in titles)
    assert all(len(text) <= 2 * 28 for text in texts)


def test_header__says_beside_a_long_name_when_it_was_indexed(open_page, stamps_server):
    page = open_page(stamps_server)
    page.route(INFO, lambda route: route.fulfill(json={**route.fetch().json(), "indexed_at": "2026-01-01T12:00:00Z"}))
    page.reload()
    page.wait_for_function(MAP_IS_PAINTED)
    header = page.get_by_role("banner")
    sentence = header.get_by_title(re.compile("^Indexed on .*2026"))
    for width in (1024, 1280, 1440, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        expect(sentence).to_have_text(re.compile(r"^indexed \d+ days ago$"))
        ago = sentence.get_by_text(re.compile(r"^\d+ days ago$"))
        expect(ago).to_be_visible()
        assert layout_faults(page, ".header") == []
        assert width == 1024 or header.bounding_box()["height"] < 60  # one line


COVERED_NAMES = """() => {
  const { map } = lookalike;
  const { left, top } = map.host.getBoundingClientRect();
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = '600 11px system-ui, sans-serif';
  const wide = (text) => pen.measureText(text).width;
  const over = [...document.querySelectorAll('.map-tools button, .filter-chips > *')];
  const isBelow = ({ text, x, y }) => over.map((one) => one.getBoundingClientRect()).some((box) =>
    Math.abs(left + x - (box.left + box.right) / 2) < (wide(text) + box.width) / 2
    && Math.abs(top + y - (box.top + box.bottom) / 2) < box.height / 2);
  return map.nameLabels.place(map.camera, map.paint.namesShown(map.visible), wide).filter(isBelow);
}"""
"""Names on the map whose line something stands upon."""


def test_names__on_the_map_are_not_written_below_tools_and_conditions(open_page, stamps_server):
    page = open_page(stamps_server, viewport={"width": 901, "height": 800})
    page.wait_for_function(MAP_IS_PAINTED)
    classes = page.get_by_role("region", name="Class", exact=True)
    for place in range(3):
        classes.get_by_role("checkbox").nth(place).check()
    expect(page.get_by_role("button", name="Clear all").first).to_be_visible()
    for width, height in ((901, 800), (1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(f"() => lookalike.map.camera.width > 0 && ({COVERED_NAMES})().length === 0")
