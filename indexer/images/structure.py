"""Where the bytes of an image file tell its size, for the formats whose decoder is not Pillow (pure).

A decoder allocates what the file says, and a file may tell two sizes. So the size must be read where the decoder reads
it, not where another library does. Whatever these functions do not find, or find twice, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from indexer.errors import ImageReadError

_ORIENTATION_TAG: Final = 0x0112
_MAX_SCANS: Final = 200
"""Passes of a progressive JPEG; encoders make about ten, and each goes over the whole image."""
_MAX_COMPONENTS: Final = 4
_MIN_TILE_AREA: Final = 1024
"""Pixels of a JPEG 2000 tile: each costs the decoder some ten kilobytes, of whatever size it is."""
_MIN_PRECINCT_EXPONENT: Final = 6
_MIN_BLOCK_EXPONENTS: Final = 8
"""JPEG 2000: a precinct or a code block costs some hundred bytes. Of a few pixels each, they multiply the image."""
_MAX_LAYERS: Final = 100
"""JPEG 2000: the decoder keeps a number for every layer of every precinct. Encoders make up to some dozens."""
_COD: Final = 0x52
_COC: Final = 0x53
_SOT: Final = 0x90
_SOD: Final = 0x93


class ImageStructure(NamedTuple):
    """Facts that the bytes tell.

    Attributes:
        width: Of the stored image, in pixels.
        height: Of the stored image, in pixels.
        orientation: EXIF orientation, 1 to 8.
    """

    width: int
    height: int
    orientation: int = 1


def read_orientation(exif: bytes) -> int:
    """The orientation that an EXIF block tells, 1 to 8; 1 if it tells none or is damaged.

    Args:
        exif: The block, a little TIFF file, with or without its name before it.
    """
    block = exif.removeprefix(b"Exif\0\0")
    order: Literal["little", "big"] = "little" if block[:2] == b"II" else "big"
    first = int.from_bytes(block[4:8], order)
    n_tags = int.from_bytes(block[first : first + 2], order)
    for at in range(first + 2, min(first + 2 + 12 * n_tags, len(block) - 11), 12):
        if int.from_bytes(block[at : at + 2], order) == _ORIENTATION_TAG:
            orientation = int.from_bytes(block[at + 8 : at + 10], order)
            return orientation if 1 <= orientation <= 8 else 1
    return 1


def read_jpeg(data: bytes) -> ImageStructure:
    """Find the frame header of a JPEG, stepping over segments as libjpeg does.

    Raises:
        ImageReadError: There is none before the pixels, or the file repeats its pixels too often.
    """
    exif = b""
    for marker, start, end in _jpeg_segments(data):
        if marker == 0xE1 and not exif and data[start : start + 6] == b"Exif\0\0":
            exif = data[start:end]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            _require(end - start >= 6, "its frame header is cut off")
            if marker in (0xC2, 0xCA) and data.count(b"\xff\xda", end) > _MAX_SCANS:
                raise ImageReadError(f"the JPEG has more than {_MAX_SCANS} scans; save it anew")
            height, width = _number(data, start + 1, 2), _number(data, start + 3, 2)
            return ImageStructure(width, height, read_orientation(exif))
    raise ImageReadError("the image is damaged: the JPEG has no frame header")


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of each segment's content, up to the first scan."""
    at = 2
    while True:
        at = data.find(b"\xff", at)
        while 0 <= at < len(data) and data[at] == 0xFF:
            at += 1
        if not 0 <= at < len(data):
            return
        marker, at = data[at], at + 1
        if marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD7:  # no marker, or one without content
            continue
        length = _number(data, at, 2)
        if marker in (0xD8, 0xD9, 0xDA) or length < 2 or at + length > len(data):
            return
        yield marker, at + 2, at + length
        at += length


def read_png(data: bytes) -> ImageStructure:
    """Read the header chunk of a PNG, and its EXIF chunk.

    Raises:
        ImageReadError: The chunks are damaged, or there are several headers.
    """
    _require(data[8:16] == b"\0\0\0\rIHDR" and len(data) >= 33, "it does not begin with its header")
    exif = b""
    for kind, start, end in _png_chunks(data, 33):
        _require(kind != b"IHDR", "it has several headers")
        if kind == b"eXIf" and not exif:
            exif = data[start + 8 : end - 4]
    return ImageStructure(_number(data, 16, 4), _number(data, 20, 4), read_orientation(exif))


_PNG_PIXELS: Final = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")


def strip_png(data: bytes) -> bytes:
    """A PNG with nothing but what its pixels need.

    Texts and colour profiles can unpack to gigabytes in libpng. OpenCV allocates the length of a chunk before it looks
    whether the file is as long. Animations show another image than the still one.

    Raises:
        ImageReadError: A chunk is cut off.
    """
    chunks = list(_png_chunks(data, 8))
    _require(all(end <= len(data) for _, _, end in chunks), "it is cut off")
    if all(kind in _PNG_PIXELS for kind, _, _ in chunks):
        return data
    return data[:8] + b"".join(data[start:end] for kind, start, end in chunks if kind in _PNG_PIXELS)


