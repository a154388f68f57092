"""scikit-learn's 1,797 handwritten digits, embedded or as they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits

from indexer.domain import Embeddings
from indexer.embedders.opening import open_embedder

Classes = npt.NDArray[np.int64]


def read_embeddings() -> tuple[Embeddings, Classes]:
    """The digits, black on white, through the default embedder: float32 (1797, 1280), and their classes."""
    digits = load_digits()
    pictures = np.repeat((255 - 15.9 * digits.images).astype(np.uint8)[..., None], 3, axis=3)
    embedder = open_embedder()
    return embedder.embed([embedder.prepare(picture) for picture in pictures]), digits.target


def read_pixels() -> tuple[Embeddings, Classes]:
    """The 64 pixels of each digit, scaled to length 1: float32 (1797, 64), and their classes."""
    digits = load_digits()
    pixels = digits.data.astype(np.float32)
    return pixels / np.linalg.norm(pixels, axis=1, keepdims=True), digits.target
