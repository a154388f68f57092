"""Small pictures of images: fitted to a size, with annotations drawn, encoded (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from indexer.domain import Box, Pixels
from indexer.images.masks import shape_mask
from lookalike.class_colors import parse_rgb

_OUTLINE: Final = (0, 0, 0)
_UNKNOWN: Final = "#ffffff"
_JPEG_QUALITY: Final = 88
_FARTHEST_PX: Final = 2**20
"""Farthest that lines may end outside a picture; OpenCV counts in sixteenths of a pixel, in 32 bits."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One annotation to draw.

    Attributes:
        box: Half-open box in image coordinates.
        shape: ``SourceObject.shape`` in image coordinates; empty for a box.
        is_highlighted: Whether it is the one that was asked for.
        color: ``#rrggbb`` of its class.
    """

    box: Box
    shape: Mapping[str, Any] = field(default_factory=dict)
    is_highlighted: bool = False
    color: str = _UNKNOWN


@dataclass(frozen=True, slots=True)
class _View:
    """Where on a canvas the places of an image are.

    Attributes:
        region: The part of the image that the canvas shows.
        scale: float64 (2,), pixels of the canvas per pixel of the image, across and down.
    """

    region: Box
    scale: npt.NDArray[np.float64]

    def place(self, places: Sequence[Sequence[float]]) -> npt.NDArray[np.int32]:
        """Places of the image, (K, 2), in pixels of the canvas."""
        origin = (self.region.left, self.region.top)
        scaled = np.rint((np.asarray(places, np.float64).reshape(-1, 2) - origin) * self.scale)
        return np.nan_to_num(scaled).clip(-_FARTHEST_PX, _FARTHEST_PX).astype(np.int32)

    def part_of(self, box: Box) -> Box:
        """The part of a box that is shown; may be empty."""
        shown = self.region
        return Box(
            max(box.left, shown.left),
            max(box.top, shown.top),
            min(box.right, shown.right),
            min(box.bottom, shown.bottom),
        )


def shrink_to_fit(pixels: Pixels, size_px: int) -> Pixels:
    """Shrink so that the longer side is at most ``size_px``; smaller pictures stay as they are.

    Args:
        pixels: uint8 RGB (H, W, 3), not empty.
        size_px: Longest side wanted.
    """
    return pixels if max(pixels.shape[:2]) <= size_px else _resize(pixels, size_px, cv2.INTER_AREA)


def enlarge_to_fit(pixels: Pixels, size_px: int) -> Pixels:
    """Enlarge, or shrink, so that the longer side is ``size_px``.

    Args:
        pixels: uint8 RGB (H, W, 3), not empty.
        size_px: Longest side wanted.
    """
    if max(pixels.shape[:2]) >= size_px:
        return shrink_to_fit(pixels, size_px)
    return _resize(pixels, size_px, cv2.INTER_CUBIC)


def _resize(pixels: Pixels, size_px: int, interpolation: int) -> Pixels:
    height, width = pixels.shape[:2]
    scale = size_px / max(height, width)
    fitted = (max(round(width * scale), 1), max(round(height * scale), 1))
    resized: Pixels = cv2.resize(pixels, fitted, interpolation=interpolation)
    return resized


def encode_jpeg(pixels: Pixels) -> bytes:
    """Encode uint8 RGB (H, W, 3) as JPEG without colour subsampling, which would smear small crops."""
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        _JPEG_QUALITY,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), options)
    return encoded.tobytes()


def draw_marks(
    pixels: Pixels, marks: Sequence[Mark], *, image_size_hw: tuple[int, int], region: Box | None = None
) -> Pixels:
    """Draw annotations in the colours of their classes, the highlighted ones last and thicker.

    Args:
        pixels: uint8 RGB (H, W, 3), the image or a part of it at any scale.
        marks: What to draw, in the coordinates of the full-size image.
        image_size_hw: Height and width of the full-size image.
        region: The part of the image that ``pixels`` are; None if they are all of it.

    Returns:
        uint8 RGB (H, W, 3), a copy.
    """
    canvas = np.ascontiguousarray(pixels).copy()
    shown = region or Box(0, 0, image_size_hw[1], image_size_hw[0])
    view = _View(shown, np.array([canvas.shape[1] / shown.width, canvas.shape[0] / shown.height]))
    visible = (mark for mark in marks if not view.part_of(mark.box.clipped_to(image_size_hw)).is_empty)
    for mark in sorted(visible, key=lambda mark: mark.is_highlighted):
        colour, thickness = parse_rgb(mark.color), 4 if mark.is_highlighted else 2
        for line, is_closed in _lines_of(mark, mark.box.clipped_to(image_size_hw), view):
            cv2.polylines(canvas, [line], is_closed, _OUTLINE, thickness + 2, cv2.LINE_AA)
            cv2.polylines(canvas, [line], is_closed, colour, thickness, cv2.LINE_AA)
        for x, y in view.place(mark.shape.get("points", [])):
            cv2.circle(canvas, (int(x), int(y)), thickness + 3, _OUTLINE, cv2.FILLED, cv2.LINE_AA)
            cv2.circle(canvas, (int(x), int(y)), thickness + 1, colour, cv2.FILLED, cv2.LINE_AA)
    return canvas


def _lines_of(mark: Mark, box: Box, view: _View) -> list[tuple[npt.NDArray[np.int32], bool]]:
    """Lines to draw, int32 (K, 2) in canvas coordinates, each with whether it is closed; ``box`` is in the image."""
    left, top, right, bottom = box
    if "lines" in mark.shape:
        return [(view.place(line), False) for line in mark.shape["lines"]]
    part = view.part_of(box)
    window = view.place([(part.left, part.top), (part.right, part.bottom)])
    width, height = np.maximum(window[1] - window[0], 1)
    mask = shape_mask(mark.shape, box=part, size_hw=(int(height), int(width)))
    if mask is not None and mask.any():
        outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        return [(outline[:, 0, :] + window[0], True) for outline in outlines]
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return [(view.place(corners), True)]
