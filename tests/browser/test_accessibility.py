"""axe-core finds nothing serious in any state of the page, light or dark, wide or narrow."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED, ROOT, serve

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
NOTHING_LOADS = "() => ![...document.querySelectorAll('.is-skeleton')].some((card) => card.checkVisibility())"


def windows(*sizes):
    return [
        pytest.param({"color_scheme": scheme, "viewport": {"width": width, "height": height}}, id=f"{scheme}-{width}")
        for scheme in ("light", "dark")
        for width, height in sizes
    ]


PHONE = (390, 844)
WINDOWS = windows((1280, 800), PHONE)


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


def violations(page, axe: str, rules: list[str] | None = None, part: str = "html") -> list[str]:
    """What axe-core calls serious or critical, one line per element, by all of its rules or some, in a part or all."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe)
    options = {"resultTypes": ["violations"], "preload": False, **({"runOnly": rules} if rules else {})}
    found = page.evaluate("([part, options]) => axe.run(part, options)", [part, options])["violations"]
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def open_dropdown(page, label: str) -> None:
    page.get_by_role("textbox", name=label).click()
    expect(page.locator("[role=option]:visible").first).to_be_visible()


@pytest.mark.parametrize("window_of", windows((1280, 800), (768, 1024)))
def test_page__has_no_serious_violation_while_suspects_are_judged(open_page, server, axe, window_of):
    page = open_page(server, **window_of)
    page.wait_for_function(MAP_IS_PAINTED)
    expect(page.locator(".suspect")).to_have_count(24)
    found = {"at start": violations(page, axe)}
    page.get_by_role("checkbox", name="0", exact=True).check()
    page.get_by_role("checkbox", name="unjudged").check()
    page.get_by_text("of 1,797 match").wait_for()
    found["with a filter"] = violations(page, axe)

    page.get_by_role("button", name="Clear all").first.click()
    page.locator(".suspect").nth(1).click()
    expect(page.locator("#point-verdict .is-accept")).to_be_visible()
    expect(page.locator(".neighbor")).to_have_count(20)
    found["with a suspect"] = violations(page, axe)
    if window_of["viewport"]["width"] > 900:  # a narrow window has no full height
        page.get_by_role("button", name="Full height").click()
        expect(page.get_by_role("group", name="Suspect under review").get_by_role("button").first).to_be_visible()
        found["one at a time"] = violations(page, axe)
        page.get_by_role("button", name="Full height").click()
    open_dropdown(page, "Accept another class")
    found["with a list of classes"] = violations(page, axe)
    page.keyboard.press("Escape")

    page.evaluate("lookalike.map.select([...Array(150).keys()])")
    expect(page.locator(".gallery-cell").first).to_be_visible()
    found["with a gallery"] = violations(page, axe)
    assert found == {state: [] for state in found}


@pytest.mark.parametrize("window_of", WINDOWS)
def test_page__has_no_serious_violation_in_any_worklist(open_page, server, axe, window_of):
    page = open_page(server, **window_of)
    page.wait_for_function(MAP_IS_PAINTED)
    found = {"at start": violations(page, axe)}
    if window_of["viewport"]["width"] == PHONE[0]:
        page.get_by_role("navigation", name="Views").get_by_role("button", name="Review").click()
    for tab in page.get_by_role("tab").all():
        tab.click()
        page.wait_for_function(
            "() => ![...document.querySelectorAll('.is-skeleton')].some((card) => card.checkVisibility())"
        )
        found[tab.inner_text()] = violations(page, axe)
    assert found == {state: [] for state in found}


@pytest.mark.parametrize("window_of", WINDOWS)
def test_page__has_no_serious_violation_when_empty(open_page, empty_server, axe, window_of):
    page = open_page(empty_server, **window_of)
    expect(page.locator("#map-making")).to_contain_text("Nothing is indexed yet")
    assert violations(page, axe) == []


def test_find_by_image__opens_by_key(open_page, server):
    page = open_page(server)
    page.on("filechooser", lambda _: None)  # well before the key: the browser is told of it in the background
    page.wait_for_function(MAP_IS_PAINTED)
    page.get_by_role("button", name="Find by image").focus()
    with page.expect_file_chooser():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("window_of", WINDOWS)
def test_page__has_no_serious_violation_in_its_forms(open_page, server, axe, window_of):
    page = open_page(server, **window_of)
    page.wait_for_function(MAP_IS_PAINTED)
    expect(page.get_by_role("region", name="Overview")).to_contain_text("group")
    found = {"overview": violations(page, axe)}
    page.get_by_role("combobox", name="Search").fill("7")
    expect(page.locator(".search-point").first).to_be_visible()
    found["search"] = violations(page, axe)
    page.keyboard.press("Escape")
    for button, dialog in (("Keys", "Keys"), ("Rename", "Rename")):
        page.get_by_role("button", name=button).click()
        found[dialog] = violations(page, axe)
        page.get_by_role("dialog", name=dialog).get_by_role("button", name="Close").first.click()
    page.get_by_label("Menu: your name, light or dark").click()
    found["menu"] = violations(page, axe)
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Jobs").click()
    found["jobs"] = violations(page, axe)
    page.get_by_role("button", name="Index images").click()
    form = page.get_by_role("dialog", name="Index images")
    expect(form.get_by_role("row", name="resnet50")).to_be_visible()
    form.get_by_text("Crops, device and more").click()
    form.get_by_label("Padding of crops").fill("wide")
    form.get_by_label("Source").fill("/data")
    form.get_by_role("button", name="Start indexing").click()
    expect(form.get_by_role("alert")).to_be_visible()
    found["index form with a fault"] = violations(page, axe)
    form.get_by_role("button", name="Close").first.click()
    page.get_by_role("button", name="Make a map").click()
    expect(page.get_by_role("radio", name="tsne openTSNE")).to_be_visible()
    found["map form"] = violations(page, axe)
    assert found == {state: [] for state in found}
