"""Images that come with a request: judged before they are decoded."""

from __future__ import annotations

import io
import warnings

from PIL import Image, UnidentifiedImageError

from indexer.crops import decode_image
from indexer.domain import Box, Pixels
from indexer.errors import ImageReadError, InvalidOptionsError


def decode_upload(data: bytes, file_name: str, *, max_pixels: int) -> Pixels:
    """Decode an uploaded image.

    Args:
        data: The file's bytes.
        file_name: What the client calls it, for the message.
        max_pixels: Refuse larger images: a few kilobytes can unpack to gigabytes.

    Returns:
        uint8 RGB (H, W, 3).

    Raises:
        InvalidOptionsError: It is no image, damaged or too large.
    """
    n_pixels = _count_pixels(data)
    if n_pixels > max_pixels:
        raise InvalidOptionsError(f"'{file_name}' has {n_pixels} pixels; send at most {max_pixels}")
    try:
        return decode_image(data)
    except ImageReadError as error:
        raise InvalidOptionsError(f"'{file_name}' is not an image that can be read: {error}") from error


def parse_box(text: str) -> Box:
    """Read a box written ``left,top,right,bottom``.

    Raises:
        InvalidOptionsError: It is none, or holds no pixel.
    """
    try:
        box = Box(*(int(part) for part in text.split(",")))
    except (ValueError, TypeError):
        raise InvalidOptionsError(
            f"box '{text}' is not left,top,right,bottom in whole pixels, such as 10,20,50,60"
        ) from None
    if box.is_empty:
        raise InvalidOptionsError(f"box '{text}' holds no pixel; right and bottom must exceed left and top")
    return box


def _count_pixels(data: bytes) -> int:
    """Pixels that the header promises; 0 where Pillow does not know the format, which OpenCV then judges."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as header:
                return header.width * header.height
    except Image.DecompressionBombError as error:
        raise InvalidOptionsError(f"the image is too large: {error}") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return 0
