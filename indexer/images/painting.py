"""Pixels as they are shown: transparency on white, and the right way up (pure)."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from indexer.domain import Pixels

_BLOCK_PIXELS: Final = 2**18
"""Pixels that are blended at once: what is kept meanwhile takes several times their bytes."""
_BACK: Final = {6: 8, 8: 6}
"""Orientations that another one than itself undoes."""


def paint_on_white(rgba: npt.NDArray[Any]) -> Pixels:
    """Composite on white.

    Args:
        rgba: uint8 (H, W, 4), its colours not multiplied by alpha.

    Returns:
        uint8 RGB (H, W, 3), contiguous.
    """
    rgb: Pixels = cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB)
    if rgba[:, :, 3].min() == 255:
        return rgb
    n_rows = max(_BLOCK_PIXELS // rgba.shape[1], 1)
    for top in range(0, len(rgb), n_rows):
        block = rgb[top : top + n_rows]
        alpha = rgba[top : top + n_rows, :, 3:].astype(np.uint16)
        block[:] = (block * alpha + 255 * (255 - alpha) + 127) // 255
    return rgb


def turn(pixels: Pixels, orientation: int) -> Pixels:
    """Undo an EXIF orientation (1 to 8): how the stored rows and columns lie in the upright image."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def turn_back(pixels: Pixels, orientation: int) -> Pixels:
    """Undo ``turn``."""
    return turn(pixels, _BACK.get(orientation, orientation))
