"""An explorer that has nothing to show yet says what to do, and notices when that is done."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.serving import MAP_IS_PAINTED, serve
from tests.browser.test_accessibility import PHONE, axe, faults_at, faults_of  # noqa: F401 (axe is a fixture)

TOO_SMALL = {
    "Clusters": "There is no cluster: it takes",
    "Suspects": "No label is contradicted by its neighborhood",
}
"""Each list's words when there are eight points in two classes, by its tab."""


@pytest.fixture(scope="module")
def empty_server(chromium, tmp_path_factory):
    with serve(tmp_path_factory.mktemp("empty") / "data") as url:
        yield url


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two classes of four images each: noise around red, noise around blue."""
    root = tmp_path_factory.mktemp("images")
    random = np.random.default_rng(0)
    for name, color in (("red", (220, 40, 40)), ("blue", (40, 40, 220))):
        (root / name).mkdir()
        for number in range(4):
            noisy = np.array(color) + random.normal(0, 25, (32, 32, 3))
            Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(root / name / f"{number}.png")
    return root


def test_explorer__from_nothing_to_a_map(open_page, empty_server, folder, axe):  # noqa: F811 (a fixture)
    page = open_page(empty_server, color_scheme="light")
    advice = page.locator("#map-making")
    expect(advice).to_contain_text("Nothing is indexed yet")
    expect(advice).to_contain_text("lookalike index FOLDER")
    page.locator("input[accept='image/*']").set_input_files(next(folder.rglob("*.png")))
    expect(page.locator(".verdict-message")).to_contain_text("no collection is open")

    started = page.request.post(f"{empty_server}/api/v1/runs", data={"kind": "index", "source": str(folder)})
    assert started.status == 202
    expect(advice).to_contain_text("8 points to project", timeout=90_000)

    page.get_by_role("button", name="Make the map").click()
    page.wait_for_function(MAP_IS_PAINTED, timeout=90_000)
    assert page.evaluate("lookalike.map.nPoints") == 8
    expect(advice).to_be_hidden()
    expect(page.get_by_role("region", name="Class").locator(".facet-name")).to_have_text(["blue", "red"])
    expect(page.locator("#map-caption")).to_contain_text("UMAP · cosine")
    found = []
    for name, why in TOO_SMALL.items():
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tabpanel", name=name)).to_contain_text(why)
        found += faults_of(page, axe, ".dock", sizes=[(1280, 800)])
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("navigation", name="Views").get_by_role("button", name="Review").click()
    found += faults_at(page, axe, PHONE, ".dock")
    assert found == []
