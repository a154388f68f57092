"""The first search by an image or words loads the model, which takes seconds: the page says so."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from tests.browser.judging import COLLECTION
from tests.browser.serving import MAP_IS_PAINTED

LOADING = "Loading the model tf_efficientnet_lite0, once …"


@pytest.fixture
def page(open_page, own_server):
    opened = open_page("about:blank")
    opened.route(f"**/{COLLECTION}", _read_words)
    opened.goto(own_server)
    opened.wait_for_function(MAP_IS_PAINTED)
    return opened


def _read_words(route: Route) -> None:
    """Say of the sample's model that it reads, so that the page offers a search by words."""
    answer = route.fetch()
    route.fulfill(response=answer, json={**answer.json(), "has_text_search": True})


def _hold(page, path: str) -> list[Route]:
    """Answers that are not given yet."""
    held: list[Route] = []
    page.route(path, held.append)
    return held


def test_first_search__says_that_the_model_is_loaded_and_the_next_one_does_not(page, tmp_path):
    words = _hold(page, "**/neighbors/text")
    page.get_by_role("combobox", name="Search by words").fill("a seven")
    page.get_by_role("button", name="Find pictures of").click()
    found = page.get_by_role("region", name="Search results")
    expect(found.get_by_role("status")).to_have_text(LOADING)
    words[0].fulfill(json={"neighbors": [], "why_empty": "nothing"})
    expect(found.get_by_role("status")).to_have_count(0)

    images = _hold(page, "**/neighbors/image")
    Image.fromarray(np.full((32, 32, 3), 90, np.uint8)).save(tmp_path / "grey.png")
    page.locator("input[accept='image/*']").set_input_files(tmp_path / "grey.png")
    asking = page.get_by_role("region", name="Nearest neighbors").get_by_role("status")
    expect(asking).to_have_text(LOADING)
    images[0].continue_()
    expect(page.locator(".neighbor")).to_have_count(20, timeout=120_000)
    expect(asking).to_have_count(0)

    with page.expect_response("**/neighbors/model") as told:
        page.locator("input[accept='image/*']").set_input_files(tmp_path / "grey.png")
    assert told.value.json()["is_loaded"] is True
    expect(asking).to_have_text("Searching …")
    images[1].continue_()
    expect(asking).to_have_count(0)
