"""Search by words with a model that reads: indexed, loaded and asked as a user's own, and one that cannot read."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

pytest.importorskip("transformers", reason="the huggingface extra is not installed")

from tests.browser.reading_model import COLORS, noisy, save_reading_model, save_seeing_model
from tests.browser.serving import MAP_IS_PAINTED, lookalike_command, serve
from tests.browser.test_accessibility import axe, faults_of  # noqa: F401 (axe is a fixture)

CLASSES = ("buttons", "marbles")
N_EACH = 5
"""Pictures of each class and colour."""
SIZES = [(1280, 800), (901, 800), (390, 844)]
LOADS_MS = 120_000


@pytest.fixture(scope="module")
def words_server(chromium, tmp_path_factory):
    """A server of one folder, indexed by both models; neither class nor file names a colour."""
    root = tmp_path_factory.mktemp("words")
    write_pictures(root / "jar")
    for name, save in (("reads", save_reading_model), ("sees", save_seeing_model)):
        (root / name).mkdir()
        model = f"hf:{save(root / name)}"
        options = ("--model", model, "--collection", name, "--data-dir", root / "data")
        subprocess.run(lookalike_command("index", root / "jar", *options), check=True, capture_output=True)
    options = ("--method", "pca", "--collection", "reads", "--data-dir", root / "data")
    subprocess.run(lookalike_command("project", *options), check=True, capture_output=True)
    with serve(root / "data") as url:
        yield url


def write_pictures(folder):
    """Write ``<class>/<number>.png``; the number tells the colour to who knows."""
    random = np.random.default_rng(0)
    for place, class_name in enumerate(CLASSES):
        (folder / class_name).mkdir(parents=True)
        for number in range(N_EACH * len(COLORS)):
            pixels = noisy(random, list(COLORS)[number % len(COLORS)])
            Image.fromarray(pixels).save(folder / class_name / f"scan-{place}{number:02}.png")


def color_of(result) -> str:
    number = int(re.search(r"scan-\d(\d\d)", result.get_attribute("title"))[1])
    return list(COLORS)[number % len(COLORS)]


def colors_of(results) -> list[str]:
    return [color_of(one) for one in results.locator("[data-point-id]").all()]


@pytest.fixture
def page(open_page, words_server):
    opened = open_page(f"{words_server}?collection=reads", color_scheme="light")
    opened.wait_for_function(MAP_IS_PAINTED)
    return opened


@pytest.fixture
def search(page):
    return page.get_by_role("combobox", name="Search by words")


@pytest.fixture
def results(page):
    return page.get_by_role("region", name="Search results")


def find(page, search, results, words) -> None:
    search.fill(words)
    results.get_by_role("button", name=f"Find pictures of “{words}”").click()
    expect(results.get_by_role("heading", name=f"Nearest to “{words}”")).to_be_visible(timeout=LOADS_MS)


def test_words__find_pictures_of_what_they_say_within_the_filter(page, search, results):
    n_of_color = N_EACH * len(CLASSES)
    find(page, search, results, "green")
    assert colors_of(results)[:n_of_color] == ["green"] * n_of_color
    find(page, search, results, "blue")
    assert colors_of(results)[:n_of_color] == ["blue"] * n_of_color

    page.get_by_role("checkbox", name="marbles", exact=True).check()
    expect(page.locator(".map-panel .chip-count")).to_have_text(f"{N_EACH * len(COLORS)} of 30 match")
    find(page, search, results, "red")
    assert colors_of(results)[:N_EACH] == ["red"] * N_EACH
    found = results.locator("[data-point-id]")
    expect(found).to_have_count(N_EACH * len(COLORS))
    expect(found.filter(has_text="marbles")).to_have_count(N_EACH * len(COLORS))

    first = found.first.get_attribute("data-point-id")
    found.first.click()
    expect(page.get_by_role("region", name="Selected point", exact=True)).to_be_focused()
    page.wait_for_function("id => lookalike.selected.id === id", arg=first)


def test_words__what_they_found_has_room_and_no_serious_violation(page, search, results, axe):  # noqa: F811 (a fixture)
    find(page, search, results, "red")
    assert faults_of(page, axe, ".header", sizes=SIZES) == []


def test_words__by_enter(page, search, results):
    """Not the first class that has the letters, though there is one."""
    search.fill("m")
    expect(results.get_by_role("button", name="marbles")).to_be_visible()
    search.press("Enter")
    expect(results.get_by_role("heading", name="Nearest to “m”")).to_be_visible(timeout=LOADS_MS)


def test_words__of_a_model_that_cannot_read(open_page, words_server, axe):  # noqa: F811
    page = open_page(f"{words_server}?collection=sees", color_scheme="light")
    expect(page.get_by_text("30 points to project")).to_be_visible()
    search = page.get_by_role("combobox", name="Search by words")
    results = page.get_by_role("region", name="Search results")
    search.fill("red")
    expect(results.get_by_text("knows no words. Index with a model that does")).to_be_visible()
    assert faults_of(page, axe, ".header", sizes=SIZES) == []
    search.fill("scan-001")
    expect(results.locator("[data-point-id]")).to_have_count(1)
