"""Two real photographs in pieces, with tags, two annotators and times of edit: facets, colours, lists and exports."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect
from sklearn.datasets import load_sample_images

from tests.browser.serving import MAP_IS_PAINTED, MATCHING, Server, lookalike_command
from tests.browser.test_accessibility import axe, violations  # noqa: F401 (axe is a fixture)
from tests.browser.test_colouring import COLUMN, PAINTED_BY
from tests.source_formats import sly_annotation, sly_rectangle, write_json

CLASSES = ("architecture/pagoda", "plants/flower")
"""The class that the first photograph shows, and that of the second."""
PIECE_HW, OBJECT_HW = (140, 160), (70, 80)
N_PIECES, N_OBJECTS = 24, 26 * 4
WRONG = {(7, 2), (17, 1)}
"""Piece and object of the labels that are wrong."""
COPIES = {20: "autumn", 13: "spring"}
"""Pieces that are there once more, by the dataset of the copy: the first one is a leak."""
RUN_MS = 120_000


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the pieces, indexed, and a map."""
    root = tmp_path_factory.mktemp("photographs")
    write_pieces(root / "pieces")
    for command in (("index", root / "pieces"), ("project", "--method", "pca")):
        arguments = (*command, "--data-dir", root / "data")
        subprocess.run(lookalike_command(*arguments), check=True, capture_output=True)
    return root / "data"


def write_pieces(root: Path) -> None:
    """Twelve pieces of each photograph in Supervisely's format, four objects each, one piece edited per day."""
    classes = [{"title": name, "shape": "any", "color": color} for name, color in zip(CLASSES, COLORS, strict=True)]
    write_json(root / "meta.json", {"classes": classes, "tags": [{"name": "blurred", "value_type": "none"}]})
    for number in range(N_PIECES):
        photograph, place = divmod(number, N_PIECES // 2)
        top, left = place // 4 * PIECE_HW[0], place % 4 * PIECE_HW[1]
        pixels = load_sample_images().images[photograph][top : top + PIECE_HW[0], left : left + PIECE_HW[1], ::-1]
        objects = [_object(number, place, CLASSES[(photograph + ((number, place) in WRONG)) % 2]) for place in range(4)]
        _write_piece(root / "spring", f"piece_{number:02}.png", pixels, objects)
        if number in COPIES:
            _write_piece(root / COPIES[number], f"copy_{number:02}.png", pixels, objects)


COLORS = ("#c2410c", "#7e22ce")


def _object(piece: int, place: int, class_name: str) -> dict[str, Any]:
    top, left = place // 2 * OBJECT_HW[0], place % 2 * OBJECT_HW[1]
    return sly_rectangle(class_name, (left, top, left + OBJECT_HW[1], top + OBJECT_HW[0])) | {
        "id": 100 * piece + place + 1,
        "labelerLogin": ("ann", "bob")[place % 2],
        "updatedAt": f"2026-03-{piece + 1:02}T10:00:00.000Z",
        "tags": [{"name": "blurred"}] if (piece, place) in {(3, 0), (3, 1), (9, 0)} else [],
    }


def _write_piece(dataset: Path, name: str, pixels: Any, objects: list[dict[str, Any]]) -> None:
    (dataset / "img").mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(dataset / "img" / name), pixels)
    write_json(dataset / "ann" / f"{name}.json", sly_annotation(PIECE_HW, objects))


@pytest.fixture(scope="module")
def photo_server(chromium: str, photographs: Path) -> Iterator[Server]:
    server = Server(photographs)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def page(open_page, photo_server) -> Page:
    opened = open_page(photo_server.url)
    opened.wait_for_function(MAP_IS_PAINTED)
    opened.wait_for_function("() => location.search.includes('projection=')")
    return opened


def facet(page: Page, name: str):
    return page.get_by_role("region", name=name, exact=True)


def counts_of(page: Page, name: str) -> dict[str, str]:
    rows = facet(page, name).locator(".facet-value")
    expect(rows.first).to_be_visible()
    return {row.locator(".facet-name").inner_text(): row.locator(".facet-count").inner_text() for row in rows.all()}


def expect_matching(page: Page, count: int) -> None:
    """The words say it, the map greys the rest, and a gallery holds no more."""
    expect(page.locator(".map-panel .chip-count")).to_have_text(f"{count} of {N_OBJECTS} match")
    page.wait_for_function(f"count => ({MATCHING})() === count", arg=count)
    page.get_by_role("radio", name="Gallery", exact=True).check(force=True)
    expect(page.locator(".views-count")).to_have_text(f"{count} points")
    page.get_by_role("radio", name="Map", exact=True).check(force=True)


