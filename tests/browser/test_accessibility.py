"""Axe-core and the rules of the layout look at a page, in light and dark, wide and narrow.

An empty page is looked at here. Other tests ask the same of what they meet: test_layout of all states of a page with
points, test_back of links that lead nowhere, test_empty of too small a collection.
"""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from tests.browser.layout import layout_faults
from tests.browser.serving import MAP_IS_PAINTED, ROOT, serve
from tests.browser.states import paint

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


PHONE = (390, 844)
SIZES = [(1920, 1000), (1440, 900), (1280, 800), (1024, 768), (901, 800), (768, 1024), PHONE]
CHECKED_BY_AXE = ((1280, 800), PHONE)


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker's script, which npm installs; without it the tests are skipped, but in CI that is a failure."""
    if AXE.exists():
        return AXE.read_text()
    if os.environ.get("CI"):
        pytest.fail("axe-core is not installed, and CI must not skip what it checks; run 'npm ci'")
    pytest.skip("axe-core is not installed; run 'npm ci'")


@pytest.fixture(scope="module")
def empty_server(chromium, tmp_path_factory):
    with serve(tmp_path_factory.mktemp("nothing") / "data") as url:
        yield url


def violations(page, axe: str, part: str = "html") -> list[str]:
    """Find what axe-core calls serious or critical, one line per element, on the page or a part of it."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe)
    options = {"resultTypes": ["violations"], "preload": False}
    found = page.evaluate("([part, options]) => axe.run(part, options)", [part, options])["violations"]
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def faults_at(page, axe: str, size: tuple[int, int], part: str = "html") -> list[str]:
    """Faults of the page, or a part of it, in a window that has this size already."""
    found = layout_faults(page, part)
    if size in CHECKED_BY_AXE:
        found += violations(page, axe, part=part)
        paint(page, "dark")
        found += [f"dark: {fault}" for fault in violations(page, axe, part=part)]
        paint(page, "light")
    return [f"at {size[0]}: {fault}" for fault in found]


def faults_of(page, axe: str, part: str = "html", sizes=CHECKED_BY_AXE) -> list[str]:
    """Faults of the page, or a part of it, in windows of some sizes; it is as wide as a desktop's afterwards."""
    found = []
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        found += faults_at(page, axe, (width, height), part)
    page.set_viewport_size({"width": 1280, "height": 800})
    return found


def test_page__has_no_fault_when_empty(open_page, empty_server, axe):
    page = open_page(empty_server, color_scheme="light", viewport={"width": 1280, "height": 800})
    expect(page.locator("#map-making")).to_contain_text("Nothing is indexed yet")
    lists = page.get_by_role("region", name="Worklists")
    expect(lists).to_contain_text("Labels that their neighborhood contradicts")
    found = faults_of(page, axe, sizes=SIZES)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.get_by_role("navigation", name="Views").get_by_role("button", name="Review").click()
    found += faults_at(page, axe, PHONE)
    for name in ("Duplicates", "Confusion", "Clusters", "Outliers", "Reviewed"):
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tabpanel", name=name)).to_contain_text("once images are indexed")
        found += faults_at(page, axe, PHONE, ".dock")
    assert found == []


def test_index_dialog__has_room_for_a_long_fault(open_page, empty_server, axe, faults):
    page = open_page(empty_server, color_scheme="light", viewport={"width": 1280, "height": 800})
    page.get_by_role("region", name="Worklists").get_by_role("button", name="Index images").click()
    dialog = page.get_by_role("dialog", name="Index images")
    expect(dialog.get_by_role("row", name="resnet50")).to_be_visible()
    found = faults_of(page, axe, "dialog[open]", sizes=SIZES)
    dialog.get_by_label("Source").fill("/data/of/somebody/whose/folders/are/deep")
    dialog.get_by_label("Collection name").focus()
    expect(dialog).to_contain_text("They cannot be listed.")
    dialog.get_by_role("button", name="Start indexing").click()
    expect(dialog.get_by_role("alert")).to_contain_text("does not exist")
    faults[:] = [fault for fault in faults if "422" not in fault]  # the refusal
    found += faults_of(page, axe, "dialog[open]", sizes=SIZES)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    close, start = (dialog.get_by_role("button", name=name, exact=True).last for name in ("Close", "Start indexing"))
    places = [one.bounding_box() for one in (dialog.get_by_role("alert"), close, start)]
    assert all(place is not None for place in places)
    fault, left, right = places
    assert left["y"] == right["y"] >= fault["y"] + fault["height"]
    assert fault["width"] > 300
    assert found == []


def test_find_by_image__opens_by_key(open_page, server):
    page = open_page(server)
    page.on("filechooser", lambda _: None)  # well before the key: the browser is told of it in the background
    page.wait_for_function(MAP_IS_PAINTED)
    page.get_by_role("button", name="Find by image").focus()
    with page.expect_file_chooser():
        page.keyboard.press("Enter")
