"""Embeddings of Debian's ``dataset-fashion-mnist``, made once with the default embedder and kept in parts."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from indexer.embedders.base import Embedder
from indexer.embedders.opening import open_embedder

FOLDER = Path("/usr/share/datasets/fashion-mnist")
CACHE = Path("bench-results/fashion-mnist")
Part = Literal["train", "t10k"]
_PART_ROWS = 1000
_BATCH_ROWS = 100


def read_classes(n_points: int, *, part: Part = "train") -> npt.NDArray[np.uint8]:
    """Class numbers of the first images, uint8 (n_points,)."""
    return _read(f"{part}-labels-idx1-ubyte.gz", 8)[:n_points]


def read_embeddings(n_points: int, *, part: Part = "train", start: int = 0) -> npt.NDArray[np.float32]:
    """Embeddings of the images from ``start`` (a multiple of 1000) to ``n_points``, float32 (n, 1280), of length 1.

    What is not in the cache is embedded first: about a second for 25 images on one slow core.
    """
    images = _read(f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)
    embedder = open_embedder()
    CACHE.mkdir(parents=True, exist_ok=True)
    parts = [_read_part(embedder, images, part, first) for first in range(start, n_points, _PART_ROWS)]
    embeddings = np.concatenate(parts)[: n_points - start]
    return np.asarray(embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True), np.float32)


def _read_part(embedder: Embedder, images: npt.NDArray[np.uint8], part: Part, start: int) -> npt.NDArray[np.float32]:
    known = "" if part == "train" else f"{part}-"
    path = CACHE / f"{embedder.spec.fingerprint[:12]}-{known}{start:05}.npy"
    if not path.exists():
        print(f"embedding images from {start}", flush=True)
        rgb = np.repeat(images[start : start + _PART_ROWS, :, :, None], 3, axis=3)
        inputs = [embedder.prepare(pixels) for pixels in rgb]
        batches = [embedder.embed(inputs[first : first + _BATCH_ROWS]) for first in range(0, len(inputs), _BATCH_ROWS)]
        np.save(path, np.concatenate(batches))
    made: npt.NDArray[np.float32] = np.load(path)
    return made


def _read(name: str, header_bytes: int) -> npt.NDArray[np.uint8]:
    path = FOLDER / name
    if not path.exists():
        raise SystemExit(f"'{path}' is missing; install Debian's dataset-fashion-mnist")
    return np.frombuffer(gzip.decompress(path.read_bytes())[header_bytes:], np.uint8)
