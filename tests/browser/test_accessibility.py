"""axe-core finds nothing serious on an empty page, light or dark, wide or narrow; test_layout has the other states."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED, ROOT, serve

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


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
    """Find what axe-core calls serious or critical, one line per element, by some or all rules, in a part or all."""
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
