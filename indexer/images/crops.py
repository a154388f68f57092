"""From image files to crops: decoding, padding, cutting, masking. Pure; nothing here touches the disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from indexer.domain import DEFAULT_LIMITS, Box, CropOptions, ImageLimits, Pixels
from indexer.errors import ImageReadError
from indexer.images.decoders import decode_pixels
from indexer.images.headers import read_header

Mask = npt.NDArray[np.bool_]
"""bool (H, W), True on the object."""

REDUCTIONS = (8, 4, 2)
"""By how much libjpeg can shrink while it decodes, in both directions."""
_SUBPIXEL_BITS = 4
_MAX_CROSSINGS = 1000
"""Limit of how often the outline of an object crosses a row of pixels, on average; real ones do some dozen times."""
_FARTHEST = 2**28
"""Sixteenths of a pixel from a window up to which corners are told apart; OpenCV counts in 32 bits."""


def pad_box(box: Box, options: CropOptions, *, size_hw: tuple[int, int]) -> Box:
    """Grow (or with negative padding shrink) a box and clip it to the image.

    Args:
        box: Half-open box of an instance, not empty, inside the image.
        options: Padding in pixels or as a fraction of the box's longer side.
        size_hw: Height and width of the image.

    Returns:
        A box inside the image that is never empty: shrinking stops at the pixel in the middle.
    """
    unit = max(box.width, box.height) if options.padding_is_fraction else 1
    pad = round(options.padding * unit)
    left, right = _grow(box.left, box.right, pad)
    top, bottom = _grow(box.top, box.bottom, pad)
    return Box(left, top, right, bottom).clipped_to(size_hw)


def _grow(start: int, stop: int, pad: int) -> tuple[int, int]:
    if stop - start + 2 * pad >= 1:
        return start - pad, stop + pad
    middle = (start + stop - 1) // 2
    return middle, middle + 1


def cut_crop(pixels: Pixels, box: Box) -> Pixels:
    """The pixels in a box, as a view on ``pixels``.

    Args:
        pixels: uint8 RGB (H, W, 3).
        box: Half-open box inside the image.

    Returns:
        uint8 RGB (box.height, box.width, 3).
    """
    return pixels[box.top : box.bottom, box.left : box.right]


def choose_reduction(boxes: Iterable[Box], input_size_hw: tuple[int, int]) -> int:
    """The strongest reduced-scale decoding (1, 2, 4 or 8) after which no crop has to be enlarged because of it.

    Args:
        boxes: Padded boxes of all instances of the image, also of those whose embeddings exist. The pixels that an
            instance is embedded from must not depend on what a run has left to do.
        input_size_hw: What the crops are fitted into, aspect kept.

    Returns:
        1 for full size, or if there are no boxes.
    """
    height, width = input_size_hw
    smallest = min((max(box.height / height, box.width / width) for box in boxes), default=1.0)
    return next((reduction for reduction in REDUCTIONS if reduction <= smallest), 1)


def reduce_box(box: Box, reduce: int, *, size_hw: tuple[int, int]) -> Box:
    """The same place in an image that was decoded at a reduced scale.

    Args:
        box: Half-open box in the full-size image.
        reduce: What ``decode_image`` was called with.
        size_hw: Height and width of the reduced image.

    Returns:
        The smallest box of whole reduced pixels that covers ``box``; not empty.
    """
    if reduce == 1:
        return box
    right, bottom = -(-box.right // reduce), -(-box.bottom // reduce)
    return Box(box.left // reduce, box.top // reduce, right, bottom).clipped_to(size_hw)


def decode_image(
    data: bytes, *, size_hw: tuple[int, int] | None = None, reduce: int = 1, limits: ImageLimits = DEFAULT_LIMITS
) -> Pixels:
    """Decode an image file to 8-bit RGB, the way a browser would show it on a white page.

    Grayscale, palette and CMYK become RGB, of 16 bits the upper eight are kept, transparency is composited on
    white. EXIF orientation is applied, as labelling tools do, unless only the stored orientation fits ``size_hw``.

    Args:
        data: The file's bytes: JPEG, PNG, WebP, TIFF, BMP, GIF (first frame), AVIF, JPEG 2000, PNM.
        size_hw: Height and width that the annotations refer to, if known.
        reduce: Decode a JPEG at 1/2, 1/4 or 1/8 of its size (rounded up); other formats are decoded whole
            and shrunk to the same size.
        limits: A larger image is refused before it is decoded.

    Returns:
        uint8 RGB (H, W, 3), contiguous.

    Raises:
        ImageReadError: Damaged, truncated, too large, of another format, or of another size than ``size_hw``. The
            message names no file; the caller knows it.
    """
    header = read_header(data, limits)
    is_upright = size_hw in (None, header.size_hw)
    if not is_upright and size_hw != header.stored_size_hw:
        height, width = header.size_hw
        annotated = "x".join(map(str, reversed(size_hw or ())))
        raise ImageReadError(
            f"the image is {width}x{height} px but its annotation was made for {annotated} px; "
            "restore the image or annotate it anew"
        )
    return decode_pixels(data, header, reduce=reduce, is_upright=is_upright)


def read_size_hw(data: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> tuple[int, int]:
    """Height and width that ``decode_image`` would give, from the file's header alone.

    Raises:
        ImageReadError: Empty, damaged, too large, or of a format that is not decoded.
    """
    return read_header(data, limits).size_hw


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
