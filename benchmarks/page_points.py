"""Points for a page: small pictures of flat colours in COCO format, a few of them labelled wrong, embedded by colour.

python -m benchmarks.page_points DATA_DIR N_OBJECTS    # beside the server of that data directory
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from indexer.domain import Embeddings, Pixels, ignore_progress
from indexer.embedders.base import EmbedderSpec
from indexer.embedders.embedders import Embedders
from indexer.settings import IndexerSettings
from indexer.sources.opening import open_source
from lookalike.console import errors_as_exit_codes
from lookalike.run_worker import Owner, find_owner, run_beside
from lookalike.wire.runs import IndexRun

N_CLASSES: Final = 20
PER_IMAGE: Final = 10
SIDE_PX: Final = 32
WRONG_SHARE: Final = 0.03
DIMENSION: Final = 384
_STEP: Final = 50
"""Colours of neighboring classes differ by that much, so that they survive any file format."""


def write_project(folder: Path, n_objects: int) -> Path:
    """Write images of ten coloured squares each, with annotations; gives the folder."""
    random = np.random.default_rng(0)
    shown = random.integers(0, N_CLASSES, n_objects)
    is_wrong = random.random(n_objects) < WRONG_SHARE
    labels = np.where(is_wrong, (shown + 1 + random.integers(0, N_CLASSES - 1, n_objects)) % N_CLASSES, shown)
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    for image, start in enumerate(range(0, n_objects, PER_IMAGE), start=1):
        colours = [_colour_of(int(number)) for number in shown[start : start + PER_IMAGE]]
        name = f"sheet_{image:06d}.png"
        pixels = np.repeat(np.repeat(np.array([colours], dtype=np.uint8), SIDE_PX, axis=0), SIDE_PX, axis=1)
        cv2.imwrite(str(folder / "images" / name), pixels)
        images.append({"id": image, "file_name": name, "width": SIDE_PX * len(colours), "height": SIDE_PX})
        for place in range(len(colours)):
            box = [place * SIDE_PX, 0, SIDE_PX, SIDE_PX]
            entry = {"bbox": box, "area": SIDE_PX**2, "iscrowd": 0, "category_id": int(labels[start + place]) + 1}
            annotations.append({"id": len(annotations) + 1, "image_id": image} | entry)
    names = [f"shapes/flat-colours/number-{number:03d}" for number in range(N_CLASSES)]
    categories = [{"id": number, "name": name} for number, name in enumerate(names, start=1)]
    coco = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "annotations.json").write_text(json.dumps(coco))
    return folder


def _colour_of(number: int) -> tuple[int, int, int]:
    """Blue, green and red of a class."""
    return (number // 5 * _STEP, number % 5 * _STEP, 128)


class ColourClouds:
    """One cloud of vectors per colour; the network that is left out would cost minutes and change nothing here."""

    spec = EmbedderSpec(name="synthetic:colours", fingerprint="1", dimension=DIMENSION, input_size_hw=(8, 8))
    is_loaded = True
    batch_size = 256

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)
        self._centers = self._random.standard_normal((N_CLASSES, DIMENSION))

    def prepare(self, crop: Pixels) -> Pixels:
        """The corner of a crop, uint8 RGB (8, 8, 3)."""
        return crop[:8, :8]

    def embed(self, inputs: Sequence[Pixels]) -> Embeddings:
        """Vectors, float32 (N, D)."""
        colours = np.array([one[0, 0] for one in inputs]).astype(int)
        clouds = colours[:, 2] // _STEP * 5 + colours[:, 1] // _STEP
        noise = 0.9 * self._random.standard_normal((len(inputs), DIMENSION))
        return (self._centers[clouds] + noise).astype(np.float32)


def _open_colour_clouds(*_: object, **__: object) -> ColourClouds:
    return ColourClouds()


def main() -> None:
    """Write and index as many objects as asked for, beside the server of the data directory."""
    data_dir, n_objects = Path(sys.argv[1]), int(sys.argv[2])
    Embedders.open = _open_colour_clouds  # type: ignore[method-assign,assignment]
    with errors_as_exit_codes():
        server = find_owner(data_dir)
        if server is None:
            raise SystemExit("no server runs there")
        project = write_project(data_dir / "squares", n_objects)
        run, settings = IndexRun(source=str(project)), IndexerSettings(data_dir=data_dir)
        run_beside(Owner.of(server), run, settings, source=open_source(project), on_progress=ignore_progress)


if __name__ == "__main__":
    main()
