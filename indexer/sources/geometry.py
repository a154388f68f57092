"""Geometry in one form for every format: a tight half-open box, and a shape for masking and drawing.

Coordinates are continuous: pixel (x, y) covers [x, x+1) x [y, y+1). A format that counts pixels instead
(Supervisely, Pascal VOC) is converted once, in its reader.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.domain import Box, SkipReason
from indexer.sources.run_lengths import encode_runs

Points = Sequence[Sequence[float]]
"""Corners or nodes, each [x, y]."""

_SLACK: Final = 0.01
"""Pixels by which an edge may miss a whole number: six decimals of a normalised coordinate in a 10,000 px image."""


class Geometry(NamedTuple):
    """What a reader makes of one annotation; the fields are those of ``SourceObject``."""

    name: str
    box: Box | None
    shape: Mapping[str, Any] = {}
    skip_reason: SkipReason | None = None


def cover(left: float, top: float, right: float, bottom: float) -> Box:
    """The smallest box of whole pixels that covers the given edges; empty if they enclose no area.

    Raises:
        ValueError, OverflowError: An edge is not finite.
    """
    box = Box(
        *(math.floor(edge + _SLACK) for edge in (left, top)), *(math.ceil(edge - _SLACK) for edge in (right, bottom))
    )
    if right <= left or bottom <= top:
        return Box(box.left, box.top, box.left, box.top)
    return Box(box.left, box.top, max(box.right, box.left + 1), max(box.bottom, box.top + 1))


def cover_points(points: Points) -> Box:
    """The smallest box that covers points; a single point or a straight line is one pixel thin, not empty.

    Raises:
        ValueError: There are no points, or one is not finite.
    """
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    left, top = math.floor(min(xs) + _SLACK), math.floor(min(ys) + _SLACK)
    return Box(left, top, max(math.ceil(max(xs) - _SLACK), left + 1), max(math.ceil(max(ys) - _SLACK), top + 1))


def box_key(box: Box | None) -> str:
    """Object key of an object that its format gives no id: its box before clipping, ``left,top,right,bottom``."""
    return "no box" if box is None else ",".join(map(str, box))


def rectangle(left: float, top: float, right: float, bottom: float) -> Geometry:
    """A box given by its edges."""
    return Geometry("rectangle", cover(left, top, right, bottom))


def polygons(rings: Sequence[Points], *, holes: Sequence[Points] = (), name: str | None = None) -> Geometry:
    """One or several polygons; the box covers ``rings``, ``holes`` are cut out of the shape."""
    shape: dict[str, Any] = {"polygons": rings} | ({"holes": holes} if holes else {})
    box = cover_points([point for ring in rings for point in ring])
    return Geometry(name or ("polygon" if len(rings) == 1 else "multipolygon"), box, shape)


def keypoints(points: Points, *, name: str = "keypoints") -> Geometry:
    """Single points without an area."""
    return Geometry(name, cover_points(points), {"points": points})


def mask(pixels: npt.NDArray[Any], origin: tuple[int, int], *, name: str = "bitmap") -> Geometry:
    """A mask (H, W), not zero on the object, whose top-left pixel lies at ``origin`` (x, y) of the image."""
    inside = pixels != 0
    columns, rows = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
    if not len(columns):
        return skipped(name, SkipReason.TOO_SMALL)
    tight = inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    left, top = origin[0] + int(columns[0]), origin[1] + int(rows[0])
    rle = {"size": list(tight.shape), "counts": encode_runs(tight), "origin": [left, top]}
    return Geometry(name, Box(left, top, left + tight.shape[1], top + tight.shape[0]), {"rle": rle})


def skipped(name: str, reason: SkipReason) -> Geometry:
    """An annotation that cannot become a point."""
    return Geometry(name, None, {}, reason)