def _png_chunks(data: bytes, at: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of each chunk, up to the last one; one that is cut off would end behind the data."""
    kind = b""
    while at + 12 <= len(data) and kind != b"IEND":
        kind, end = data[at + 4 : at + 8], at + 12 + _number(data, at, 4)
        yield kind, at, end
        at = end


def read_webp(data: bytes) -> ImageStructure:
    """Read the canvas of a WebP, or the frame of one without a canvas, and its EXIF chunk.

    Raises:
        ImageReadError: The first chunk is none that a WebP begins with, or is damaged.
    """
    kind, content = data[12:16], data[20:30]
    _require(len(content) == 10, "its header is cut off")
    if kind == b"VP8X":
        exif = next((data[start:end] for name, start, end in _webp_chunks(data) if name == b"EXIF"), b"")
        return ImageStructure(1 + _little(content[4:7]), 1 + _little(content[7:10]), read_orientation(exif))
    if kind == b"VP8 " and content[3:6] == b"\x9d\x01\x2a":
        return ImageStructure(_little(content[6:8]) & 0x3FFF, _little(content[8:10]) & 0x3FFF)
    _require(kind == b"VP8L" and content[0] == 0x2F, "its first chunk is of no known kind")
    packed = _little(content[1:5])
    return ImageStructure(1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF))


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    while at + 8 <= len(data):
        length = _little(data[at + 4 : at + 8])
        yield data[at : at + 4], at + 8, at + 8 + length
        at += 8 + length + length % 2


_PNM_GAP: Final = rb"(?:\s|#[^\r\n]*[\r\n])+"
_PNM_HEADER: Final = re.compile(rb"P[1-6](?=\s)" + _PNM_GAP + rb"(\d{1,9})" + _PNM_GAP + rb"(\d{1,9})\s")


def read_pnm(data: bytes) -> ImageStructure:
    """Read the header of a PBM, PGM or PPM.

    Raises:
        ImageReadError: It tells no size.
    """
    found = _PNM_HEADER.match(data)
    if found is None:
        raise ImageReadError("the image is damaged: its header tells no size")
    return ImageStructure(int(found[1]), int(found[2]))


def read_jpeg2000(data: bytes) -> ImageStructure:
    """Read the size that the codestream of a JPEG 2000 has, whatever the boxes around it say.

    Raises:
        ImageReadError: There is no codestream, or it is cut into pieces that cost far more than its pixels.
    """
    at = 0 if data[:4] == b"\xff\x4f\xff\x51" else _find_codestream(data)
    _require(data[at : at + 4] == b"\xff\x4f\xff\x51" and len(data) >= at + 44, "its codestream has no size")
    right, bottom, left, top, tile_width, tile_height = (_number(data, at + 8 + 4 * place, 4) for place in range(6))
    _require(right > left and bottom > top and tile_width > 0 and tile_height > 0, "its codestream has no size")
    width, height, n_components = right - left, bottom - top, _number(data, at + 40, 2)
    _require(1 <= n_components <= _MAX_COMPONENTS, f"it has {n_components} components")
    whole = min(tile_width, width) * min(tile_height, height)
    _require(whole >= min(_MIN_TILE_AREA, width * height), "its tiles are too small")
    _check_coding(data, at + 4 + _number(data, at + 4, 2))
    return ImageStructure(width, height)


def _find_codestream(data: bytes) -> int:
    at = 0
    while at + 8 <= len(data):
        length, kind, header = _number(data, at, 4), data[at + 4 : at + 8], 8
        if length == 1:
            length, header = _number(data, at + 8, 8), 16
        if kind == b"jp2c":
            return at + header
        if length < header:
            break
        at += length
    raise ImageReadError("the image is damaged: the JPEG 2000 has no codestream")


def _check_coding(data: bytes, at: int) -> None:
    """Refuse coding styles, of the image or of one tile, for which a decoder allocates far more than the pixels."""
    for marker, start in _codestream_segments(data, at):
        if marker not in (_COD, _COC):
            continue
        if marker == _COD:
            _require(_number(data, start + 2, 2) <= _MAX_LAYERS, "it has too many quality layers")
        style, coding = (start, start + 5) if marker == _COD else (start + 1, start + 2)
        block, precincts = data[coding + 1 : coding + 3], data[coding + 5 : start - 2 + _number(data, start - 2, 2)]
        _require(sum(size & 15 for size in block) + 4 >= _MIN_BLOCK_EXPONENTS, "its code blocks are too small")
        if data[style] & 1:  # one size a resolution, each of which halves the image
            sizes = (min(size & 15, size >> 4) + halved for halved, size in enumerate(reversed(precincts)))
            _require(min(sizes, default=15) >= _MIN_PRECINCT_EXPONENT, "its precincts are too small")


def _codestream_segments(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Yield marker and start of content of each whole segment in the main header and in those of tile parts."""
    part, length_of_part = at, 0
    while at + 12 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], _number(data, at + 2, 2)
        if marker == _SOT:
            part, length_of_part = at, _number(data, at + 6, 4)
        if marker == _SOD:
            if length_of_part <= at - part:  # zero for the last one, whose length nobody says
                return
            at = part + length_of_part
            continue
        _require(length >= 2, "a segment of its codestream is empty")
        if at + 2 + length <= len(data):
            yield marker, at + 4
        at += 2 + length


def _number(data: bytes, at: int, n_bytes: int) -> int:
    return int.from_bytes(data[at : at + n_bytes])


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _require(holds: bool, fault: str) -> None:  # noqa: FBT001 - reads like an assertion
    if not holds:
        raise ImageReadError(f"the image is damaged: {fault}")
