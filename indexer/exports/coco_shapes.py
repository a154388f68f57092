"""Shapes of objects as COCO segmentations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Box

Segmentation = list[list[float]] | dict[str, Any]
"""Rings as flat lists x, y, x, y, ..., or ``{"size": [h, w], "counts": [...]}``: run lengths of the whole image."""

_SUBPIXEL_BITS: Final = 4


def segment(shape: Mapping[str, Any], *, box: Box, size_hw: tuple[int, int]) -> Segmentation:
    """A shape (see ``SourceObject.shape``) as a segmentation; without an area of its own it is the outline of its box.

    COCO's polygons know no holes and its masks are as large as the image. So a polygon with holes and a mask in a box
    are drawn into a mask of the image. An empty segmentation is what readers of masks fail on, ``annToMask`` of
    pycocotools too.
    """
    segmentation: Segmentation
    if "rle" in shape:
        segmentation = _encode(_paste(shape["rle"], size_hw))
    elif shape.get("holes"):
        segmentation = _encode(_draw(shape["polygons"], shape["holes"], size_hw))
    else:
        segmentation = [_flat(ring) for ring in shape.get("polygons", ()) if len(ring) >= 3]
    return segmentation if measure_area(segmentation) > 0 else [_outline(box)]


def _outline(box: Box) -> list[float]:
    corners = ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
    return [float(value) for corner in corners for value in corner]


def measure_area(segmentation: Segmentation) -> float:
    """Pixels within a segmentation; of rings by the shoelace formula."""
    if isinstance(segmentation, dict):
        return float(sum(segmentation["counts"][1::2]))  # runs outside and inside take turns
    return sum(_ring_area(ring) for ring in segmentation)


def _ring_area(ring: Sequence[float]) -> float:
    x, y = np.asarray(ring[0::2]), np.asarray(ring[1::2])
    return float(abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2)


def _flat(ring: Sequence[Sequence[float]]) -> list[float]:
    return [float(value) for point in ring for value in point]


def _draw(rings: Sequence[Any], holes: Sequence[Any], size_hw: tuple[int, int]) -> npt.NDArray[np.bool_]:
    import cv2

    canvas = np.zeros(size_hw, np.uint8)
    for part, value in ((rings, 1), (holes, 0)):
        for ring in part:
            middles = np.asarray(ring, np.float64) - 0.5  # OpenCV's whole numbers are the middles of pixels
            cv2.fillPoly(canvas, [np.round(middles * 2**_SUBPIXEL_BITS).astype(np.int32)], value, shift=_SUBPIXEL_BITS)
    return canvas.astype(np.bool_)


def _paste(rle: Mapping[str, Any], size_hw: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Draw a mask, whose top-left pixel is at ``origin`` (x, y), into an empty image; what sticks out is cut off."""
    counts = np.asarray(rle["counts"])
    pixels = np.repeat(np.arange(len(counts)) % 2 == 1, counts).reshape(rle["size"], order="F")
    left, top = rle["origin"]
    canvas = np.zeros(size_hw, np.bool_)
    visible = canvas[max(top, 0) : max(top + pixels.shape[0], 0), max(left, 0) : max(left + pixels.shape[1], 0)]
    cut_top, cut_left = max(-top, 0), max(-left, 0)
    visible[:] = pixels[cut_top : cut_top + visible.shape[0], cut_left : cut_left + visible.shape[1]]
    return canvas


def _encode(pixels: npt.NDArray[np.bool_]) -> Segmentation:
    flat = pixels.ravel(order="F")
    turns = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    counts = np.diff([0, *turns, flat.size]).tolist()
    return {"size": list(pixels.shape), "counts": [0, *counts] if flat[:1].any() else counts}
