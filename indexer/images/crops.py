"""From image files to crops: decoding, padding, cutting. Pure; nothing here touches the disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indexer.domain import DEFAULT_LIMITS, Box, CropOptions, ImageLimits, Pixels
from indexer.errors import ImageReadError, InvalidOptionsError
from indexer.images.decoders import decode_pixels
from indexer.images.headers import read_header
from indexer.images.masks import mask_background

REDUCTIONS = (8, 4, 2)
"""By how much libjpeg can shrink while it decodes, in both directions."""


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


def clip_box(box: Box, size_hw: tuple[int, int], *, name: str = "box") -> Box:
    """The part of a box that lies in an image, where somebody asks for the box.

    Args:
        box: Half-open box, which may reach beyond the image.
        size_hw: Height and width of the image.
        name: What the request calls the box, for the message.

    Raises:
        InvalidOptionsError: The box lies beside the image.
    """
    clipped = box.clipped_to(size_hw)
    if clipped.is_empty:
        height, width = size_hw
        raise InvalidOptionsError(
            f"{name} '{','.join(map(str, box))}' holds no pixel of the image of {width} x {height} px; "
            f"use one that overlaps 0,0,{width},{height}"
        )
    return clipped


def cut_crop(pixels: Pixels, box: Box) -> Pixels:
    """The pixels in a box, as a view on ``pixels``.

    Args:
        pixels: uint8 RGB (H, W, 3).
        box: Half-open box inside the image.

    Returns:
        uint8 RGB (box.height, box.width, 3).
    """
    return pixels[box.top : box.bottom, box.left : box.right]


def cut_scaled(decoded: Pixels, box: Box, *, reduce: int = 1, shape: Mapping[str, Any] | None = None) -> Pixels:
    """Cut a padded box out of an image that was decoded at some scale.

    Args:
        decoded: uint8 RGB (H, W, 3), the image at 1/``reduce`` of its size.
        box: Half-open box inside the full-size image.
        reduce: 1, 2, 4 or 8.
        shape: ``SourceObject.shape`` if everything outside it is painted over.

    Returns:
        uint8 RGB (H, W, 3), at least one pixel.
    """
    crop = cut_crop(decoded, reduce_box(box, reduce, size_hw=(decoded.shape[0], decoded.shape[1])))
    return mask_background(crop, shape, box=box) if shape else crop


class ImageScales:
    """An image file's pixels, decoded when they are needed, at each scale at most once.

    Attributes:
        size_hw: Height and width of the full-size image.

    Args:
        data: The file's bytes.
        size_hw: Height and width that the annotations refer to; None for those of the upright image.
        limits: A larger image is refused before it is decoded.

    Raises:
        ImageReadError: ``size_hw`` is None, and the file's header is damaged or tells a size above the limits.
    """

    def __init__(
        self, data: bytes, *, size_hw: tuple[int, int] | None = None, limits: ImageLimits = DEFAULT_LIMITS
    ) -> None:
        self._data, self._limits = data, limits
        self.size_hw = size_hw or read_size_hw(data, limits)
        self._decoded: dict[int, Pixels] = {}

    def decode(self, reduce: int) -> Pixels:
        """The pixels at 1/1, 1/2, 1/4 or 1/8 of the size; see ``decode_image``.

        Raises:
            ImageReadError: The file is damaged, truncated, too large, or of another size than ``size_hw``.
        """
        if reduce not in self._decoded:
            self._decoded[reduce] = decode_image(self._data, size_hw=self.size_hw, reduce=reduce, limits=self._limits)
        return self._decoded[reduce]


def cut_as_embedded(
    image: ImageScales,
    box: Box | None,
    options: CropOptions,
    *,
    input_size_hw: tuple[int, int],
    shape: Mapping[str, Any] | None = None,
) -> Pixels:
    """Cut what is embedded of an image or a box of it, when it is indexed and when it is searched by.

    The crop depends on nothing but the arguments: not on the image's other objects, nor on what a run has left to do.
    A whole image is decoded at a reduced scale: for a JPEG of 4000 x 3000 that takes a third of the time (38 against
    119 ms until it fits the network). Boxes are cut from full size, so that one decoding serves all of an image.

    Args:
        image: The image file.
        box: Half-open box inside the image, without its padding; None for the whole image, which is not padded.
        options: Padding and masking.
        input_size_hw: What the crop is fitted into, aspect kept.
        shape: ``SourceObject.shape``, for ``options.mask_background``.

    Returns:
        uint8 RGB (H, W, 3), at least one pixel.

    Raises:
        ImageReadError: The image is damaged, or of another size than its annotation was made for.
    """
    whole = Box(0, 0, image.size_hw[1], image.size_hw[0])
    padded = whole if box is None else pad_box(box, options, size_hw=image.size_hw)
    reduce = choose_reduction(whole, input_size_hw) if padded == whole else 1
    return cut_scaled(image.decode(reduce), padded, reduce=reduce, shape=shape if options.mask_background else None)


def choose_reduction(box: Box, fitted_hw: tuple[int, int]) -> int:
    """The strongest reduced-scale decoding (1, 2, 4 or 8) after which a crop has not to be enlarged because of it.

    Args:
        box: Padded box.
        fitted_hw: What the crop is fitted into, aspect kept.
    """
    scale = max(box.height / fitted_hw[0], box.width / fitted_hw[1])
    return next((reduction for reduction in REDUCTIONS if reduction <= scale), 1)


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
