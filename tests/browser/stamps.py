"""A project whose names are long: 121 classes, two datasets and eleven sheets, each with forty letters and more.

A fourth of the classes have names of seventy letters. Patterns of 16 colours, one per class; the last one of every
sixth class is labelled as another.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

from tests.browser.serving import lookalike_command

N_CLASSES: Final = 121
N_PER_CLASS: Final = 4
PER_SHEET: Final = 44
KINDS: Final = (
    "outlined/lowercase-letter",
    "filled/uppercase-letter",
    "dotted/punctuation-mark",
    "hatched-by-hand-with-a-very-broad-pen/decimal-digit",
)
NAMES: Final = [f"symbols/alphabets/{KINDS[number % 4]}-{number:03d}" for number in range(N_CLASSES)]
PROJECT: Final = "printed-symbols-of-the-city-archive-2026"
DATASETS: Final = ("sheets-scanned-at-the-old-reading-room", "sheets-photographed-in-the-second-summer")
N_COPIES: Final = 6
"""Stamps that are printed once more, as they are, under the next class's name."""


@pytest.fixture(scope="session")
def stamps(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the stamps, indexed, and two maps. BROWSER_STAMPS names one that is ready."""
    if ready := os.environ.get("BROWSER_STAMPS"):
        return Path(ready)
    return prepare(tmp_path_factory.mktemp("stamps"))


def prepare(root: Path) -> Path:
    """Write the stamps, index them and make their maps; gives the data directory."""
    write_stamps(root / PROJECT)
    for command in (("index", root / PROJECT), ("project", "--method", "pca"), ("project",)):
        arguments = (*command, "--data-dir", root / "data")
        subprocess.run(lookalike_command(*arguments), check=True, capture_output=True)
    return root / "data"


def write_stamps(root: Path) -> None:
    """Write sheets of stamps with their COCO files, one per dataset."""
    random = np.random.default_rng(0)
    patterns = np.kron(random.integers(0, 256, (N_CLASSES, 4, 4, 3)), np.ones((1, 8, 8, 1)))
    labels = np.repeat(np.arange(N_CLASSES), N_PER_CLASS)
    shown = np.where(np.arange(len(labels)) % (6 * N_PER_CLASS) == 0, (labels + 1) % N_CLASSES, labels)
    stamped = patterns[shown] + random.normal(0, 12, (len(labels), 32, 32, 3))
    stamped[N_PER_CLASS : N_PER_CLASS + N_COPIES] = stamped[:N_COPIES]
    for number, dataset in enumerate(DATASETS):
        starts = range(number * PER_SHEET, len(labels), len(DATASETS) * PER_SHEET)
        _write_dataset(root, dataset, {start: stamped[start : start + PER_SHEET] for start in starts}, labels)


def _write_dataset(root: Path, dataset: str, sheets: dict[int, np.ndarray], labels: np.ndarray) -> None:
    """Write the sheets of one dataset: first row -> its stamps (44, 32, 32, 3)."""
    folder = root / "images" / dataset
    folder.mkdir(parents=True)
    (root / "annotations").mkdir(exist_ok=True)
    images, annotations = [], []
    for start, stamped in sheets.items():
        number = start // PER_SHEET + 1
        sheet = np.full((4 * 40, 11 * 40, 3), 255.0)
        for place, stamp in enumerate(stamped):
            x, y = 40 * (place % 11) + 4, 40 * (place // 11) + 4
            sheet[y : y + 32, x : x + 32] = stamp
            box = {"bbox": [x, y, 32, 32], "area": 1024, "iscrowd": 0, "category_id": int(labels[start + place]) + 1}
            annotations.append({"id": start + place + 1, "image_id": number, **box})
        name = f"scan_of_sheet_number_{number:03d}_of_the_first_edition.png"
        Image.fromarray(sheet.clip(0, 255).astype(np.uint8)).save(folder / name)
        images.append({"id": number, "file_name": name, "width": 440, "height": 160})
    categories = [{"id": number + 1, "name": name} for number, name in enumerate(NAMES)]
    coco = {"images": images, "annotations": annotations, "categories": categories}
    (root / "annotations" / f"instances_{dataset}.json").write_text(json.dumps(coco))
