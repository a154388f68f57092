"""A map as a picture, for browsers that cannot draw it (pure)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from api.services.map_blocks import UInt16s
from lookalike.class_colors import OTHER_COLOR, parse_rgb

Floats = npt.NDArray[np.float32]
_FEW_POINTS: Final = ((5_000, 3), (50_000, 2), (500_000, 1))
"""Radius in pixels of a dot for up to so many points; more points are dots of one pixel."""
_LEAST_ALPHA: Final = 90


def draw_density(positions: UInt16s, numbers: UInt16s, size_px: int, colors: Sequence[tuple[int, int, int]]) -> bytes:
    """Draw points as a square picture: mean colour per pixel, the more points, the more opaque.

    Args:
        positions: uint16 (N, 2), x to the right and y upwards.
        numbers: uint16 (N,), place of each point's colour.
        size_px: Width and height.
        colors: RGB; numbers beyond have ``OTHER_COLOR``.

    Returns:
        PNG with a transparent ground.
    """
    places = (positions.astype(np.int64) * size_px) >> 16
    cells = (size_px - 1 - places[:, 1]) * size_px + places[:, 0]
    table = np.array([*colors, parse_rgb(OTHER_COLOR)], np.float32)
    painted = table[np.minimum(numbers, len(colors))]
    layers = [np.bincount(cells, weights, minlength=size_px**2) for weights in (None, *painted.T)]
    counts, *sums = (_widen(layer.reshape(size_px, size_px).astype(np.float32), len(cells)) for layer in layers)
    picture = np.zeros((size_px, size_px, 4), np.uint8)
    for channel, total in enumerate(sums):
        picture[..., channel] = np.rint(total / np.maximum(counts, 1))
    picture[..., 3] = _alphas(counts)
    stream = io.BytesIO()
    Image.fromarray(picture, "RGBA").save(stream, "PNG", compress_level=3)
    return stream.getvalue()


def _widen(layer: Floats, n_points: int) -> Floats:
    """Make dots of the right size: each pixel becomes a disc."""
    radius = next((radius for most, radius in _FEW_POINTS if n_points <= most), 0)
    padded, side = np.pad(layer, radius), len(layer)
    widened = np.zeros_like(layer)
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            if dx * dx + dy * dy <= radius * radius + 1:
                widened += padded[radius + dy : radius + dy + side, radius + dx : radius + dx + side]
    return widened


def _alphas(counts: Floats) -> npt.NDArray[np.uint8]:
    """Opacity by the logarithm of the count: the crowded hundredth is opaque, and a lonely point is still seen."""
    crowded = counts[counts > 0]
    full = np.log1p(np.percentile(crowded, 99)) if len(crowded) else 1.0
    share = np.minimum(np.log1p(counts) / full, 1)
    return np.where(counts > 0, _LEAST_ALPHA + (255 - _LEAST_ALPHA) * share, 0).astype(np.uint8)
