"""Images that come with a request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from indexer.domain import Box, ImageLimits
from indexer.errors import ImageReadError, InvalidOptionsError
from indexer.images.crops import ImageScales

_SHOWN_CHARS = 100
_FARTHEST_PX = 2**31


@contextmanager
def open_upload(data: bytes, file_name: str, limits: ImageLimits) -> Iterator[ImageScales]:
    """Open an uploaded image, by the rule that holds for sources. It is decoded when its pixels are needed.

    Args:
        data: The file's bytes.
        file_name: What the client calls it, for the message.
        limits: A larger image is refused before it is decoded: a few kilobytes can unpack to gigabytes.

    Raises:
        InvalidOptionsError: It is no image, damaged or too large; also if that shows while it is decoded.
    """
    try:
        yield ImageScales(data, limits=limits)
    except ImageReadError as error:
        raise InvalidOptionsError(f"'{file_name[:_SHOWN_CHARS]}' cannot be searched by: {error}") from error


def parse_box(text: str, *, name: str = "box") -> Box:
    """Read a box written ``left,top,right,bottom``.

    Args:
        text: What the client wrote.
        name: What the request calls it, for the message.

    Raises:
        InvalidOptionsError: It is none, or holds no pixel.
    """
    try:
        places = [_parse_place(part) for part in text.split(",")]
        return to_box(places, name=name)
    except (ValueError, TypeError):
        raise InvalidOptionsError(
            f"{name} '{text}' is not left,top,right,bottom in whole pixels, such as 10,20,50,60"
        ) from None


def to_box(places: Sequence[int], *, name: str = "box") -> Box:
    """Make a box of left, top, right and bottom.

    Raises:
        InvalidOptionsError: It holds no pixel.
    """
    box = Box(*places)
    if box.is_empty:
        text = ",".join(map(str, places))
        raise InvalidOptionsError(f"{name} '{text}' holds no pixel; right and bottom must exceed left and top")
    return box


def _parse_place(text: str) -> int:
    place = int(text)
    if abs(place) > _FARTHEST_PX:
        raise ValueError
    return place
