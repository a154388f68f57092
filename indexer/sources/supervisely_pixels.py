"""Supervisely's coordinates as the server stores them -> pixels, as project folders hold them.

The server stores edges: a box from pixel 0 to pixel 9 ends at 10, and the middle of pixel 3 is 3.5. Folders hold
numbers of pixels, both ends included. The rounding is that of the platform's own exports.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

Label = Mapping[str, Any]

_BOXES: Final = ("rectangle", "oriented_bbox")
_LEAST_OF_FIRST: Final = 0.7
"""From this part on, a left or upper edge leaves its pixel out."""
_LEAST_OF_LAST: Final = 0.3
"""From this part on, a right or lower edge takes its pixel in."""


def to_pixels(label: Label, size_hw: tuple[int, int] | None) -> Label:
    """A label with its coordinates in pixels; one that breaks its format is left to who reads it.

    Args:
        label: The label as the server gives it with ``integerCoords: false``.
        size_hw: Height and width of its image; a point on the far edge belongs to the last pixel.
    """
    try:
        if label.get("geometryType") in _BOXES:
            return {**label, "points": _box(label["points"])}
        return {**label, **_places(label, size_hw or (-1, -1))}
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, OverflowError):
        return label


def _box(points: Any) -> Any:
    corners = points["exterior"] if isinstance(points, Mapping) else points
    (left, right), (top, bottom) = (sorted((corners[0][axis], corners[1][axis])) for axis in (0, 1))
    if math.floor(left) == math.floor(right) and math.floor(top) == math.floor(bottom):
        left, top, right, bottom = (math.floor(edge) for edge in (left, top, right, bottom))  # within one pixel
    else:
        left, top = _round(left, _LEAST_OF_FIRST), _round(top, _LEAST_OF_FIRST)
        right, bottom = _round(right, _LEAST_OF_LAST), _round(bottom, _LEAST_OF_LAST)
    inside = [[left, top], [max(left, right - 1), max(top, bottom - 1)]]
    return {**points, "exterior": inside} if isinstance(points, Mapping) else inside


def _round(edge: float, least: float) -> int:
    return math.floor(edge) + (edge - math.floor(edge) >= least)


def _places(label: Label, size_hw: tuple[int, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(label.get("points"), Mapping):
        found["points"] = _rings(label["points"], size_hw)
    if label.get("parts"):
        found["parts"] = [_rings(part, size_hw) for part in label["parts"]]
    if label.get("nodes"):
        nodes = label["nodes"]
        found["nodes"] = {key: {**node, "loc": _place(node["loc"], size_hw)} for key, node in nodes.items()}
    if label.get("bitmap"):
        origin = label["bitmap"]["origin"]
        found["bitmap"] = {**label["bitmap"], "origin": [math.floor(origin[0]), math.floor(origin[1])]}
    return found


def _rings(rings: Mapping[str, Any], size_hw: tuple[int, int]) -> dict[str, Any]:
    exterior = [_place(point, size_hw) for point in rings["exterior"]]
    interior = [[_place(point, size_hw) for point in ring] for ring in rings.get("interior") or ()]
    return {**rings, "exterior": exterior, "interior": interior}


def _place(point: Any, size_hw: tuple[int, int]) -> list[int]:
    height, width = size_hw
    x, y = point[0], point[1]
    return [math.floor(x) - (x == width), math.floor(y) - (y == height)]
