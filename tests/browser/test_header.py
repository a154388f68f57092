"""The header: search by name, images that are dropped, the collection's name, keys; and the overview."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED


@pytest.fixture
def search(explorer):
    return explorer.get_by_role("combobox", name="Search by words, file name, id or class")


@pytest.fixture
def results(explorer):
    return explorer.get_by_role("region", name="Search results")


def test_search__file_name_leads_to_the_point(explorer, search, results):
    explorer.keyboard.press("/")
    expect(search).to_be_focused()
    search.fill("SCAN_17")
    first = results.locator("[data-point-id]").first
    expect(first).to_contain_text("scan_17.png")
    point_id = first.get_attribute("data-point-id")
    first.click()
    expect(explorer.locator("#point-content")).to_be_visible()
    expect(results).to_be_hidden()  # they would lie on the point
    expect(explorer.get_by_role("region", name="Selected point", exact=True)).to_be_focused()
    explorer.wait_for_function("id => new URLSearchParams(location.search).get('id') === id", arg=point_id)


def test_search__class_selects_its_points(explorer, search, results):
    search.fill("7")
    results.get_by_title("Select its points").filter(has_text="181").click()
    expect(explorer.get_by_role("heading", name=re.compile("Selection · 181"))).to_be_visible()
    expect(explorer.locator(".point-map-canvas").first).to_be_focused()


def test_search__beginning_of_an_id(explorer, search, results):
    search.fill("scan_1")
    point_id = results.locator("[data-point-id]").first.get_attribute("data-point-id")
    search.fill(point_id)
    expect(results.locator("[data-point-id]")).to_have_count(1)
    expect(results.locator("[data-point-id]").first).to_have_attribute("data-point-id", point_id)


def test_search__nothing_found_and_no_words(search, results):
    search.fill("a red shoe")
    expect(results).to_contain_text("No class, file name or id has this.")
    expect(results).to_contain_text("tf_efficientnet_lite0 knows no words")
    search.press("Escape")
    expect(results).to_be_hidden()


def test_search__arrow_keys_walk_along_the_results(explorer, search, results):
    search.fill("scan_17")
    expect(results.locator("[data-point-id]").first).to_be_visible()
    search.press("ArrowDown")
    expect(results.get_by_role("button").first).to_be_focused()
    explorer.keyboard.press("ArrowUp")
    expect(search).to_be_focused()


def drop(page, content: bytes, name: str, media_type: str) -> None:
    """Drop a file on the filter."""
    page.evaluate(
        """([bytes, name, type]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], name, { type }));
          for (const event of ['dragover', 'drop']) {
            document.querySelector('.filter-panel').dispatchEvent(
              new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true }));
          }
        }""",
        [list(content), name, media_type],
    )


def test_drop__image_anywhere_finds_what_looks_like_it(explorer):
    drop(explorer, b"eggs, milk", "notes.txt", "text/plain")
    expect(explorer.get_by_text("'notes.txt' is no image.")).to_be_visible()
    picture = cv2.imencode(".png", np.full((40, 40, 3), 200, np.uint8))[1].tobytes()
    drop(explorer, picture, "dropped.png", "image/png")
    expect(explorer.get_by_text("dropped.png")).to_be_visible(timeout=120_000)
    expect(explorer.locator(".neighbor")).to_have_count(20)


def test_paste__of_an_image_finds_what_looks_like_it(explorer):
    picture = cv2.imencode(".png", np.full((40, 40, 3), 90, np.uint8))[1].tobytes()
    explorer.evaluate(
        """bytes => {
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File([new Uint8Array(bytes)], 'pasted.png', { type: 'image/png' }));
          document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
        }""",
        list(picture),
    )
    expect(explorer.get_by_text("pasted.png")).to_be_visible(timeout=120_000)
    expect(explorer.locator(".neighbor")).to_have_count(20)


def test_rename__is_shown_and_stays(explorer):
    expect(explorer.get_by_title(re.compile("^timm:tf_efficientnet_lite0, 1,280 dimensions"))).to_be_visible()
    before = explorer.get_by_role("textbox", name="Collection").input_value()
    explorer.get_by_role("button", name="Rename").click()
    dialog = explorer.get_by_role("dialog", name="Rename")
    dialog.get_by_label("Name to show").fill("Digits of the spring")
    dialog.get_by_role("button", name="Rename").click()
    expect(explorer.get_by_role("textbox", name="Collection")).to_have_value("Digits of the spring")
    explorer.reload()
    explorer.wait_for_function(MAP_IS_PAINTED)
    expect(explorer.get_by_role("textbox", name="Collection")).to_have_value("Digits of the spring")
    explorer.get_by_role("button", name="Rename").click()
    dialog.get_by_label("Name to show").fill("")
    dialog.get_by_role("button", name="Rename").click()
    expect(explorer.get_by_role("textbox", name="Collection")).to_have_value(before)


def test_help__lists_the_keys(explorer):
    explorer.keyboard.press("?")
    keys = explorer.get_by_role("dialog", name="Keys")
    for words in ("search by words", "accept the suggested class", "draws a lasso", "next tab"):
        expect(keys).to_contain_text(words)
    rows = keys.locator("dl > div").evaluate_all(
        "rows => rows.map(({ children }) => [...children].map((one) => one.textContent))"
    )
    assert {
        ("+-", "find points like these, and unlike these"),
        ("1…9", "one class for the group: its first, second and so on"),
        ("CtrlY", "the one after it"),
        ("HomeEnd", "first and last"),
        ("CtrlA", "mark all of the list, gallery or table"),
        ("Shift", "with a click: mark all up to there"),
        ("Esc", "take all marks away"),
    } <= {tuple(row) for row in rows}
    explorer.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    explorer.get_by_role("button", name="Keys").click()
    expect(keys).to_be_visible()
    explorer.keyboard.press("Escape")
    expect(explorer.get_by_role("button", name="Keys")).to_be_focused()


def test_overview__the_number_of_outliers_leads_to_their_list(explorer):
    number = explorer.get_by_role("region", name="Overview").get_by_role("button", name=re.compile("stand apart"))
    words = number.inner_text()
    number.click()
    panel = explorer.get_by_role("tabpanel", name="Outliers")
    expect(panel.locator(".list-head")).to_contain_text(f"strangest first: {words} from all others")


def test_overview__says_what_there_is_and_starts_reviewing(explorer):
    overview = explorer.get_by_role("region", name="Overview")
    expect(overview).to_contain_text("1,797 in 60 images")
    expect(overview).to_contain_text("0 of 1,797")
    expect(overview).to_contain_text(re.compile(r"\d+ groups?"))
    expect(overview).to_contain_text(re.compile(r"\d+ stand apart"))
    overview.get_by_role("button", name="Start reviewing").click()
    expect(explorer.locator("#point-content")).to_be_visible()
    expect(overview).to_be_hidden()
