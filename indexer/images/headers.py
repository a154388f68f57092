"""Facts from an image file's header: its format, size and orientation, without decoding a pixel."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from indexer.domain import DEFAULT_LIMITS, ImageLimits
from indexer.errors import ImageReadError
from indexer.images.formats import ImageFormat, recognise_format
from indexer.images.pillow_files import read_structure
from indexer.images.structure import ImageStructure, read_jpeg, read_png, read_pnm, read_webp
from indexer.regular_files import open_regular

MAX_SIDE_PX: Final = 2**20
"""Longest side that the decoders take."""
_HEAD_BYTES: Final = 2**18


class ImageHeader(NamedTuple):
    """The header of an image file.

    Attributes:
        size_hw: Height and width of the upright image.
        orientation: EXIF orientation, 1 to 8.
        format: The file's format.
    """

    size_hw: tuple[int, int]
    orientation: int
    format: ImageFormat

    @property
    def stored_size_hw(self) -> tuple[int, int]:
        """Height and width of the image as its pixels are stored."""
        height, width = self.size_hw
        return (width, height) if self.orientation >= 5 else (height, width)


def read_header(file: str | Path | bytes, limits: ImageLimits = DEFAULT_LIMITS) -> ImageHeader:
    """Read the header of an image file, and refuse an image that may not be decoded.

    Args:
        file: A path, or the file's bytes. Of a file on disk only the beginning is read, if that tells all.
        limits: The largest image that is let through.

    Raises:
        ImageReadError: It is missing, no regular file, empty, damaged, of a format that is not decoded, has no pixels
            or more than ``limits`` allow. The message names no file.
    """
    return _parse(file, limits) if isinstance(file, bytes) else _read_header_of_file(file, limits)


def _read_header_of_file(path: str | Path, limits: ImageLimits) -> ImageHeader:
    try:
        with open_regular(path) as file:
            facts = os.fstat(file.fileno())
            if facts.st_size > limits.max_bytes:
                raise too_long(facts.st_size, limits)
            head = file.read(_HEAD_BYTES)
            try:
                return _parse(head, limits)
            except ImageReadError:
                if facts.st_size <= _HEAD_BYTES:
                    raise
            return _parse(head + file.read(), limits)
    except OSError as error:
        raise ImageReadError(f"the image file cannot be read: {error.strerror}") from error


def too_long(n_bytes: int, limits: ImageLimits) -> ImageReadError:
    """The error of a file that has more bytes than are read."""
    return ImageReadError(
        f"the image file has {n_bytes:,} bytes; at most {limits.max_bytes:,} are read, "
        "unless LOOKALIKE_IMAGES__MAX_BYTES says otherwise"
    )


def _parse(data: bytes, limits: ImageLimits) -> ImageHeader:
    if len(data) > limits.max_bytes:
        raise too_long(len(data), limits)
    kind = recognise_format(data)
    structure = _READERS[kind](data) if kind in _READERS else read_structure(data, kind)
    width, height, orientation = structure
    _require_decodable(width, height, limits)
    return ImageHeader((width, height) if orientation >= 5 else (height, width), orientation, kind)


def _require_decodable(width: int, height: int, limits: ImageLimits) -> None:
    if width < 1 or height < 1:
        raise ImageReadError(f"the image has no pixels: its header says {width} x {height}")
    if max(width, height) > MAX_SIDE_PX:
        raise ImageReadError(f"the image is {width} x {height} px; no side may be longer than {MAX_SIDE_PX:,}")
    if width * height > limits.max_pixels:
        raise ImageReadError(
            f"the image has {width * height:,} pixels ({width} x {height}); at most {limits.max_pixels:,} are decoded, "
            "unless LOOKALIKE_IMAGES__MAX_PIXELS says otherwise"
        )


_READERS: Final[Mapping[ImageFormat, Callable[[bytes], ImageStructure]]] = {
    ImageFormat.JPEG: read_jpeg,
    ImageFormat.PNG: read_png,
    ImageFormat.WEBP: read_webp,
    ImageFormat.PNM: read_pnm,
}
