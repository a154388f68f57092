"""Lines of YOLO's label files: a class index and numbers that are fractions of the image's width and height.

Told apart by their number of values: detection (5, or 6 with a confidence), pose (5 + the ``kpt_shape`` of
``data.yaml``, and a confidence), segmentation (a class and at least three corners), oriented boxes (a class and four
corners). Values are separated by blanks, tabs or commas.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

from indexer.sources import geometry
from indexer.sources.geometry import Geometry

_DECIMAL_COMMA: Final = re.compile(r"(^|\s)-?\d+,\d+(\s|$)")
_SEPARATORS: Final = re.compile(r"[\s,;]+")
_MAX_CLASS: Final = 1_000_000
_MAX_FRACTION: Final = 10_000
_MIN_VISIBILITY: Final = 2
"""A corner is never so far outside; a keypoint that is seen has this value."""
_SHOWN: Final = 40
_PEEKED_LINES: Final = 20


def parse_line(line: str, *, size_hw: tuple[int, int], n_pose_values: int) -> tuple[int, Geometry]:
    """Class index and geometry of one line.

    Args:
        line: The line, not blank.
        size_hw: Height and width of the image in pixels.
        n_pose_values: Values that keypoints add to a line, 0 if there are none.

    Raises:
        ValueError, OverflowError: The line is broken; the message says why.
    """
    tokens = _split(line)
    if len(tokens) in (9, 10) and all(map(_is_number, tokens[:8])) and not _is_number(tokens[8]):
        raise ValueError("corners in pixels before a class name are DOTA's format; convert the labels to YOLO's")
    first, *values = [_read_number(token) for token in tokens]
    if not first.is_integer() or not 0 <= first <= _MAX_CLASS:
        raise ValueError(f"class {first:g} is no index")
    return int(first), _make_geometry(values, size_hw, n_pose_values)


def looks_like_labels(head: str) -> bool | None:
    """Whether the beginning of a text file looks like label lines; None for an empty one, which has no labels."""
    lines = [line for line in head.splitlines()[:_PEEKED_LINES] if line.strip()]
    if len(lines) > 1 and len(lines) < _PEEKED_LINES and not head.endswith("\n"):
        lines.pop()  # the head may end within it
    if not lines:
        return None
    return all(_looks_like_label(line) for line in lines)


def _looks_like_label(line: str) -> bool:
    tokens = _SEPARATORS.split(line.strip())
    whole = tokens[:-1] if len(tokens) > 6 else tokens  # a head may end within the last of a long polygon
    return len(tokens) >= 5 and tokens[0].removesuffix(".0").isdecimal() and all(map(_is_number, whole))


def _split(line: str) -> list[str]:
    plain = line.strip()
    if "." not in plain and _DECIMAL_COMMA.search(plain) and re.search(r"\d\s+-?\d", plain):
        raise ValueError("numbers have decimal commas; write points")
    return [token for token in _SEPARATORS.split(plain) if token]


def _is_number(token: str) -> bool:
    try:
        _read_number(token)
    except ValueError:
        return False
    return True


def _read_number(token: str) -> float:
    shown = repr(token if len(token) <= _SHOWN else f"{token[:_SHOWN]}...")
    try:
        value = math.nan if "_" in token else float(token)
    except ValueError:
        raise ValueError(f"{shown} is not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{shown} is not a finite number")
    return value


def _make_geometry(values: Sequence[float], size_hw: tuple[int, int], n_pose_values: int) -> Geometry:
    height, width = size_hw
    n_values = len(values)
    is_box = n_values in (4, 5) or (n_pose_values > 0 and n_values in (4 + n_pose_values, 5 + n_pose_values))
    if not is_box and (n_values < 6 or n_values % 2):
        raise ValueError(f"{n_values + 1} values are no detection, segmentation, oriented box or pose")
    _check_fractions(values[:4] if is_box else values)
    if is_box:
        middle_x, middle_y, box_width, box_height = (
            value * size for value, size in zip(values[:4], (width, height, width, height), strict=True)
        )
        left, top = middle_x - box_width / 2, middle_y - box_height / 2
        return geometry.rectangle(left, top, left + box_width, top + box_height)
    if max(values) >= _MIN_VISIBILITY:
        shown = f"{max(values):g} is no fraction of the image's size"
        raise ValueError(f"{shown}; for keypoints of a pose, write kpt_shape into data.yaml")
    corners = [[x * width, y * height] for x, y in zip(values[::2], values[1::2], strict=True)]
    return geometry.polygons([corners], name="oriented_box" if _is_rectangle(corners) else None)


def _check_fractions(values: Sequence[float]) -> None:
    if min(values) > 1:
        raise ValueError(
            f"all coordinates are above 1, so they are pixels; divide them by the image's size ({values[0]:g}, ...)"
        )
    if max(map(abs, values)) > _MAX_FRACTION:
        raise ValueError(f"{max(values, key=abs):g} is no fraction of the image's size")


def _is_rectangle(corners: Sequence[Sequence[float]]) -> bool:
    """Whether four corners in order span a rectangle: diagonals of one length that halve each other, within a pixel."""
    if len(corners) != 4:
        return False
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    is_parallelogram = math.hypot(ax + cx - bx - dx, ay + cy - by - dy) < 2
    return is_parallelogram and abs(math.hypot(cx - ax, cy - ay) - math.hypot(dx - bx, dy - by)) < 1
