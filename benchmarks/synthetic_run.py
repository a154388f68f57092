"""An index run over generated images with an embedder that costs next to nothing; hands points to the server."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from indexer.domain import Box, Embeddings, InstanceMode, Pixels, SourceImage, SourceObject, ignore_progress
from indexer.embedders.base import EmbedderSpec
from indexer.embedders.embedders import Embedders
from indexer.settings import IndexerSettings
from indexer.sources.base import Recognised
from indexer.sources.notes import SourceNotes
from lookalike.console import errors_as_exit_codes
from lookalike.run_worker import Owner, find_owner, run_beside
from lookalike.wire.runs import IndexRun

OBJECTS_PER_IMAGE = 10
DIMENSION = 384


class SyntheticSource:
    """Images of a few colours with ten objects each."""

    expects = "nothing"
    default_mode = InstanceMode.OBJECTS
    recognised = Recognised("synthetic")
    limits: Any = None

    def __init__(self, n_objects: int) -> None:
        self.key = self.project = "synthetic"
        self.notes = SourceNotes()
        self._n_images = n_objects // OBJECTS_PER_IMAGE
        pixels = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
        self._data = cv2.imencode(".png", pixels)[1].tobytes()

    def dataset_names(self) -> list[str]:
        """Names of the datasets."""
        return [""]

    def count_images(self, datasets: Sequence[str] | None = None) -> int:
        """Number of images."""
        return self._n_images

    def list_images(self, datasets: Sequence[str] | None = None) -> Iterator[SourceImage]:
        """Yield all images."""
        for number in range(self._n_images):
            key = f"{number}.png"
            yield SourceImage(key, key, "", f"/nowhere/{key}", pixels_stamp="1", annotation_stamp="1", size_hw=(32, 32))

    def describe(self, image: SourceImage) -> SourceImage:
        """Describe an image no further."""
        return image

    def read_objects(self, image: SourceImage) -> list[SourceObject]:
        """The objects of an image, one in another."""
        return [
            SourceObject(key=str(number), class_name=f"c{number}", geometry="rectangle", box=Box(number, 0, 32, 32))
            for number in range(OBJECTS_PER_IMAGE)
        ]

    def read_bytes(self, image: SourceImage) -> bytes:
        """The file of an image, the same for all."""
        return self._data


class CheapEmbedder:
    """Vectors in twenty clouds; neither pixels nor time count."""

    spec = EmbedderSpec(name="synthetic:clouds", fingerprint="1", dimension=DIMENSION, input_size_hw=(8, 8))
    is_loaded = True
    batch_size = 256

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)
        self._centers = self._random.standard_normal((20, DIMENSION))

    def prepare(self, crop: Pixels) -> Pixels:
        """The corner of a crop."""
        return crop[:8, :8]

    def embed(self, inputs: Sequence[Pixels]) -> Embeddings:
        """Vectors, float32 (N, D)."""
        chosen = self._centers[self._random.integers(0, 20, len(inputs))]
        return (chosen + 0.5 * self._random.standard_normal(chosen.shape)).astype(np.float32)


def _open_cheap_embedder(*_: object, **__: object) -> CheapEmbedder:
    return CheapEmbedder()


def main() -> None:
    """Index as many objects as the first argument says, beside the server of the data directory that the second is."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    n_objects, data_dir = int(sys.argv[1]), Path(sys.argv[2])
    Embedders.open = _open_cheap_embedder  # type: ignore[method-assign,assignment]
    with errors_as_exit_codes():
        server = find_owner(data_dir)
        if server is None:
            raise SystemExit("no server runs there")
        source: Any = SyntheticSource(n_objects)
        settings = IndexerSettings(data_dir=data_dir)
        run_beside(Owner.of(server), IndexRun(source="synthetic"), settings, source=source, on_progress=ignore_progress)
