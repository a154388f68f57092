"""Supervisely's geometries -> ours. The platform counts pixels and includes both ends; that ends here.

Format: https://docs.supervisely.com/data-organization/00_ann_format_navi. Newer exports may hold fractional
("subpixel") coordinates; these are edges already, as ``sly.Rectangle._to_pixel_coordinate_system_json`` shows.
"""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy.typing as npt

from indexer.domain import SkipReason
from indexer.errors import ImageReadError
from indexer.images.headers import read_header
from indexer.images.pillow_files import decode_mask
from indexer.sources import geometry
from indexer.sources.geometry import Geometry, Points

_PNG: Final = b"\x89PNG"
_MAX_MASK_BYTES: Final = 2**26
"""Length of a PNG that a mask is unpacked to; a longer one is cut off, and so not readable."""

Label = Mapping[str, Any]
"""One entry of ``objects`` in an annotation file."""


def parse_geometry(label: Label, *, class_shape: str | None = None) -> Geometry:
    """The geometry of one label, whatever its type.

    Args:
        label: The label as JSON.
        class_shape: Shape of the label's class in ``meta.json``, for old files whose labels do not name theirs.

    Raises:
        KeyError, TypeError, ValueError, IndexError, OverflowError: The label breaks its format.
    """
    kind = label.get("geometryType") or label.get("shape") or class_shape
    if kind in (None, "any"):
        kind = next((name for field, name in _TELLING_FIELDS.items() if field in label), "unknown")
    parse = _PARSERS.get(str(kind))
    return geometry.skipped(str(kind), SkipReason.UNKNOWN_GEOMETRY) if parse is None else parse(label)


def _points(raw: Points) -> list[list[float]]:
    """Points in continuous coordinates: a whole number names a pixel and becomes its centre."""
    if all(float(value).is_integer() for point in raw for value in point[:2]):
        return [[point[0] + 0.5, point[1] + 0.5] for point in raw]
    return [[float(point[0]), float(point[1])] for point in raw]


def _edges(label: Label) -> tuple[float, float, float, float]:
    """Edges of a rectangle given by two opposite corners in any order, bare in an oriented box."""
    points = label["points"]
    corners = points["exterior"] if isinstance(points, Mapping) else points
    (left, right), (top, bottom) = (sorted((corners[0][axis], corners[1][axis])) for axis in (0, 1))
    last_pixel = 1 if all(float(value).is_integer() for value in (left, top, right, bottom)) else 0
    return left, top, right + last_pixel, bottom + last_pixel


def _rectangle(label: Label) -> Geometry:
    return geometry.rectangle(*_edges(label))


def _oriented_box(label: Label) -> Geometry:
    left, top, right, bottom = _edges(label)
    angle = float(label.get("angle") or 0.0)  # radians, clockwise as seen on the screen, about the centre
    middle_x, middle_y, cos, sin = (left + right) / 2, (top + bottom) / 2, math.cos(angle), math.sin(angle)
    corners = [
        [middle_x + (x - middle_x) * cos - (y - middle_y) * sin, middle_y + (x - middle_x) * sin + (y - middle_y) * cos]
        for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]
    return geometry.polygons([corners], name="oriented_box")


def _polygon(label: Label) -> Geometry:
    return _multipolygon({"parts": [label["points"]]})._replace(name="polygon")


def _multipolygon(label: Label) -> Geometry:
    parts = label["parts"]
    rings = [_points(part["exterior"]) for part in parts]
    holes = [_points(ring) for part in parts for ring in part.get("interior") or ()]
    return geometry.polygons(rings, holes=holes, name="multipolygon")


def _polyline(label: Label) -> Geometry:
    points = _points(label["points"]["exterior"])
    return Geometry("polyline", geometry.cover_points(points), {"lines": [points]})


def _point(label: Label) -> Geometry:
    return geometry.keypoints(_points(label["points"]["exterior"]), name="point")


def _graph(label: Label) -> Geometry:
    return geometry.keypoints(_points([node["loc"] for node in label["nodes"].values()]))


def _cuboid(label: Label) -> Geometry:
    if "vertices" in label:
        return geometry.keypoints(_points([node["loc"] for node in label["vertices"].values()]), name="cuboid")
    return geometry.keypoints(_points(label["points"]), name="cuboid")


def _bitmap(label: Label) -> Geometry:
    return _mask(label, "bitmap")


def _alpha_mask(label: Label) -> Geometry:
    return _mask(label, "alpha_mask")


def _mask(label: Label, name: str) -> Geometry:
    packed = label.get("bitmap") or label.get("alpha_mask") or {}
    pixels = _decode_mask(packed.get("data", ""))
    if pixels is None:
        return geometry.skipped(name, SkipReason.UNREADABLE_MASK)
    left, top = packed["origin"]
    return geometry.mask(pixels, (int(left), int(top)), name=name)


def _decode_mask(text: str) -> npt.NDArray[Any] | None:
    """A mask (H, W), not zero on the object, from base64 of a zlib-packed or plain PNG; None if it is damaged."""
    try:
        data = base64.b64decode(text, validate=True)
        png = data if data.startswith(_PNG) else zlib.decompressobj().decompress(data, _MAX_MASK_BYTES)
        if not png.startswith(_PNG):
            return None
        read_header(png)  # refuses a mask of more pixels than any image has
        return decode_mask(png)
    except (TypeError, binascii.Error, zlib.error, ValueError, ImageReadError):
        return None


_PARSERS: Final[Mapping[str, Callable[[Label], Geometry]]] = {
    "rectangle": _rectangle,
    "polygon": _polygon,
    "multipolygon": _multipolygon,
    "bitmap": _bitmap,
    "alpha_mask": _alpha_mask,
    "line": _polyline,
    "polyline": _polyline,
    "point": _point,
    "graph": _graph,
    "oriented_bbox": _oriented_box,
    "cuboid": _cuboid,
    "cuboid_2d": _cuboid,
}
_TELLING_FIELDS: Final = {"bitmap": "bitmap", "parts": "multipolygon", "nodes": "graph", "vertices": "cuboid_2d"}
"""For a label that does not name its type: the field that gives it away."""
