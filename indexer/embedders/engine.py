"""What runs a network, whatever the library, and how a fast way is held to float32's answer."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings

LEAST_AGREEMENT = 0.999
"""Mean cosine with float32 below which a reduced precision is refused."""


class Engine(Protocol):
    """A loaded network, ready for batches."""

    description: str
    """Library, precision and device, with the measured agreement where precision is reduced."""

    def run(self, batch: npt.NDArray[np.uint8]) -> Embeddings:
        """Embed uint8 RGB (B, H, W, 3) into float32 (B, D)."""
        ...


def make_probe(size_hw: tuple[int, int], *, n_images: int = 8) -> npt.NDArray[np.uint8]:
    """Pictures on which precisions are compared: always the same, and like photographs in their spectrum.

    The choice of a precision must not depend on the data: a run that was interrupted must choose again what it chose
    before. Amplitudes fall with spatial frequency, as in natural images (Field, 1987); white noise would let a
    network answer alike to all of them.

    Args:
        size_hw: Height and width.
        n_images: Number of pictures.

    Returns:
        uint8 RGB (n_images, H, W, 3).
    """
    height, width = size_hw
    rng = np.random.default_rng(0)
    spectrum = np.fft.rfft2(rng.standard_normal((n_images, 3, height, width)))
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    radius[0, 0] = np.inf  # no constant part: the mean is set below
    planes = np.fft.irfft2(spectrum / radius, s=(height, width))
    planes /= planes.std(axis=(2, 3), keepdims=True)
    pixels = np.clip(planes * 50 + 128, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(pixels.transpose(0, 2, 3, 1))


def measure_agreement(embeddings: Embeddings, reference: Embeddings) -> float:
    """Mean cosine between the rows of two (B, D) arrays; 0 where a value is not finite."""
    if not np.isfinite(embeddings).all():
        return 0.0
    dots = np.einsum("bd,bd->b", embeddings, reference)
    norms = np.linalg.norm(embeddings, axis=1) * np.linalg.norm(reference, axis=1)
    return float(np.mean(dots / np.maximum(norms, 1e-12)))
