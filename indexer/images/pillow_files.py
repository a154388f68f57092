"""Image files that Pillow reads: header and pixels by the same library, so that both mean one size."""

from __future__ import annotations

import ctypes
import io
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from indexer.domain import Pixels
from indexer.errors import ImageReadError
from indexer.images.formats import ImageFormat
from indexer.images.painting import paint_on_white, turn_back
from indexer.images.structure import ImageStructure, read_jpeg2000, read_orientation, strip_png

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile as OpenImage

_WIDTH_TAG: Final = 256
_HEIGHT_TAG: Final = 257
_TILE_WIDTH_TAG: Final = 322
_TILE_HEIGHT_TAG: Final = 323
_LARGE_TILE_AREA: Final = 2**24
"""Pixels of a TIFF tile that is fine for an image of any size."""
_BITS_TAG: Final = 258
_ORIENTATION_TAG: Final = 274


def read_structure(data: bytes, kind: ImageFormat) -> ImageStructure:
    """The size and orientation that a file's header tells.

    Raises:
        ImageReadError: The file is damaged.
    """
    with _open(data, kind) as image:
        if kind is ImageFormat.TIFF:  # Pillow's own size is that of the upright image
            return _read_tiff_structure(image)
        if kind is ImageFormat.JPEG_2000:  # its boxes may tell another size than the codestream in them
            structure = read_jpeg2000(data)
            if structure[:2] != image.size:
                raise ImageReadError("the image is damaged: it tells two sizes")
            return structure
        return ImageStructure(image.width, image.height, read_orientation(image.info.get("exif", b"")))


def _read_tiff_structure(image: OpenImage) -> ImageStructure:
    tags: Any = image.tag_v2  # type: ignore[attr-defined]
    width, height = int(tags[_WIDTH_TAG]), int(tags[_HEIGHT_TAG])
    tile_area = int(tags.get(_TILE_WIDTH_TAG, 0)) * int(tags.get(_TILE_HEIGHT_TAG, 0))
    if tile_area > max(width * height, _LARGE_TILE_AREA):
        raise ImageReadError("the image is damaged: its tiles are larger than the image")
    return ImageStructure(width, height, _orientation_of_tiff(image))


def decode_with_pillow(data: bytes, kind: ImageFormat) -> Pixels:
    """Decode the first image of a file as it is stored, without applying its orientation.

    Returns:
        uint8 RGB (H, W, 3), on white where it is transparent.

    Raises:
        ImageReadError: The file is damaged, or its pixels have no defined brightness.
    """
    with _open(data, kind) as image:
        orientation = _orientation_of_tiff(image) if kind is ImageFormat.TIFF else 1
        bits = _bits_of(image, kind)
        image.load()
        pixels = _to_rgb(image, bits)
        return turn_back(pixels, orientation)  # Pillow has turned a TIFF while it loaded it


def decode_mask(data: bytes) -> npt.NDArray[np.bool_]:
    """Decode a PNG to the pixels that are on the object: those that are not transparent, or else not black.

    Returns:
        bool (H, W).

    Raises:
        ImageReadError: The file is damaged.
    """
    with _open(data, ImageFormat.PNG) as image:
        image.load()
        if _has_transparency(image):
            values = np.asarray(image.convert("RGBA"))[:, :, 3]
        else:
            values = np.asarray(image.convert("RGB") if image.mode == "P" else image)
            values = values.max(axis=2) if values.ndim == 3 else values
        inside: npt.NDArray[np.bool_] = values != 0
        return inside


@contextmanager
def _open(data: bytes, kind: ImageFormat) -> Iterator[OpenImage]:
    """Open a file with Pillow; whatever Pillow raises meanwhile becomes an ImageReadError."""
    from PIL import Image, ImageFile

    try:
        content = strip_png(data) if kind is ImageFormat.PNG else data
        plugin = _plugins()[kind]
        # Switches of a whole process, which other libraries turn when they are imported. Every image is measured
        # against our own limits before it is decoded, and one that is cut off is damaged.
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = None, False
        with plugin(io.BytesIO(content)) as image:
            yield image
    except ImageReadError:
        raise
    except Exception as error:  # its plugins raise what their code happens to raise: IndexError, struct.error, ...
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ImageReadError(f"the {kind} is damaged, or of a kind that is not read: {reason}") from error


@cache
def _plugins() -> Mapping[ImageFormat, Any]:
    """The readers of Pillow, made silent; opening a file through them tries no other format."""
    from PIL import (
        AvifImagePlugin,
        BmpImagePlugin,
        GifImagePlugin,
        Jpeg2KImagePlugin,
        PngImagePlugin,
        TiffImagePlugin,
    )

    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    _silence_libtiff()
    return {
        ImageFormat.PNG: PngImagePlugin.PngImageFile,
        ImageFormat.TIFF: TiffImagePlugin.TiffImageFile,
        ImageFormat.BMP: BmpImagePlugin.BmpImageFile,
        ImageFormat.GIF: GifImagePlugin.GifImageFile,
        ImageFormat.AVIF: AvifImagePlugin.AvifImageFile,
        ImageFormat.JPEG_2000: Jpeg2KImagePlugin.Jpeg2KImageFile,
    }


def _silence_libtiff() -> None:
    """Keep libtiff from printing what Pillow raises as well; its functions are found through Pillow's own library."""
    with suppress(OSError, AttributeError):  # a Pillow that contains libtiff does not show its functions
        library = ctypes.CDLL(import_module("PIL._imaging").__file__)
        library.TIFFSetErrorHandler(None)
        library.TIFFSetWarningHandler(None)


def _orientation_of_tiff(image: OpenImage) -> int:
    orientation = image.tag_v2.get(_ORIENTATION_TAG, 1)  # type: ignore[attr-defined]
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def _bits_of(image: OpenImage, kind: ImageFormat) -> int:
    """Bits that a value of an image of 16-bit numbers really has."""
    if kind is ImageFormat.TIFF:
        return int(image.tag_v2.get(_BITS_TAG, (16,))[0])  # type: ignore[attr-defined]
    return 16


def _to_rgb(image: OpenImage, bits: int) -> Pixels:
    if image.mode.startswith("I;16"):
        return _deep_gray_to_rgb(image, bits)
    if image.mode in ("I", "F"):
        name = {"I": "int32", "F": "float32"}[image.mode]
        raise ImageReadError(f"the image has {name} pixels, whose brightness is undefined; save it with 8 or 16 bits")
    if image.mode == "LAB":
        return _lab_to_rgb(image)
    if _has_transparency(image):
        return paint_on_white(np.asarray(image.convert("RGBA")))
    return np.array(image.convert("RGB"))


def _deep_gray_to_rgb(image: OpenImage, bits: int) -> Pixels:
    values: npt.NDArray[np.uint16] = np.asarray(image)
    gray = (values >> (bits - 8)).astype(np.uint8)
    if isinstance(clear := image.info.get("transparency"), int):
        gray[values == clear] = 255
    rgb: Pixels = cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB)
    return rgb


def _has_transparency(image: OpenImage) -> bool:
    """Whether pixels may be transparent; of a color with 16 bits, Pillow keeps eight and cannot compare it."""
    clear = image.info.get("transparency")
    is_deep = isinstance(clear, tuple) and max(clear) > 255
    return image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or (clear is not None and not is_deep)


def _lab_to_rgb(image: OpenImage) -> Pixels:
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return np.array(ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB"))
