"""The sample project, indexed and served as a user would, in a real Chromium.

Playwright's loop runs in this thread while it is open, and other tests call ``asyncio.run``; so it is opened anew for
every file of tests, while sample and server last.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from tests.browser.judging import COLLECTION, reviews
from tests.browser.many import many_server  # noqa: F401 (a fixture)
from tests.browser.serving import MAP_IS_PAINTED, serve
from tests.browser.stamps import stamps  # noqa: F401 (a fixture)
from tests.copies import copy_data

FLAGS = [
    *("--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
    "--disable-gpu-compositing",  # only the map is drawn by GL, which costs a page a quarter less here
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is; without one the tests are skipped, but in CI that is a failure."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None and os.environ.get("CI"):
        pytest.fail("no Chromium on the PATH, and CI must not skip the browser tests; install 'chromium'")
    if found is None:
        pytest.skip("no Chromium on the PATH; install 'chromium' to run the browser tests")
    return found


@pytest.fixture(scope="session")
def sample(chromium, request, tmp_path_factory) -> Path:
    """A data directory with the sample project in it. BROWSER_SAMPLE names one that is ready, to save minutes."""
    ready = os.environ.get("BROWSER_SAMPLE") or request.getfixturevalue("indexed_sample")
    return copy_data(ready, tmp_path_factory.mktemp("browser") / "data")


@pytest.fixture(scope="session")
def server(chromium, sample) -> Iterator[str]:
    """Address of a server with the sample."""
    with serve(sample) as url:
        yield url


@pytest.fixture(scope="module")
def browser(chromium) -> Iterator[Browser]:
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield opened
        opened.close()


N_UNDONE = 100
PATIENCE_MS = 5_000  # for verdicts of a test that are on their way
"""Verdicts of a test, at most."""
WINDOW = {"viewport": {"width": 1400, "height": 900}, "reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def window(browser) -> Iterator[BrowserContext]:
    """What pages share, for the sake of the browser's cache: scripts are loaded once, not for every test."""
    context = browser.new_context(**WINDOW)
    yield context
    context.close()


@pytest.fixture
def faults() -> list[str]:
    """Errors that pages met; a test that means to cause one takes it out."""
    return []


@pytest.fixture
def open_page(browser, window, faults) -> Iterator[Callable[..., Page]]:
    """Open an address, with options in a fresh window; no page may meet an error or ask another host for anything."""
    contexts: list[BrowserContext] = []
    pages: list[Page] = []

    def open_(url: str, **options: object) -> Page:
        if options:
            contexts.append(browser.new_context(**{**WINDOW, **options}))
        page = (contexts[-1] if options else window).new_page()
        pages.append(page)
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("console", lambda message: message.type == "error" and faults.append(f"console: {message.text}"))
        page.on("request", lambda request: _is_foreign(request.url) and faults.append(f"foreign: {request.url}"))
        page.on("response", lambda answer: answer.status >= 400 and faults.append(f"{answer.status}: {answer.url}"))
        page.goto(url)
        return page

    yield open_
    for opened in (*pages, *contexts):
        opened.close()
    assert faults == []


def _is_foreign(url: str) -> bool:
    return url.startswith(("http", "ws")) and not url.split("://", 1)[1].startswith("127.0.0.1:")


@pytest.fixture
def explorer(open_page, server) -> Page:
    """The explorer with the sample's map on the screen."""
    page = open_page(server)
    page.wait_for_function(MAP_IS_PAINTED)
    return page


@pytest.fixture
def place_of(explorer) -> Callable[[int], tuple[float, float]]:
    """Where a row of the map is in the window, in CSS pixels."""

    def place(row: int) -> tuple[float, float]:
        box = explorer.locator(".point-map-canvas").bounding_box()
        assert box is not None
        x, y = explorer.evaluate("row => lookalike.map.camera.toScreen(...lookalike.map.columns.position(row))", row)
        return box["x"] + x, box["y"] + y

    return place


@pytest.fixture(scope="module")
def own_server(sample, tmp_path_factory):
    """A server of these tests alone, because verdicts change what others count on."""
    with serve(copy_data(sample, tmp_path_factory.mktemp("judging") / "data")) as url:
        yield url


@pytest.fixture
def desk(open_page, own_server):
    """The explorer with suspects listed; verdicts that a test leaves behind are taken back."""
    page = open_page(own_server)
    page.wait_for_function(MAP_IS_PAINTED)
    page.wait_for_function("() => document.querySelectorAll('.suspect').length === 24")
    yield page
    with suppress(Error):  # of a page that was closed, or whose requests are held back
        page.wait_for_function("() => lookalike.queue.orders.length === 0", timeout=PATIENCE_MS)
    for _ in range(N_UNDONE):  # one takes back all that were given with it
        if not (standing := reviews(page, own_server)):
            return
        undone = {"who": "test", "review_id": standing[0]["id"]}
        page.request.post(f"{own_server}/api/v1/{COLLECTION}/reviews/undo", data=undone)
    raise AssertionError(f"{standing} stand still")
