"""From image files to crops: decoding, padding, cutting, masking. Pure; nothing here touches the disk.

Decoding, resizing and colour conversion run in OpenCV, which releases the GIL, so that threads decode in parallel.
OpenCV in RGB order is the fastest decoder measured: 10 ms for a 2000x1500 JPEG and its eight crops, Pillow 17 ms.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from indexer.domain import Box, CropOptions, Pixels
from indexer.errors import ImageReadError
from indexer.image_headers import read_header

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # what fails is raised, not printed

Mask = npt.NDArray[np.bool_]
"""bool (H, W), True on the object."""

REDUCTIONS = (8, 4, 2)
"""By how much libjpeg can shrink while it decodes, in both directions."""
_REDUCED_FLAGS = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}
_SUBPIXEL_BITS = 4


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
        boxes: Padded boxes of all instances of the image, also of those whose embeddings exist: the pixels that an
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


def decode_image(data: bytes, *, size_hw: tuple[int, int] | None = None, reduce: int = 1) -> Pixels:
    """Decode an image file to 8-bit RGB, the way a browser would show it on a white page.

    Grayscale, palette and CMYK become RGB, of 16 bits the upper eight are kept, transparency is composited on
    white. EXIF orientation is applied, as labelling tools do, unless only the stored orientation fits ``size_hw``.

    Args:
        data: The file's bytes: JPEG, PNG, WebP, TIFF, BMP, GIF (first frame), AVIF, JPEG 2000, PNM.
        size_hw: Height and width that the annotations refer to, if known.
        reduce: Decode a JPEG at 1/2, 1/4 or 1/8 of its size (rounded up); other formats are decoded whole
            and shrunk to the same size.

    Returns:
        uint8 RGB (H, W, 3), contiguous.

    Raises:
        ImageReadError: Damaged, truncated, of unknown format, or of another size than ``size_hw``. The message
            names no file; the caller knows it.
    """
    pixels = _decode(data, reduce, turn=True)
    if size_hw is None or pixels.shape[:2] == _reduced_size(size_hw, reduce):
        return pixels
    stored = _decode(data, reduce, turn=False)
    if stored.shape[:2] == _reduced_size(size_hw, reduce):
        return stored
    height, width = _decode(data, 1, turn=True).shape[:2]
    raise ImageReadError(
        f"the image is {width}x{height} px but its annotation was made for {size_hw[1]}x{size_hw[0]} px; "
        "restore the image or annotate it anew"
    )


def read_size_hw(data: bytes) -> tuple[int, int]:
    """Height and width that ``decode_image`` would give, from the file's header alone.

    Raises:
        ImageReadError: Empty, damaged, or no image format known here.
    """
    return read_header(io.BytesIO(data)).size_hw


def _reduced_size(size_hw: tuple[int, int], reduce: int) -> tuple[int, int]:
    return -(-size_hw[0] // reduce), -(-size_hw[1] // reduce)


def _decode(data: bytes, reduce: int, *, turn: bool) -> Pixels:
    if data[:3] == b"\xff\xd8\xff":
        return _decode_jpeg(data, reduce, turn=turn)
    pixels = _to_rgb(_imdecode(data, cv2.IMREAD_UNCHANGED))
    if turn and data[:4] not in (b"II*\0", b"MM\0*"):  # OpenCV always turns TIFF files, and no other in this mode
        pixels = _turn(pixels, _exif_orientation(data))
    if reduce > 1:
        height, width = _reduced_size(pixels.shape[:2], reduce)
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return pixels


def _decode_jpeg(data: bytes, reduce: int, *, turn: bool) -> Pixels:
    stored = 0 if turn else cv2.IMREAD_IGNORE_ORIENTATION
    if reduce == 1:
        return _imdecode(data, cv2.IMREAD_COLOR_RGB | stored)
    return _convert(_imdecode(data, _REDUCED_FLAGS[reduce] | stored), cv2.COLOR_BGR2RGB)


def _imdecode(data: bytes, flags: int) -> npt.NDArray[Any]:
    if not data:
        raise ImageReadError("the image file is empty")
    try:
        pixels: npt.NDArray[Any] | None = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise ImageReadError(f"the image cannot be decoded: {error.err}") from error
    if pixels is None:
        raise ImageReadError("the image is damaged, truncated or of an unknown format")
    return pixels


def _to_rgb(pixels: npt.NDArray[Any]) -> Pixels:
    """Any array that OpenCV decodes to uint8 RGB."""
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    if pixels.dtype != np.uint8:
        raise ImageReadError(
            f"the image has {pixels.dtype} pixels, whose brightness is undefined; save it with 8 or 16 bits"
        )
    n_channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    if n_channels == 4:
        return _on_white(pixels)
    if n_channels not in (1, 3):
        raise ImageReadError(f"the image has {n_channels} channels; gray, RGB or RGBA was expected")
    return _convert(pixels, cv2.COLOR_GRAY2RGB if n_channels == 1 else cv2.COLOR_BGR2RGB)


def _convert(pixels: npt.NDArray[Any], code: int) -> Pixels:
    rgb: Pixels = cv2.cvtColor(pixels, code)
    return rgb


def _on_white(bgra: npt.NDArray[Any]) -> Pixels:
    rgb = _convert(bgra, cv2.COLOR_BGRA2RGB)
    alpha = bgra[:, :, 3:].astype(np.uint16)
    if alpha.min() == 255:
        return rgb
    white = 255 * (255 - alpha)
    blended: Pixels = ((rgb * alpha + white + 127) // 255).astype(np.uint8)
    return blended


def _exif_orientation(data: bytes) -> int:
    try:
        return read_header(io.BytesIO(data)).orientation
    except ImageReadError:
        return 1  # OpenCV has decoded the file; Pillow merely knows no tags of it


def _turn(pixels: Pixels, orientation: int) -> Pixels:
    """Undo an EXIF orientation (1 to 8): how the stored rows and columns lie in the upright image."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def mask_background(crop: Pixels, shape: Mapping[str, Any], *, box: Box) -> Pixels:
    """Paint everything outside the object's shape in the crop's mean colour.

    Args:
        crop: uint8 RGB (H, W, 3), cut by ``box`` at any scale.
        shape: ``SourceObject.shape``; one without an area (a box, points, lines) leaves the crop as it is.
        box: The padded box, in the coordinates of ``shape``.

    Returns:
        uint8 RGB (H, W, 3): a copy, or ``crop`` itself where there is nothing to paint.
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
        box: The window, half-open, in image coordinates.
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
            corners = (np.asarray(ring, np.float64) - (box.left, box.top)) * scale - 0.5
            fixed = np.round(corners * (1 << _SUBPIXEL_BITS)).astype(np.int32)
            cv2.fillPoly(canvas, [fixed], value, shift=_SUBPIXEL_BITS)
    return canvas.astype(bool)


def _draw_rle(rle: Mapping[str, Any], box: Box, size_hw: tuple[int, int]) -> Mask:
    counts = np.asarray(rle["counts"])
    runs = np.repeat(np.arange(len(counts)) % 2, counts).reshape(rle["size"], order="F").astype(np.uint8)
    left, top = rle["origin"]
    inner = Box(box.left - left, box.top - top, box.right - left, box.bottom - top)  # the window, seen from the mask
    shared = inner.clipped_to(runs.shape)
    window = np.zeros((box.height, box.width), np.uint8)
    rows = slice(shared.top - inner.top, shared.bottom - inner.top)
    columns = slice(shared.left - inner.left, shared.right - inner.left)
    window[rows, columns] = cut_crop(runs, shared)
    resized: Mask = cv2.resize(window, size_hw[::-1], interpolation=cv2.INTER_NEAREST).astype(bool)
    return resized
