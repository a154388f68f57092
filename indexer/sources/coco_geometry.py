"""From a COCO annotation to a geometry: from whatever part of it is usable."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from indexer.domain import Box, SkipReason
from indexer.sources import geometry
from indexer.sources.geometry import Geometry

_FARTHEST: Final = float(1 << 30)
"""Coordinates beyond it are no pixels of any image; the sum of two is a place that a geometry takes."""
_NUMBERS: Final = frozenset((int, float))


def parse_geometry(annotation: Mapping[str, Any], size_hw: tuple[int, int] | None) -> Geometry:
    """Box from ``bbox`` if it is sound, else around the segmentation or the visible keypoints.

    Args:
        annotation: The annotation.
        size_hw: Height and width of its image, if known; a mask of another size is not used.

    Returns:
        A geometry; with a skip reason if nothing tells a box.
    """
    bbox, segmentation = annotation.get("bbox"), annotation.get("segmentation")
    box = _parse_box(bbox)
    sound_box = None if box is None or box.is_empty else box
    shaped = _parse_segmentation(segmentation, sound_box, size_hw)
    if shaped is None or shaped.skip_reason:
        nodes = _parse_keypoints(annotation.get("keypoints"))
        shaped = shaped if shaped is not None and (nodes is None or nodes.skip_reason) else nodes
    if sound_box is not None:
        return Geometry("rectangle", box) if shaped is None or shaped.skip_reason else shaped._replace(box=box)
    if shaped is not None:
        return shaped
    if box is not None:
        return Geometry("rectangle", box)
    return geometry.skipped("unknown", SkipReason.BROKEN if bbox or segmentation else SkipReason.UNKNOWN_GEOMETRY)


def _parse_box(bbox: Any) -> Box | None:
    """The box of ``[left, top, width, height]``, empty if it has no area; None if that is no box."""
    if not isinstance(bbox, list) or len(bbox) != 4 or not _are_coordinates(bbox) or min(bbox[2:]) < 0:
        return None
    left, top, width, height = bbox
    return geometry.cover(left, top, left + width, top + height)


def _parse_segmentation(segmentation: Any, box: Box | None, size_hw: tuple[int, int] | None) -> Geometry | None:
    """The shape that is usable of a segmentation, with its own box unless one is given; None if it holds none."""
    if isinstance(segmentation, dict):
        return _parse_mask(segmentation, size_hw)
    if not isinstance(segmentation, list):
        return None
    rings = [ring for ring in map(_parse_ring, segmentation) if ring]
    if rings:
        areas = [ring for ring in rings if len(ring) > 2]  # less tells a box at best
        box = box or geometry.cover_points([point for ring in areas or rings for point in ring])
        return Geometry("polygon" if len(rings) == 1 else "multipolygon", box, {"polygons": areas} if areas else {})
    return _join([_parse_mask(part, size_hw) for part in segmentation if isinstance(part, dict)])


def _parse_ring(flat: Any) -> list[list[float]]:
    """``[x1, y1, x2, y2, ...]`` as corners; none if it is not such a list."""
    if not isinstance(flat, list) or len(flat) % 2 or not _are_coordinates(flat):
        return []
    return [[x, y] for x, y in zip(flat[::2], flat[1::2], strict=True)]


def _parse_mask(mask: Mapping[str, Any], size_hw: tuple[int, int] | None) -> Geometry:
    """The mask that run lengths tell."""
    size, counts = mask.get("size"), mask.get("counts")
    if not isinstance(size, list) or not isinstance(counts, str | list) or (size_hw and tuple(size) != size_hw):
        return geometry.skipped("bitmap", SkipReason.UNREADABLE_MASK)
    return geometry.run_lengths(counts, size)


def _join(masks: list[Geometry]) -> Geometry | None:
    """One geometry of several masks: of several that are usable only the box around them."""
    usable = [mask for mask in masks if mask.box is not None]
    if len(usable) < 2:
        return next(iter([*usable, *masks]), None)
    lefts, tops, rights, bottoms = zip(*(mask.box for mask in usable if mask.box is not None), strict=True)
    return Geometry("bitmap", Box(min(lefts), min(tops), max(rights), max(bottoms)))


def _parse_keypoints(flat: Any) -> Geometry | None:
    """The visible of ``[x1, y1, visibility1, ...]``; None if there is none."""
    if not flat:
        return None
    if not isinstance(flat, list) or len(flat) % 3 or not _are_coordinates(flat):
        return geometry.skipped("keypoints", SkipReason.BROKEN)
    visible = [[x, y] for x, y, seen in zip(flat[::3], flat[1::3], flat[2::3], strict=True) if seen > 0]
    return geometry.keypoints(visible) if visible else None


def _are_coordinates(values: Sequence[Any]) -> bool:
    """Whether all are numbers within reach; not so NaN, infinity, truth values and texts."""
    if not _NUMBERS.issuperset(map(type, values)) or not max(map(abs, values), default=0) < _FARTHEST:
        return False
    return not math.isnan(sum(values))  # which a greatest value does not show
