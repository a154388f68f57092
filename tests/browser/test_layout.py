"""Every state of the page, at every width: nothing overlaps, sticks out, or is cut so that two names look alike."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.layout import faults
from tests.browser.many_classes import index_stamps
from tests.browser.serving import MAP_IS_PAINTED, serve

WIDTHS = (390, 768, 901, 1024, 1280, 1440, 1920)
NOTHING_LOADS = """() => ![...document.querySelectorAll('.is-skeleton, [aria-busy=true]')]
  .some((part) => part.checkVisibility())"""
PICTURES = os.environ.get("LAYOUT_PICTURES")
"""A folder for a picture of each state, for the eyes of who changes the looks."""


@pytest.fixture(scope="module", params=[121, 1000], ids=["121-classes", "1000-classes"])
def stamps(request, chromium, tmp_path_factory) -> Iterator[str]:
    root = tmp_path_factory.mktemp(f"stamps-{request.param}")
    with serve(index_stamps(root, request.param)) as url:
        yield url


def open_tab(name: str) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        page.get_by_role("tab", name=name, exact=True).click()
        expect(page.get_by_role("tabpanel", name=name, exact=True)).to_be_visible()

    return do


def press(name: str | re.Pattern[str], role: str = "button") -> Callable[[Page], None]:
    return lambda page: page.get_by_role(role, name=name).first.click()


def choose_view(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("radio", name=name, exact=True).check(force=True)


def look_at_a_suspect(page: Page) -> None:
    page.get_by_role("tab", name="Suspects", exact=True).click()
    page.locator(".suspect").first.click()
    expect(page.locator(".neighbor")).to_have_count(20)


def choose_another_class(page: Page) -> None:
    page.get_by_role("textbox", name="Accept another class").click()
    expect(page.locator("[role=option]:visible").first).to_be_visible()


def search(page: Page) -> None:
    page.get_by_role("combobox", name="Search").fill("shelf_00")
    expect(page.locator(".search-classes button").first).to_be_visible()


def leave_search(page: Page) -> None:
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="Search").fill("")
    page.keyboard.press("Escape")


def close_dialog(page: Page) -> None:
    page.get_by_role("dialog").last.get_by_role("button", name="Close").first.click()


def filter_by_class(page: Page) -> None:
    facet = page.get_by_role("region", name="Class", exact=True)
    facet.get_by_role("checkbox").first.check()
    facet.get_by_role("checkbox").nth(1).check()
    page.get_by_text(re.compile("of .* match$")).first.wait_for()


def judge_two(page: Page) -> None:
    page.get_by_role("tab", name="Suspects", exact=True).click()
    page.locator(".suspect").first.click()
    for _ in range(2):
        page.keyboard.press("a")
    page.wait_for_function("() => lookalike.queue.orders.length === 0")
    open_tab("Reviewed")(page)


def select_some(page: Page) -> None:
    page.evaluate("lookalike.map.select([...Array(150).keys()])")
    expect(page.locator(".gallery-cell").first).to_be_visible()


def judge_selection(page: Page) -> None:
    page.get_by_role("tabpanel", name="Selection").get_by_role("button", name="Judge", exact=True).click()
    page.get_by_role("tabpanel", name="Selection").get_by_role("option").first.click()


def open_cell(page: Page) -> None:
    page.locator(".pairs .pair").first.click()
    page.get_by_role("tabpanel", name="Confusion").get_by_role("option").first.click()


def class_gallery(page: Page) -> None:
    press(re.compile("^Show all of"))(page)
    expect(page.get_by_role("listbox", name="Gallery").get_by_role("option").first).to_be_visible()


STATES: list[tuple[str, list[Callable[[Page], None]], bool]] = [
    ("start", [], False),
    ("all classes of the filter", [press(re.compile("^Show all [0-9]"))], False),
    ("search", [search], False),
    ("menu", [leave_search, lambda page: page.get_by_label("Menu: your name, light or dark").click()], False),
    ("jobs", [lambda page: page.keyboard.press("Escape"), press("Jobs")], False),
    ("index form", [press("Index images")], False),
    ("map form", [close_dialog, press("Make a map")], False),
    ("keys", [close_dialog, press("Keys")], False),
    ("rename", [close_dialog, press("Rename")], False),
    ("suspects", [close_dialog, open_tab("Suspects")], True),
    ("suspect", [look_at_a_suspect], True),
    ("point", [], False),
    ("class picker", [choose_another_class], False),
    ("one at a time", [lambda page: page.keyboard.press("Escape"), press("Full height")], True),
    ("duplicates", [press("Full height"), open_tab("Duplicates")], True),
    ("confusion", [open_tab("Confusion")], True),
    ("confusion matrix", [press("Matrix")], True),
    ("confusion cell", [press("Pairs"), open_cell], True),
    ("clusters", [open_tab("Clusters")], True),
    ("outliers", [open_tab("Outliers")], True),
    ("selection", [select_some], True),
    ("selection judged", [judge_selection], True),
    ("reviewed", [judge_two], True),
    ("write back", [press("Write back")], True),
    ("export", [close_dialog, press("Export")], True),
    ("gallery", [close_dialog, choose_view("Gallery")], False),
    ("table", [choose_view("Table")], False),
    ("class gallery", [choose_view("Map"), class_gallery], False),
    ("filter", [choose_view("Map"), filter_by_class], False),
]
"""What is shown, how to come there from the state before, and whether a phone shows it under Review."""


def test_layout__nothing_overlaps_or_is_cut_in_any_state_at_any_width(open_page, stamps):
    page = open_page(stamps, viewport={"width": 1440, "height": 900})
    page.set_default_timeout(15_000)
    page.wait_for_function(MAP_IS_PAINTED)
    expect(page.locator(".suspect").first).to_be_visible()
    found: dict[str, list[str]] = {}
    for name, steps, is_list in STATES:
        for step in steps:
            step(page)
        page.evaluate(f"document.querySelector('.page').dataset.phone = '{'lists' if is_list else 'map'}'")
        page.wait_for_function(NOTHING_LOADS)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844 if width == 390 else 900})
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            found |= {f"{name}, {width} px": faults(page)}
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"{name.replace(' ', '_')}_{width}.png")
        page.set_viewport_size({"width": 1440, "height": 900})
    assert {state: wrong for state, wrong in found.items() if wrong} == {}
