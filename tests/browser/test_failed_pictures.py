"""Pictures that cannot be read: words stand in their place wherever crops are shown, not the browser's sign."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED
from tests.browser.test_views import choose_view

COVERED = """picture => {
  const over = getComputedStyle(picture, '::after');
  const isWhole = Math.abs(parseFloat(over.width) - picture.clientWidth) < 2
    && Math.abs(parseFloat(over.height) - picture.clientHeight) < 2;
  return isWhole && over.position === 'absolute' && over.backgroundColor !== 'rgba(0, 0, 0, 0)' ? over.content : 'bare';
}"""
WORDS = '"Picture cannot be read"'


@pytest.fixture
def page(open_page, server):
    """Every picture is damaged."""
    opened = open_page("about:blank", viewport={"width": 1400, "height": 900})
    opened.route("**/crop?*", lambda route: route.fulfill(body=b"no picture", content_type="image/png"))
    opened.route("**/images/**", lambda route: route.fulfill(body=b"no picture", content_type="image/png"))
    opened.goto(server)
    opened.wait_for_function(MAP_IS_PAINTED)
    return opened


def said(page, place: str) -> str:
    picture = page.locator(f"{place} img[data-failed]").first
    expect(picture).to_be_visible()
    return picture.evaluate(COVERED)


def test_pictures__that_cannot_be_read_have_words_in_their_place(page):
    assert said(page, ".suspect") == WORDS
    page.locator(".suspect").first.click()
    assert said(page, ".neighbor") == WORDS
    assert said(page, ".point-title") == '"✕" / ""'  # it is small, and the image above it says it in words
    assert said(page, ".image-place") == WORDS


def test_inspector__image_after_one_that_failed__has_words_of_its_own(page):
    page.locator(".suspect").first.click()
    image = page.locator("#point-image")
    expect(image).to_have_attribute("alt", re.compile(r"^Picture cannot be read: .* the object outlined$"))
    page.locator("#point-annotation").get_by_text("None").click()
    expect(image).to_have_attribute("alt", re.compile(r"^Picture cannot be read: .* nothing outlined$"))
    page.unroute("**/images/**")
    page.locator("#point-annotation").get_by_text("All").click()
    expect(image).to_have_attribute("alt", re.compile(r"^The selected point's image .*every object outlined$"))
    expect(page.locator(".image-place img[data-failed]")).to_have_count(0)


@pytest.mark.parametrize(
    ("view", "place", "words"), [("Gallery", ".crop-frame", WORDS), ("Table", ".table-line", '"✕" / ""')]
)
def test_views__have_words_in_place_of_damaged_pictures(page, view, place, words):
    choose_view(page, view)
    assert said(page, place) == words


@pytest.mark.parametrize(
    ("tab", "place"), [("Duplicates", ".mate"), ("Clusters", ".cluster-crops"), ("Outliers", ".card")]
)
def test_lists__have_words_in_place_of_damaged_pictures(page, tab, place):
    page.get_by_role("tab", name=tab, exact=True).click()
    assert said(page, f"[role=tabpanel]:not([hidden]) {place}") in {WORDS, '"✕" / ""'}


def test_selection__has_words_in_place_of_damaged_pictures(page):
    page.evaluate("lookalike.map.select([1, 2, 3])")
    assert said(page, ".gallery-cell") == WORDS


def test_map__has_a_plain_picture_in_place_of_damaged_ones(page):
    page.evaluate("""() => {
      const [x, y] = lookalike.map.columns.position(5);
      lookalike.map.camera.lookAt(x, y, 60);
      lookalike.map.viewport.moved();
    }""")
    page.wait_for_function("() => [...lookalike.map.layers.crops.values()].some(({ tagName }) => tagName === 'CANVAS')")
