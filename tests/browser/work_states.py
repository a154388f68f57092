"""States of the page in the middle of work, and after it: what is found, uploaded, written, saved, refused or lost."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2
import numpy as np
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.intercepting import CALLBACKS, intercept
from tests.browser.serving import MAP_IS_PAINTED
from tests.browser.states import FAULT, PROBLEM, State, close_jobs, point

RUN_MS: Final = 240_000
ARCHIVE: Final = "sheets-photographed-in-the-third-summer-of-the-survey.zip"
PICTURE: Final = "detail_of_the_title_page_of_the_first_edition.png"
_DATASETS: Final = ("sheets-lent-by-the-university-library-in-spring", "sheets-found-in-the-attic-of-the-town-hall")
_EMPTY_LABELS: Final = b'{"size": {"height": 48, "width": 48}, "objects": [], "tags": []}'
_FOLDER: Final = "/srv/photographs-of-the-collection/sheets-scanned-at-the-old-reading-room"
_NOW: Final = "2026-03-01T10:00:00Z"


def _run(number: int, **facts: Any) -> dict[str, Any]:
    """A run as the server tells of it; it is at work unless ``facts`` say how it ended."""
    unknown = dict.fromkeys(("total", "rate_per_s", "seconds_left", "finished_at", "result", "error"))
    known = {"id": f"run-{number}", "kind": "index", "collection": "printed-symbols-of-the-city-archive-2026"}
    return unknown | known | {"source": _FOLDER, "state": "running", "stage": "", "done": 0, "started_at": _NOW} | facts


RUNS: Final = (
    _run(1, stage="embedding", done=123_456, total=1_234_567, rate_per_s=431.5, seconds_left=2575),
    _run(2, kind="project", source=None, stage="finding neighbors"),
    _run(3, state="failed", finished_at=_NOW, error={"detail": f"{_FOLDER} does not exist; give the path of a folder"}),
    _run(4, state="cancelled", finished_at=_NOW),
)
"""At work and come to nothing: none of them lasts long enough on a test's server."""