def test_facets__of_tag_and_annotator_narrow_and_stay_in_the_address(page, axe):  # noqa: F811 (a fixture)
    assert counts_of(page, "Tag") == {"blurred": "3"}
    assert counts_of(page, "Annotator") == {"ann": "52", "bob": "52"}
    page.get_by_role("checkbox", name="blurred", exact=True).check()
    expect_matching(page, 3)
    page.get_by_role("checkbox", name="ann", exact=True).check()
    expect_matching(page, 2)
    assert violations(page, axe, part=".filter-panel") == []
    page.reload()
    page.wait_for_function(MAP_IS_PAINTED)
    expect_matching(page, 2)
    page.get_by_role("button", name="Take away tag blurred").click()
    expect_matching(page, 52)


def test_facets__of_the_time_of_edit_are_days_from_and_to(page):
    edited = facet(page, "Time of edit")
    expect(edited).to_contain_text(f"Known of {N_OBJECTS}, 2026-03-01 to 2026-03-24")
    edited.get_by_label("Edited from").fill("2026-03-23")
    expect_matching(page, 2 * 4)
    edited.get_by_label("Edited to").fill("2026-03-23")
    expect_matching(page, 4)
    page.reload()
    page.wait_for_function(MAP_IS_PAINTED)
    expect_matching(page, 4)
    edited.get_by_role("button", name="Clear time of edit").click()
    expect(page.locator(".chip-count")).to_have_count(0)


def test_colour_by__the_time_of_edit_has_its_days_at_the_ends_of_a_ramp(page):
    page.get_by_label("Colour by").select_option("Time of edit")
    page.wait_for_function(PAINTED_BY, arg="edited")
    legend = page.get_by_role("group", name="Legend of time of edit")
    expect(legend.get_by_text("first, 2026-03-01", exact=True)).to_be_visible()
    expect(legend.get_by_text("last, 2026-03-24", exact=True)).to_be_visible()
    values = page.evaluate(COLUMN, "edited")
    assert page.evaluate("[...lookalike.map.columns.value]") == values
    assert len(set(values)) == 24


def test_duplicates__a_leak_comes_before_copies_in_one_dataset(page):
    page.get_by_role("tab", name="Duplicates", exact=True).click()
    panel = page.get_by_role("tabpanel", name="Duplicates", exact=True)
    panel.get_by_label("Lowest similarity").press("End")
    groups = panel.get_by_role("listitem")
    expect(groups).to_have_count(8)
    assert ["leak: autumn, spring" in text for text in groups.all_inner_texts()] == 4 * [True] + 4 * [False]
    panel.get_by_role("button", name="Leaks", exact=True).click()
    expect(groups).to_have_count(4)


def test_exports__tell_tags_and_accepted_classes(page, photo_server):
    """The wrong labels are the first suspects, and one of them is accepted."""
    wanted = {100 * piece + place + 1 for piece, place in WRONG}
    cards = page.locator(".suspect")
    expect(cards.nth(1)).to_be_visible()
    suspects = photo_server.ask("suspects?limit=2")["suspects"]
    assert {int(one["object_key"]) for one in suspects} == wanted
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_function("() => lookalike.queue.orders.length === 0 && lookalike.queue.verdicts.length === 1")
    (review,) = photo_server.ask("reviews")["reviews"]

    page.get_by_role("tab", name="Reviewed", exact=True).click()
    page.get_by_role("tabpanel", name="Reviewed", exact=True).get_by_role("button", name="Export").click()
    dialog = page.get_by_role("dialog", name="Export")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(save(page, dialog, "Short CSV table").decode()))}
    assert rows[review["point_id"]]["accepted_class"] == review["class_name"]
    assert [row["tags"] for row in rows.values() if row["tags"]] == 3 * ['["blurred"]']

    coco = json.loads(save(page, dialog, "coco: an annotation"))
    attributes = {one["attributes"]["point_id"]: one["attributes"] for one in coco["annotations"]}
    names = {one["id"]: one["name"] for one in coco["categories"]}
    (corrected,) = [one for one in coco["annotations"] if one["attributes"]["point_id"] == review["point_id"]]
    assert names[corrected["category_id"]] == review["class_name"]
    assert corrected["attributes"]["given_class"] == review["given_class"]
    table = pq.read_table(io.BytesIO(save(page, dialog, "parquet: a table"))).to_pylist()
    stored = {row["id"]: row for row in table}
    assert json.loads(stored[review["point_id"]]["review"])["class_name"] == review["class_name"]
    assert (
        sum(row["tags"] == ["blurred"] for row in table)
        == sum(one.get("tags") == ["blurred"] for one in attributes.values())
        == 3
    )


def save(page: Page, dialog, label: str) -> bytes:
    """Save all points in a format; gives the file."""
    dialog.get_by_label(label).check()
    with page.expect_download(timeout=RUN_MS) as download:
        dialog.get_by_role("button", name="Save", exact=True).click()
    return download.value.path().read_bytes()


def test_terminal__a_map_that_a_command_makes_is_noticed_without_reload(page, photographs):
    command = lookalike_command("project", "--method", "pca", "--metric", "euclidean", "--data-dir", photographs)
    subprocess.run(command, check=True, capture_output=True)
    expect(page.locator("#map-caption")).to_contain_text("PCA · euclidean", timeout=RUN_MS)
    page.wait_for_function(MAP_IS_PAINTED)
