"""Work from the first suspect to the source, with keys alone: 200 wrong labels, and an export of twenty."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect
from sklearn.datasets import load_digits

from tests.browser.judging import COLLECTION, SELECTED
from tests.browser.serving import MAP_IS_PAINTED, lookalike_command, serve

N_WRONG, MOST_KEYS_PER_SUSPECT = 200, 1.2
N_EXPORTED = 20
PER_ROW, PER_SHEET, CELL_PX = 10, 60, 32
MOST_SUSPECTS = 400
"""The ranking has failed if so many do not have all wrong labels among them."""

CURRENT = """last => {
  const card = document.querySelector('.suspect.is-current');
  if (card === null || card.dataset.pointId === last || lookalike.selected.id !== card.dataset.pointId) return null;
  const name = (kind) => card.querySelector(kind).title;
  return { id: card.dataset.pointId, given: name('.is-given'), suggested: name('.is-suggested'),
    isGroup: card.querySelector('.suspect-mates') !== null };
}"""
"""The suspect that keys are about, once it is another than the last one."""


def write_digits(root: Path, n_digits: int | None = None) -> list[str]:
    """Scikit-learn's digits on sheets, in COCO format, a ninth of them labelled wrong; gives the true classes."""
    digits, random = load_digits(), np.random.default_rng(0)
    truth = digits.target[:n_digits]
    labels = truth.copy()
    wrong = random.choice(len(truth), len(truth) * N_WRONG // len(digits.target), replace=False)
    labels[wrong] = (truth[wrong] + random.integers(1, 10, len(wrong))) % 10
    (root / "images").mkdir(parents=True)
    images, annotations = [], []
    for number, start in enumerate(range(0, len(truth), PER_SHEET), 1):
        sheet = Image.new("L", (PER_ROW * CELL_PX, PER_SHEET // PER_ROW * CELL_PX), 255)
        for place, row in enumerate(range(start, min(start + PER_SHEET, len(truth)))):
            x, y = place % PER_ROW * CELL_PX, place // PER_ROW * CELL_PX
            ink = Image.fromarray((255 - 15.9 * digits.images[row]).astype(np.uint8))
            sheet.paste(ink.resize((CELL_PX, CELL_PX), Image.Resampling.BICUBIC), (x, y))
            box = {"bbox": [x, y, CELL_PX, CELL_PX], "area": CELL_PX**2, "iscrowd": 0}
            annotations.append({"id": row + 1, "image_id": number, "category_id": int(labels[row]) + 1, **box})
        name = f"sheet_{number:02}.png"
        sheet.save(root / "images" / name)
        images.append({"id": number, "file_name": name, "width": sheet.width, "height": sheet.height})
    categories = [{"id": number + 1, "name": str(number)} for number in range(10)]
    coco = {"images": images, "annotations": annotations, "categories": categories}
    (root / "annotations.json").write_text(json.dumps(coco))
    return [str(one) for one in truth]


def labels_of(root: Path) -> list[str]:
    """Classes in the source, in the order of the digits."""
    coco = json.loads((root / "annotations.json").read_text())
    names = {category["id"]: category["name"] for category in coco["categories"]}
    return [names[one["category_id"]] for one in sorted(coco["annotations"], key=lambda one: one["id"])]


@contextmanager
def served(root: Path, data_dir: Path) -> Iterator[str]:
    """Index a source, make a map, and serve them; gives the address."""
    for command in (("index", root), ("project", "--method", "pca")):
        subprocess.run(lookalike_command(*command, "--data-dir", data_dir), check=True, capture_output=True)
    with serve(data_dir) as url:
        yield url


@dataclass
class Curator:
    """A person who knows each digit on sight and has only a keyboard; every press is counted."""

    page: Page
    truth: dict[str, str]
    wrong: set[str]
    n_keys: int = 0
    judged: list[str] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.n_keys += 1

    def judge_next(self) -> None:
        last = self.judged[-1] if self.judged else None
        suspect = self.page.wait_for_function(CURRENT, arg=last).json_value()
        assert not suspect["isGroup"], "wrong labels that are far apart are no group"
        true = self.truth[suspect["id"]]
        if suspect["given"] == true:
            self.press("d")
        elif suspect["suggested"] == true:
            self.press("a")
        else:
            self.press("c", *true, "Enter")
        self.judged.append(suspect["id"])
        self.wrong.discard(suspect["id"])


def rows_of_points(page: Page, url: str) -> dict[str, int]:
    """Which digit each point is, by its place."""
    points, offset = [], 0
    while offset is not None:
        body = page.request.get(f"{url}/api/v1/{COLLECTION}/points?limit=500&offset={offset}").json()
        points += body["points"]
        offset = body["next_offset"]
    rows = {}
    for point in points:
        left, top, _, _ = point["box"]
        sheet = int(point["image_name"].removeprefix("sheet_").removesuffix(".png")) - 1
        rows[point["id"]] = sheet * PER_SHEET + top // CELL_PX * PER_ROW + left // CELL_PX
    return rows


def test_whole_run__200_wrong_labels_are_corrected_by_keys_and_written_back(open_page, tmp_path):
    root = tmp_path / "digits"
    truth = write_digits(root)
    with served(root, tmp_path / "data") as url:
        page = open_page(url)
        review_all(page, url, root, truth)
        page.close()
    assert labels_of(root) == truth


def review_all(page: Page, url: str, root: Path, truth: list[str]) -> None:
    labels = labels_of(root)
    page.wait_for_function(MAP_IS_PAINTED)
    expect(page.locator(".suspect")).to_have_count(24)
    rows = rows_of_points(page, url)
    wrong = {point_id for point_id, row in rows.items() if labels[row] != truth[row]}
    assert len(wrong) == N_WRONG
    curator = Curator(page, {point_id: truth[row] for point_id, row in rows.items()}, wrong)

    curator.press("j")
    while curator.wrong and len(curator.judged) < MOST_SUSPECTS:
        curator.judge_next()
    assert curator.wrong == set()
    page.wait_for_function("() => lookalike.queue.orders.length === 0")
    assert len(set(curator.judged)) == len(curator.judged)  # nothing is asked twice
    n_suspects = len(curator.judged)

    curator.press("Shift+Digit7")
    expect(page.get_by_role("tabpanel", name="Reviewed", exact=True)).to_contain_text(f"Judged {n_suspects} of")
    curator.press("w")
    dialog = page.get_by_role("dialog", name="Write accepted classes back")
    expect(dialog).to_contain_text(f"{N_WRONG} labels in 1 file would be written.")
    expect(dialog.get_by_role("button", name=f"Write {N_WRONG} labels")).to_be_focused()
    curator.press("Enter")
    expect(dialog).to_contain_text(f"{N_WRONG} labels in 1 file written.")
    expect(dialog.get_by_role("button", name="Done")).to_be_focused()
    curator.press("Enter")
    expect(dialog).to_have_count(0)
    assert curator.n_keys <= MOST_KEYS_PER_SUSPECT * n_suspects


def test_keyboard__twenty_suspects_are_reviewed_exported_and_written_back(open_page, tmp_path):
    root = tmp_path / "digits"
    write_digits(root, 420)
    with served(root, tmp_path / "data") as url:
        page = open_page(url)
        review_twenty(page, url, root)
        page.close()


def review_twenty(page: Page, url: str, root: Path) -> None:
    page.wait_for_function(MAP_IS_PAINTED)
    expect(page.locator(".suspect")).to_have_count(24)
    rows, before = rows_of_points(page, url), labels_of(root)
    page.keyboard.press("j")
    judged: dict[str, str | None] = {}
    for number in range(N_EXPORTED):
        page.wait_for_function(f"known => {SELECTED} !== null && !known.includes({SELECTED})", arg=list(judged))
        current = page.locator(".suspect.is-current")
        expect(current).to_be_focused()
        is_accepted = number % 2 == 1
        judged[page.evaluate(SELECTED)] = (
            current.locator(".is-suggested").get_attribute("title") if is_accepted else None
        )
        page.keyboard.press("a" if is_accepted else "d")
    page.wait_for_function("() => lookalike.queue.orders.length === 0")
    wanted = {point_id: name for point_id, name in judged.items() if name}

    page.keyboard.press("Shift+Digit7")
    expect(page.get_by_role("tabpanel", name="Reviewed", exact=True)).to_contain_text("Judged")
    page.keyboard.press("e")
    export = page.get_by_role("dialog", name="Export")
    expect(export.get_by_label("All of the collection")).to_be_focused()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    table = list(csv.DictReader(download.value.path().read_text().splitlines()))
    exported = {row["id"]: row["accepted_class"] for row in table if row["id"] in judged}
    assert exported == {point_id: name or "" for point_id, name in judged.items()}
    page.keyboard.press("Escape")
    expect(export).to_have_count(0)

    page.keyboard.press("w")
    dialog = page.get_by_role("dialog", name="Write accepted classes back")
    expect(dialog.get_by_role("button", name=f"Write {len(wanted)} labels")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text(f"{len(wanted)} labels in 1 file written.")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    after = labels_of(root)
    changed = {row: after[row] for row in range(len(after)) if after[row] != before[row]}
    assert changed == {rows[point_id]: name for point_id, name in wanted.items()}
