"""Clusters under the page's filter: what fits of each, in the list, in the legend, on the map and in the picture."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED

PARTLY = re.compile(r"([\d,]+) of ([\d,]+) points? · whole cluster: ")
CHOSEN = "() => lookalike.map.columns.chosen.reduce((sum, one) => sum + one, 0)"
ALL_FIT = "() => lookalike.map.chosenRows.every((row) => lookalike.map.isVisible(row))"
FILTERS = {"3": 184, "scans/archive": 597}
"""A class recedes at once, for others the api says which rows fit."""


@pytest.fixture(params=FILTERS)
def filtered(explorer, request):
    """The page with a condition of the filter."""
    return narrow(explorer, request.param)


def narrow(page, name: str):
    page.wait_for_function(MAP_IS_PAINTED)
    page.get_by_role("checkbox", name=name, exact=True).check()
    status = page.locator(".map-panel").get_by_role("status").first
    expect(status).to_have_text(f"{FILTERS[name]} of 1,797 match")
    return page


def open_clusters(page):
    page.get_by_role("tab", name="Clusters", exact=True).click()
    return page.get_by_role("tabpanel", name="Clusters", exact=True)


def number(text: str) -> int:
    return int(text.replace(",", ""))


def wait_for_chosen(page, count: int) -> None:
    page.wait_for_function(f"count => ({CHOSEN})() === count", arg=count)
    assert page.evaluate(ALL_FIT)


def test_clusters__say_how_many_fit_and_a_click_or_key_selects_these(filtered):
    panel = open_clusters(filtered)
    cards = panel.get_by_role("button", name=PARTLY)
    expect(cards.first).to_be_visible()
    expect(panel).to_contain_text("selects its points on the map, as far as they fit the filter")
    message = filtered.locator("#verdict-message")
    for card in cards.all()[:2]:
        fitting, size = map(number, PARTLY.search(card.inner_text()).groups())
        assert 0 < fitting < size
        card.click()
        wait_for_chosen(filtered, fitting)
        expect(message).to_contain_text(
            re.compile(rf"^Selected {fitting} points? of cluster .* leaves out {size - fitting:,}")
        )
        expect(card).to_have_attribute("aria-pressed", "true")
        expect(filtered.get_by_role("tab", name="Selection", exact=True)).to_have_attribute("data-count", str(fitting))
    filtered.keyboard.press("k")
    filtered.keyboard.press("Enter")
    current = panel.locator(".cluster.is-current")
    wait_for_chosen(filtered, number(PARTLY.search(current.inner_text())[1]))
    expect(current).to_have_attribute("aria-pressed", "true")


def test_clusters__verdicts_reach_only_the_points_that_fit(explorer):
    page = narrow(explorer, "3")
    cards = open_clusters(page).get_by_role("button", name=PARTLY)
    expect(cards.first).to_be_visible()
    fitting = {card: number(PARTLY.search(card.inner_text())[1]) for card in cards.all()}
    card = min(fitting, key=fitting.get)
    card.click()
    wait_for_chosen(page, fitting[card])
    page.get_by_role("tab", name="Selection", exact=True).click()
    panel = page.get_by_role("tabpanel", name="Selection", exact=True)
    panel.get_by_role("button", name="Judge", exact=True).click()
    judged = panel.get_by_role("option")
    expect(judged).to_have_count(fitting[card])
    assert {one.locator(".class-name").first.inner_text() for one in judged.all()} == {"3"}


def test_clusters__show_pictures_of_points_that_fit(explorer):
    page = narrow(explorer, "3")
    pictures = open_clusters(page).get_by_role("button", name=PARTLY).first.locator("img")
    expect(pictures.first).to_be_visible()
    for picture in pictures.all():
        address = picture.get_attribute("src").partition("/crop")[0]
        assert page.evaluate("async url => (await (await fetch(url)).json()).class_name", address) == "3"


def test_clusters__none_is_marked_once_others_are_selected_or_fit(filtered):
    panel = open_clusters(filtered)
    pressed = panel.locator(".cluster[aria-pressed=true]")
    panel.get_by_role("button", name=PARTLY).first.click()
    expect(pressed).to_have_count(1)
    expect(filtered.locator("#verdict-message")).to_contain_text("Selected")
    filtered.evaluate("lookalike.dock.keepTab(() => lookalike.map.select([1, 2]))")
    expect(pressed).to_have_count(0)
    panel.get_by_role("button", name=PARTLY).first.click()
    expect(pressed).to_have_count(1)
    filtered.get_by_role("button", name="Clear all").first.click()
    expect(panel.get_by_role("button", name=PARTLY)).to_have_count(0)
    expect(panel.get_by_role("button", name=re.compile(r"\d+ points"))).not_to_have_count(0)
    expect(pressed).to_have_count(0)


def test_legend__of_clusters_says_and_selects_what_fits_as_the_picture_does(filtered):
    filtered.get_by_label("Colour by").select_option("Cluster")
    legend = filtered.get_by_role("list", name="Legend of clusters").get_by_role("button")
    expect(legend.filter(has_text=re.compile(r"\d of \d")).first).to_be_visible()
    words = legend.locator(".facet-count").all_inner_texts()
    fitting = [number(one.partition(" of ")[0]) for one in words]
    assert 0 not in fitting
    place = next(place for place, one in enumerate(words) if " of " in one)
    legend.nth(place).click()
    wait_for_chosen(filtered, fitting[place])

    n_fitting = filtered.evaluate(
        "[...lookalike.map.columns.x.keys()].filter(row => lookalike.map.isVisible(row)).length"
    )
    texts, counts = words_of_picture(filtered)
    assert f"{n_fitting} of 1,797 points match" in texts
    assert counts == fitting[: len(counts)]
    assert counts
    assert sum(fitting) <= n_fitting

    filtered.get_by_role("button", name="Clear all").first.click()
    expect(legend.filter(has_text=re.compile(r"\d of \d"))).to_have_count(0)
    assert "1,797 points" in words_of_picture(filtered)[0]


def test_picture__by_class_counts_what_fits(explorer):
    page = narrow(explorer, "scans/archive")
    page.wait_for_function("() => lookalike.map.columns.faded.includes(1)")
    texts, counts = words_of_picture(page)
    assert "597 of 1,797 points match" in texts
    assert sum(counts) == 597


def words_of_picture(page) -> tuple[list[str], list[int]]:
    """The words of the legend in the map's PNG, and the counts at its right edge."""
    page.evaluate("""() => {
      const texts = window.textsOfPicture = [];
      const { prototype } = CanvasRenderingContext2D;
      const write = window.writeText ??= prototype.fillText;
      prototype.fillText = function (text, ...place) {
        texts.push([text, this.textAlign]);
        return write.call(this, text, ...place);
      };
    }""")
    with page.expect_download():
        page.get_by_role("button", name="Save the map as PNG").click()
    written = page.evaluate("window.textsOfPicture")
    return [text for text, _ in written], [number(text) for text, side in written if side == "right"]
