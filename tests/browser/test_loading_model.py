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


class _Held:
    """Questions for a path, which wait for their answers."""

    def __init__(self, page, path: str) -> None:
        self._page = page
        self._routes: list[Route] = []
        page.route(path, self._keep)

    def _keep(self, route: Route) -> None:
        self._routes.append(route)

    def take(self) -> Route:
        """The next question, as soon as it is asked."""
        while not self._routes:
            self._page.wait_for_timeout(50)
        return self._routes.pop(0)


def test_first_search__says_that_the_model_is_loaded_and_the_next_one_does_not(page, tmp_path):
    words = _Held(page, "**/neighbors/text")
    page.get_by_role("combobox", name="Search by words").fill("a seven")
    page.get_by_role("button", name="Find pictures of").click()
    found = page.get_by_role("region", name="Search results")
    expect(found.get_by_role("status")).to_have_text(LOADING)
    words.take().fulfill(json={"neighbors": [], "why_empty": "nothing"})
    expect(found.get_by_role("status")).to_have_count(0)

    images = _Held(page, "**/neighbors/image")
    Image.fromarray(np.full((32, 32, 3), 90, np.uint8)).save(tmp_path / "grey.png")
    page.locator("input[accept='image/*']").set_input_files(tmp_path / "grey.png")
    asking = page.get_by_role("region", name="Nearest neighbors").get_by_role("status")
    expect(asking).to_have_text(LOADING)
    images.take().continue_()
    expect(page.locator(".neighbor")).to_have_count(20, timeout=120_000)
    expect(asking).to_have_count(0)

    with page.expect_response("**/neighbors/model") as told:
        page.locator("input[accept='image/*']").set_input_files(tmp_path / "grey.png")
    assert told.value.json()["is_loaded"] is True
    expect(asking).to_have_text("Searching …")
    images.take().continue_()
    expect(asking).to_have_count(0)
