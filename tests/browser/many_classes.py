"""Collections of many classes with long names, indexed in seconds: what is embedded are the pixels themselves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from indexer.domain import Embeddings, Pixels
from indexer.embedders.base import EmbedderSpec
from indexer.settings import IndexerSettings
from indexer.sources.opening import open_source
from indexer.workspace import Workspace

STAMP_PX, CELL_PX, COLUMNS, LINES = 32, 40, 20, 5
WRONG_EVERY = 6
"""The first object of every so manieth class is labelled as the class before."""


def long_names(n_classes: int) -> list[str]:
    """Names of 40 letters that differ in the middle only, with the same beginning and the same end."""
    return [f"warehouse_shelf_{number:04d}_front_view_closed_1" for number in range(n_classes)]


class PixelEmbedder:
    """The colours of a crop, 4 x 4 of them, around their middle: float32 (48,)."""

    spec = EmbedderSpec(name="fake:pixels", fingerprint="1", dimension=48, input_size_hw=(4, 4))
    is_loaded = True

    def prepare(self, crop: Pixels) -> Pixels:
        return cv2.resize(crop, (4, 4), interpolation=cv2.INTER_AREA)

    def embed(self, inputs: Sequence[Pixels]) -> Embeddings:
        return np.stack([one.reshape(-1).astype(np.float32) - 127.5 for one in inputs])


def write_stamps(root: Path, names: list[str], n_per_class: int) -> Path:
    """Write sheets of stamps in COCO format, one pattern per class, some labelled wrong; gives the folder."""
    random = np.random.default_rng(0)
    patterns = np.kron(random.integers(0, 256, (len(names), 4, 4, 3)), np.ones((1, 8, 8, 1)))
    labels = np.repeat(np.arange(len(names)), n_per_class)
    is_wrong = np.arange(len(labels)) % (WRONG_EVERY * n_per_class) == 0
    shown = np.where(is_wrong, (labels + 1) % len(names), labels)
    (root / "images").mkdir(parents=True)
    images, annotations = [], []
    for number, start in enumerate(range(0, len(labels), COLUMNS * LINES), 1):
        sheet = np.full((LINES * CELL_PX, COLUMNS * CELL_PX, 3), 255.0)
        for place, row in enumerate(range(start, min(start + COLUMNS * LINES, len(labels)))):
            x, y = CELL_PX * (place % COLUMNS) + 4, CELL_PX * (place // COLUMNS) + 4
            noise = random.normal(0, 12, (STAMP_PX, STAMP_PX, 3))
            sheet[y : y + STAMP_PX, x : x + STAMP_PX] = patterns[shown[row]] + noise
            box = {"bbox": [x, y, STAMP_PX, STAMP_PX], "area": STAMP_PX**2, "iscrowd": 0}
            entry = {"id": len(annotations) + 1, "image_id": number, "category_id": int(labels[row]) + 1}
            annotations.append(entry | box)
        name = f"photograph_of_the_warehouse_taken_by_camera_{number:03d}.png"
        Image.fromarray(sheet.clip(0, 255).astype(np.uint8)).save(root / "images" / name)
        images.append({"id": number, "file_name": name, "width": sheet.shape[1], "height": sheet.shape[0]})
    categories = [{"id": number + 1, "name": name} for number, name in enumerate(names)]
    coco = {"images": images, "annotations": annotations, "categories": categories}
    (root / "annotations.json").write_text(json.dumps(coco))
    return root


def index_stamps(root: Path, n_classes: int, n_per_class: int = 4) -> Path:
    """Write, index and map; gives the data directory."""
    source = write_stamps(root / "stamps", long_names(n_classes), n_per_class)
    with Workspace.open(IndexerSettings(data_dir=root / "data")) as workspace:
        workspace.embedders.open = lambda settings=None: PixelEmbedder()  # type: ignore[method-assign]
        workspace.index(open_source(source))
        workspace.maps.make(method="pca")
    return root / "data"
