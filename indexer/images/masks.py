"""The shapes of objects as masks, and crops whose background is painted over. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from indexer.domain import Box, Pixels

Mask = npt.NDArray[np.bool_]
"""bool (H, W), True on the object."""

_SUBPIXEL_BITS = 4
_MAX_CROSSINGS = 1000
"""Limit of how often the outline of an object crosses a row of pixels, on average; real ones do some dozen times."""
_FARTHEST = 2**28
"""Sixteenths of a pixel from a window up to which corners are told apart; OpenCV counts in 32 bits."""


def mask_background(crop: Pixels, shape: Mapping[str, Any], *, box: Box) -> Pixels:
    """Paint everything outside the object's shape in the crop's mean colour.

    Args:
        crop: uint8 RGB (H, W, 3), cut by ``box`` at any scale.
        shape: ``SourceObject.shape``; one without an area (a box, points, lines) leaves the crop as it is.
        box: The padded box, in the coordinates of ``shape``.

    Returns:
        uint8 RGB (H, W, 3): a copy, or ``crop`` itself if there is nothing to paint.
    """
    height, width = crop.shape[:2]
    mask = shape_mask(shape, box=box, size_hw=(height, width))
    if mask is None:
        return crop
    mean = crop.mean(axis=(0, 1)).round().astype(np.uint8)
    return np.where(mask[:, :, None], crop, mean)


def shape_mask(shape: Mapping[str, Any], *, box: Box, size_hw: tuple[int, int]) -> Mask | None:
    """Draw a shape's area into the window of a box.

    Args:
        shape: ``SourceObject.shape``: ``polygons`` and ``holes`` (lists of rings in image coordinates, where
            pixel (x, y) covers [x, x+1) x [y, y+1)), or ``rle``, COCO's uncompressed run lengths with the
            ``origin`` [x, y] of their first pixel.
        box: The window, half-open, in image coordinates; not empty.
        size_hw: Height and width of the answer; the window is scaled to it.

    Returns:
        bool ``size_hw``, or None for a shape without an area.
    """
    if "rle" in shape:
        return _draw_rle(shape["rle"], box, size_hw)
    if "polygons" in shape:
        return _draw_polygons(shape, box, size_hw)
    return None


def _draw_polygons(shape: Mapping[str, Any], box: Box, size_hw: tuple[int, int]) -> Mask:
    canvas = np.zeros(size_hw, np.uint8)
    scale = np.array([size_hw[1] / box.width, size_hw[0] / box.height])
    for name, value in (("polygons", 1), ("holes", 0)):
        for ring in shape.get(name, ()):
            corners = (np.asarray(ring, np.float64).reshape(-1, 2) - (box.left, box.top)) * scale - 0.5
            fixed = np.round(corners * (1 << _SUBPIXEL_BITS)).clip(-_FARTHEST, _FARTHEST).astype(np.int32)
            if len(fixed):
                cv2.fillPoly(canvas, [_thin(fixed, size_hw[0])], value, shift=_SUBPIXEL_BITS)
    return canvas.astype(bool)


def _thin(ring: npt.NDArray[np.int32], height: int) -> npt.NDArray[np.int32]:
    """Leave corners out of a ring that crosses the rows far too often: OpenCV's time grows with the square of that."""
    ys = ring[:, 1].clip(0, height << _SUBPIXEL_BITS).astype(np.int64)
    n_crossings = int(np.abs(np.diff(ys, append=ys[:1])).sum()) // (height << _SUBPIXEL_BITS)
    return np.ascontiguousarray(ring[:: n_crossings // _MAX_CROSSINGS + 1])


def _draw_rle(rle: Mapping[str, Any], box: Box, size_hw: tuple[int, int]) -> Mask:
    """Draw run lengths. Only the columns that the window shares with them are made."""
    (height, width), (left, top) = rle["size"], rle["origin"]
    inner = Box(box.left - left, box.top - top, box.right - left, box.bottom - top)  # the window, seen from the mask
    shared = inner.clipped_to((height, width))
    window = np.zeros((box.height, box.width), np.uint8)
    if not shared.is_empty:
        columns = slice(shared.left - inner.left, shared.right - inner.left)
        rows = slice(shared.top - inner.top, shared.bottom - inner.top)
        window[rows, columns] = _expand_columns(rle["counts"], height, shared)[shared.top : shared.bottom]
    resized: Mask = cv2.resize(window, size_hw[::-1], interpolation=cv2.INTER_NEAREST).astype(bool)
    return resized


def _expand_columns(counts: Sequence[int], height: int, columns: Box) -> npt.NDArray[np.uint8]:
    """Some columns of a mask given by its run lengths, uint8 (height, columns.width)."""
    ends = np.cumsum(counts, dtype=np.int64).clip(columns.left * height, columns.right * height)
    lengths = np.diff(ends, prepend=columns.left * height)
    inside = (np.arange(len(lengths)) % 2).astype(np.uint8)
    return np.repeat(inside, lengths).reshape((height, columns.width), order="F")