def _picture() -> bytes:
    pixels = np.random.default_rng(7).integers(0, 255, (48, 48, 3), dtype=np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


def _archive() -> bytes:
    """A zip with a project of two datasets."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("meta.json", '{"classes": [], "tags": [], "projectType": "images"}')
        for dataset in _DATASETS:
            archive.writestr(f"{dataset}/img/{PICTURE}", _picture())
            archive.writestr(f"{dataset}/ann/{PICTURE}.json", _EMPTY_LABELS)
    return file.getvalue()


@contextmanager
def _found_by_box(page: Page) -> Iterator[None]:
    neighbors = page.get_by_role("region", name="Nearest neighbors")
    with point(page):
        page.locator("#point-image").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        expect(neighbors).to_contain_text("Nearest to the drawn box", timeout=RUN_MS)
        expect(neighbors.locator(".neighbor")).to_have_count(20)
        yield
        neighbors.get_by_role("button", name="Back to the point").click()
        expect(neighbors).to_contain_text("Nearest neighbors")


@contextmanager
def _found_by_image(page: Page) -> Iterator[None]:
    neighbors = page.get_by_role("region", name="Nearest neighbors")
    upload = {"name": PICTURE, "mimeType": "image/png", "buffer": _picture()}
    page.locator("input[accept='image/*']").set_input_files(upload)  # type: ignore[arg-type]
    expect(neighbors).to_contain_text(PICTURE, timeout=RUN_MS)
    expect(neighbors.locator(".neighbor")).to_have_count(20, timeout=RUN_MS)
    yield
    neighbors.get_by_role("button", name="Close").click()


def _open_index_dialog(page: Page) -> Locator:
    page.get_by_role("button", name="Jobs").click()
    page.locator(".jobs").get_by_role("button", name="Index images").click()
    return page.get_by_role("dialog", name="Index images")


def _upload(dialog: Locator, content: bytes) -> None:
    upload = {"name": ARCHIVE, "mimeType": "application/zip", "buffer": content}
    dialog.get_by_label("Or upload a zip archive").set_input_files(upload)  # type: ignore[arg-type]


def _close(page: Page, dialog: Locator) -> None:
    dialog.get_by_role("button", name="Close").first.click()
    close_jobs(page)


@contextmanager
def _uploaded(page: Page) -> Iterator[None]:
    dialog = _open_index_dialog(page)
    _upload(dialog, _archive())
    expect(dialog).to_contain_text(re.compile(r"5 files unpacked, [1-9]\d* kB"))
    expect(dialog.get_by_role("treeitem").first).to_be_visible()
    dialog.get_by_role("treeitem").first.click()
    yield
    _close(page, dialog)


@contextmanager
def _refused_upload(page: Page) -> Iterator[None]:
    dialog = _open_index_dialog(page)
    _upload(dialog, b"no archive")
    expect(dialog.get_by_role("alert")).to_contain_text("no zip archive")
    yield
    _close(page, dialog)


@contextmanager
def _jobs_at_work(page: Page) -> Iterator[None]:
    runs = re.compile("/api/v1/runs$")
    intercept(page, runs, lambda route: route.fulfill(json=[*RUNS]))
    page.get_by_role("button", name="Jobs").click()
    expect(page.locator(".jobs").get_by_role("progressbar")).to_have_count(2)
    yield
    page.unroute(runs)
    close_jobs(page)


@contextmanager
def _jobs_done(page: Page) -> Iterator[None]:
    page.get_by_role("button", name="Jobs").click()
    reports = page.locator(".jobs").get_by_text("Report", exact=True)
    expect(reports.first).to_be_visible()
    yield
    close_jobs(page)


@contextmanager
def _written_back(page: Page) -> Iterator[None]:
    dialog = _open_reviewed(page, "Write back", "Write accepted classes back")
    dialog.get_by_role("button", name=re.compile(r"^Write \d+ label")).click()
    expect(dialog).to_contain_text("written.", timeout=RUN_MS)
    yield
    dialog.get_by_role("button", name="Take this run back").click()
    expect(dialog).to_contain_text("would be written", timeout=RUN_MS)
    _leave_reviewed(page, dialog)


@contextmanager
def _taken_back(page: Page) -> Iterator[None]:
    dialog = _open_reviewed(page, "Write back", "Write accepted classes back")
    dialog.get_by_role("button", name=re.compile(r"^Write \d+ label")).click()
    dialog.get_by_role("button", name="Take this run back").click(timeout=RUN_MS)
    expect(dialog).to_contain_text("would be written", timeout=RUN_MS)
    yield
    _leave_reviewed(page, dialog)


@contextmanager
def _exported(page: Page) -> Iterator[None]:
    dialog = _open_reviewed(page, "Export", "Export")
    dialog.get_by_label("coco: an annotation").check()
    with page.expect_download(timeout=RUN_MS):
        dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog.get_by_role("status")).to_contain_text("your browser saves", timeout=RUN_MS)
    yield
    _leave_reviewed(page, dialog)


@contextmanager
def _exported_to_folder(page: Page) -> Iterator[None]:
    with TemporaryDirectory(prefix="labels-of-the-printed-symbols-as-reviewed-in-spring-") as folder:
        dialog = _open_reviewed(page, "Export", "Export")
        dialog.get_by_label("coco: an annotation").check()
        dialog.get_by_label("A folder on the server's machine").check()
        dialog.get_by_label("Path of the folder").fill(f"{folder}/first-edition")
        dialog.get_by_role("button", name="Save", exact=True).click()
        expect(dialog.get_by_role("status")).to_contain_text(folder, timeout=RUN_MS)
        yield
        _leave_reviewed(page, dialog)


def _open_reviewed(page: Page, button: str, name: str) -> Locator:
    page.get_by_role("tab", name="Reviewed").click()
    page.get_by_role("tabpanel", name="Reviewed").get_by_role("button", name=button).click()
    return page.get_by_role("dialog", name=name)


def _leave_reviewed(page: Page, dialog: Locator) -> None:
    dialog.get_by_role("button", name="Close").first.click()
    expect(dialog).to_have_count(0)
    page.get_by_role("tab", name="Suspects").click()


@contextmanager
def _judged_by_two(page: Page) -> Iterator[None]:
    """Somebody else was faster, and the page hears of it by the answer alone."""
    held: list[Route] = []
    intercept(page, CALLBACKS, held.append)
    card = page.locator(".suspect").first
    card.click()
    reviews = f"/api/v1/collections/{page.evaluate('lookalike.dock.collection.name')}/reviews"
    verdict = {
        "ids": [card.get_attribute("data-point-id")],
        "verdict": "dismiss",
        "who": "Bartholomew Featherstone",
    }
    given = page.request.post(page.url.partition("/?")[0] + reviews, data=verdict)
    assert given.ok, given.text()
    page.keyboard.press("a")
    refusal = page.get_by_role("alert").filter(has_text="Not recorded")
    expect(refusal).to_contain_text("meanwhile")
    yield
    refusal.get_by_role("button", name="Close").click()
    page.unroute(CALLBACKS)
    for route in held:
        route.continue_()
    undone = {"who": "test", "review_id": given.json()[0]["id"]}
    assert page.request.post(page.url.partition("/?")[0] + reviews + "/undo", data=undone).ok


@contextmanager
def _failed_map(page: Page) -> Iterator[None]:
    """Another map was chosen, and it did not arrive."""
    maps = re.compile(r"/map\?|/positions\?")
    chosen = page.get_by_role("textbox", name="Projection")
    before = chosen.input_value()
    intercept(page, maps, lambda route: route.fulfill(status=500, body=FAULT, content_type=PROBLEM))
    chosen.click()
    page.get_by_role("option", name="PCA").click()
    status = page.get_by_role("status").filter(has_text="The disk of the server is full")
    expect(status).to_be_visible()
    yield
    page.unroute(maps)
    status.get_by_role("button", name="Retry").click()
    page.wait_for_function(MAP_IS_PAINTED)
    expect(page.locator("#map-caption")).to_contain_text("PCA")
    chosen.click()
    page.get_by_role("option", name=before, exact=True).click()
    expect(page.locator("#map-caption")).to_contain_text(before.partition(" ")[0])
    page.wait_for_function(MAP_IS_PAINTED)


@contextmanager
def _failed_second_map(page: Page) -> Iterator[None]:
    maps = re.compile(r"/positions\?")
    intercept(page, maps, lambda route: route.fulfill(status=500, body=FAULT, content_type=PROBLEM))
    page.get_by_role("radio", name="Two maps", exact=True).check(force=True)
    second = page.get_by_role("region", name="Second map")
    expect(second.get_by_role("alert")).to_contain_text("disk of the server")
    yield
    page.unroute(maps)
    second.get_by_role("button", name="Retry").click()
    expect(second.get_by_role("alert")).to_have_count(0)
    page.get_by_role("radio", name="Map", exact=True).check(force=True)


WORK_STATES: Final = (
    State("failed map", _failed_map, part=".map-panel, .header"),
    State("failed second map", _failed_second_map, part=".map-panel"),
    State("uploaded archive", _uploaded, part="dialog[open]"),
    State("refused archive", _refused_upload, part="dialog[open]"),
    State("jobs at work", _jobs_at_work, part=".jobs"),
    State("written back", _written_back, part="dialog[open]"),
    State("taken back", _taken_back, part="dialog[open]"),
    State("exported", _exported, part="dialog[open]"),
    State("exported to a folder", _exported_to_folder, part="dialog[open]"),
    State("jobs that are done", _jobs_done, part=".jobs"),
    State("judged by two", _judged_by_two, part=".review-bar, .header"),
    State("found by an image", _found_by_image, part=".neighbors"),
    State("found by a box", _found_by_box, part=".point, .neighbors"),
)
"""In this order: jobs are done once something was written and saved, and the point that is looked at stays."""
