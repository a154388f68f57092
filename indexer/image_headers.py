"""What an image file's header tells: its size and orientation, without decoding a pixel."""

from __future__ import annotations

from typing import BinaryIO, Final, NamedTuple

from indexer.errors import ImageReadError

ORIENTATION_TAG: Final = 0x0112
"""EXIF and TIFF tag; 1 is upright, 5 to 8 lie on their side."""
_WIDTH_TAG, _HEIGHT_TAG = 256, 257


class ImageHeader(NamedTuple):
    """The header of an image file.

    Attributes:
        size_hw: Height and width of the upright image.
        orientation: EXIF orientation, 1 to 8.
    """

    size_hw: tuple[int, int]
    orientation: int


def read_header(file: str | BinaryIO) -> ImageHeader:
    """Read the header of an image file.

    Args:
        file: A path or an open binary file.

    Raises:
        ImageReadError: It is missing, empty, damaged or of an unknown format; the message names no file.
    """
    from PIL import Image, TiffImagePlugin, UnidentifiedImageError

    try:
        with Image.open(file) as image:
            width, height = image.size
            orientation = int(image.getexif().get(ORIENTATION_TAG, 1))
            if isinstance(image, TiffImagePlugin.TiffImageFile):  # some versions of Pillow swap its size themselves
                width, height = image.tag_v2[_WIDTH_TAG], image.tag_v2[_HEIGHT_TAG]
    except UnidentifiedImageError as error:
        raise ImageReadError("the image is empty, damaged or of an unknown format") from error
    except (OSError, ValueError, SyntaxError, KeyError, Image.DecompressionBombError) as error:
        raise ImageReadError(f"the image's header cannot be read: {error}") from error
    return ImageHeader((width, height) if 5 <= orientation <= 8 else (height, width), orientation)
