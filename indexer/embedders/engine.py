"""Engines run a network, whatever the library, and a fast one is held to float32's answer."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings

LEAST_AGREEMENT = 0.999
"""Mean cosine with float32 below which a reduced precision is refused."""

START_ENDS = (2, 4)
"""Ends of a start in float32, tried in this order if 16 bits throughout disagree. Each is the smallest map of at least
a half, or a quarter, of the input's resolution.

Rounding errors made where maps are large and channels few are amplified by everything after them. Measured for
tf_efficientnet_lite0 in bfloat16 on digits, the mean cosine with float32 is 0.9984. With the first stage (to a half) in
float32 it is 0.9994, and with the first two 0.9995. Leaving any later stage in float32 instead gains nothing."""


IMAGES_PER_CORE = 8
"""Images that a core embeds at once; throughput is flat from here upwards. One by one, Python's share of a forward pass
holds up the other cores: on 16 of them, any network did 110 images a second in torch."""


class Engine(Protocol):
    """A loaded network, ready for batches."""

    description: str
    """Library, precision and device, with the measured agreement where precision is reduced."""

    def run(self, batch: npt.NDArray[np.uint8]) -> Embeddings:
        """Embed uint8 RGB (B, H, W, 3) into float32 (B, D)."""
        ...


def make_probe(size_hw: tuple[int, int], *, n_images: int = 8) -> npt.NDArray[np.uint8]:
    """Pictures on which precisions are compared: half like photographs, half like drawings, always the same.

    The choice of a precision must not depend on the data: a run that was interrupted must choose again what it chose
    before. In a photograph amplitudes fall with spatial frequency (Field, 1987), and rounding errors cancel when a
    network averages over it. On the flat grounds of a drawing they add up. For tf_efficientnet_lite0 in bfloat16 the
    mean cosine with float32 is 0.9998 on the former and 0.994 on the latter. It is 0.9992 on clip art and 0.9983 on
    digits.

    Args:
        size_hw: Height and width.
        n_images: Number of pictures.

    Returns:
        uint8 RGB (n_images, H, W, 3).
    """
    rng = np.random.default_rng(0)
    n_photographs = n_images // 2
    photographs = _make_noise(rng, (n_photographs, 3, *size_hw), falloff=1) * 50 + 128
    strokes = _make_noise(rng, (n_images - n_photographs, 1, *size_hw), falloff=2) > 0.8
    drawings = np.repeat(np.where(strokes, 40, 235), 3, axis=1)
    pixels = np.clip(np.concatenate([photographs, drawings]), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(pixels.transpose(0, 2, 3, 1))


def _make_noise(rng: np.random.Generator, shape: tuple[int, ...], *, falloff: float) -> npt.NDArray[np.float64]:
    """Noise of mean 0 and deviation 1 a plane, whose amplitudes fall with frequency to the power ``falloff``."""
    height, width = shape[-2:]
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = np.inf  # no constant part
    planes = np.fft.irfft2(np.fft.rfft2(rng.standard_normal(shape)) / frequency**falloff, s=(height, width))
    return np.asarray(planes / planes.std(axis=(-2, -1), keepdims=True))


def measure_agreement(embeddings: Embeddings, reference: Embeddings) -> float:
    """Mean cosine between the rows of two (B, D) arrays; 0 where a value is not finite."""
    if not np.isfinite(embeddings).all():
        return 0.0
    dots = np.einsum("bd,bd->b", embeddings, reference)
    norms = np.linalg.norm(embeddings, axis=1) * np.linalg.norm(reference, axis=1)
    return float(np.mean(dots / np.maximum(norms, 1e-12)))
