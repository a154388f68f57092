"""Geometry in one form for every format: a tight half-open box, and a shape for masking and drawing.

Coordinates are continuous: pixel (x, y) covers [x, x+1) x [y, y+1). A format that counts pixels instead
(Supervisely, Pascal VOC) is converted once, in its reader.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy.typing as npt

from indexer.domain import Box, SkipReason
from indexer.sources.run_lengths import encode_runs, read_runs, tighten_runs

Points = Sequence[Sequence[float]]
"""Corners or nodes, each [x, y]."""

_SLACK: Final = 0.01
"""Pixels by which an edge may miss a whole number: six decimals of a normalised coordinate in a 10,000 px image."""


_FARTHEST: Final = 2.0**31
"""Pixels from the origin up to which a place may lie; farther ones are errors, and would not fit what draws them."""


_DECIMALS: Final = 6
"""Decimals of a place that are kept. With more, a store gives some numbers back with another last digit."""


class Geometry(NamedTuple):
    """Geometry that a reader makes of one annotation; the fields are those of ``SourceObject``."""

    name: str
    box: Box | None
    shape: Mapping[str, Any] = {}
    skip_reason: SkipReason | None = None


def cover(left: float, top: float, right: float, bottom: float) -> Box:
    """The smallest box of whole pixels that covers the given edges; empty if they enclose no area.

    Raises:
        ValueError, OverflowError: An edge is not finite, or farther away than any image reaches.
    """
    _require_places((left, top, right, bottom))
    box = Box(
        *(math.floor(edge + _SLACK) for edge in (left, top)), *(math.ceil(edge - _SLACK) for edge in (right, bottom))
    )
    if right <= left or bottom <= top:
        return Box(box.left, box.top, box.left, box.top)
    return Box(box.left, box.top, max(box.right, box.left + 1), max(box.bottom, box.top + 1))


def cover_points(points: Points) -> Box:
    """The smallest box that covers points; a single point or a straight line is one pixel thin, not empty.

    Raises:
        ValueError, OverflowError: There are no points, or one is not finite or farther away than any image reaches.
    """
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    _require_places(xs)
    _require_places(ys)
    left, top = math.floor(min(xs) + _SLACK), math.floor(min(ys) + _SLACK)
    return Box(left, top, max(math.ceil(max(xs) - _SLACK), left + 1), max(math.ceil(max(ys) - _SLACK), top + 1))


def _require_places(numbers: Iterable[float]) -> None:
    for number in numbers:
        if not -_FARTHEST <= number <= _FARTHEST:  # also false for nan, which min and max may pass over
            if isinstance(number, float) and math.isnan(number):
                raise ValueError("NaN is no place in an image")
            long = f"a number of {number.bit_length()} bits" if isinstance(number, int) else number
            raise OverflowError(f"{long} is no place in an image")


def box_key(box: Box | None) -> str:
    """Object key of an object that its format gives no id: its box before clipping, ``left,top,right,bottom``."""
    return "no box" if box is None else ",".join(map(str, box))


def rectangle(left: float, top: float, right: float, bottom: float) -> Geometry:
    """A box given by its edges."""
    return Geometry("rectangle", cover(left, top, right, bottom))


def polygons(rings: Sequence[Points], *, holes: Sequence[Points] = (), name: str | None = None) -> Geometry:
    """One or several polygons; the box covers ``rings``, ``holes`` are cut out of the shape."""
    rings, holes = [ring for ring in rings if len(ring)], [ring for ring in holes if len(ring)]
    shape: dict[str, Any] = {"polygons": rings} | ({"holes": holes} if holes else {})
    box = cover_points([point for ring in rings for point in ring])
    _require_places(coordinate for ring in holes for point in ring for coordinate in point)
    return Geometry(name or ("polygon" if len(rings) == 1 else "multipolygon"), box, shape)


def keypoints(points: Points, *, name: str = "keypoints") -> Geometry:
    """Single points without an area."""
    return Geometry(name, cover_points(points), {"points": points})


def mask(pixels: npt.NDArray[Any], origin: tuple[int, int], *, name: str = "bitmap") -> Geometry:
    """A mask (H, W), not zero on the object, whose top-left pixel lies at ``origin`` (x, y) of the image."""
    return run_lengths(encode_runs(pixels != 0), pixels.shape, origin, name=name)


def run_lengths(
    counts: Sequence[int] | str, size_hw: Sequence[int], origin: tuple[int, int] = (0, 0), *, name: str = "bitmap"
) -> Geometry:
    """A mask given by its run lengths, packed or not; skipped if they do not make one.

    Raises:
        OverflowError: ``origin`` is farther away than any image reaches.
    """
    _require_places(origin)
    try:
        found = tighten_runs(*read_runs(counts, size_hw))
    except (TypeError, ValueError):
        return skipped(name, SkipReason.UNREADABLE_MASK)
    if found is None:
        return skipped(name, SkipReason.TOO_SMALL)
    box, tight = found
    left, top = origin[0] + box.left, origin[1] + box.top
    rle = {"size": [box.height, box.width], "counts": tight, "origin": [left, top]}
    return Geometry(name, Box(left, top, left + box.width, top + box.height), {"rle": rle})


def round_places(shape: Mapping[str, Any]) -> dict[str, Any]:
    """A shape whose places are as a store gives them back, so that it compares equal to what was stored."""
    return {name: value if name == "rle" else _round(value) for name, value in shape.items()}


def _round(value: Any) -> Any:
    return [_round(one) for one in value] if isinstance(value, Sequence) else round(value, _DECIMALS)


def skipped(name: str, reason: SkipReason) -> Geometry:
    """An annotation that cannot become a point."""
    return Geometry(name, None, {}, reason)
