"""Which format an image file has, by its first bytes. Nine formats are decoded; all others are refused by name."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from indexer.errors import ImageReadError


class ImageFormat(StrEnum):
    """A format that is decoded."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    TIFF = "TIFF"
    BMP = "BMP"
    GIF = "GIF"
    AVIF = "AVIF"
    JPEG_2000 = "JPEG 2000"
    PNM = "PNM"


_SIGNATURES: Final = (
    (ImageFormat.JPEG, rb"\xff\xd8\xff"),
    (ImageFormat.PNG, rb"\x89PNG\r\n\x1a\n"),
    (ImageFormat.WEBP, rb"RIFF....WEBP"),
    (ImageFormat.TIFF, rb"II[*+]\0|MM\0[*+]"),
    (ImageFormat.BMP, rb"BM.{12}"),
    (ImageFormat.GIF, rb"GIF8[79]a"),
    (ImageFormat.JPEG_2000, rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  \r\n\x87\n"),
    (ImageFormat.PNM, rb"P[1-6]\s"),
)
_OTHERS: Final = (
    ("Radiance HDR", rb"#\?(?:RADIANCE|RGBE)"),
    ("OpenEXR", rb"v/1\x01"),
    ("Photoshop", rb"8BPS"),
    ("JPEG XL", rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n"),
    ("HEIC", rb"....ftyp(?:hei|hev|mif1|msf1)"),
    ("PFM", rb"P[Ff]\s"),
    ("PAM", rb"P7\s"),
    ("Sun raster", rb"\x59\xa6\x6a\x95"),
    ("QOI", rb"qoif"),
    ("DDS", rb"DDS "),
    ("an icon", rb"\0\0[\1\2]\0"),
    ("PDF", rb"%PDF"),
    ("PostScript", rb"%!PS"),
    ("DICOM", rb".{128}DICM"),
    ("SVG or another XML text", rb"\s*<(?:\?xml|svg|!DOCTYPE svg)"),
    ("HTML, perhaps the page of an error", rb"\s*<(?:!DOCTYPE html|html)"),
    ("a video", rb"....ftyp|\x1aE\xdf\xa3|RIFF....AVI "),
    ("a pointer of Git LFS; fetch the file itself", rb"version https://git-lfs"),
)
_PATTERNS: Final = tuple((known, re.compile(pattern, re.DOTALL)) for known, pattern in _SIGNATURES)
_OTHER_PATTERNS: Final = tuple((name, re.compile(pattern, re.DOTALL | re.IGNORECASE)) for name, pattern in _OTHERS)
_LONGEST_BRANDS: Final = 4096


def recognise_format(data: bytes) -> ImageFormat:
    """The format of an image file.

    Args:
        data: The file's bytes, at least its beginning.

    Raises:
        ImageReadError: It is empty, or of a format that is not decoded; the message names it if it is a known one.
    """
    for known, pattern in _PATTERNS:
        if pattern.match(data):
            return known
    if _is_avif(data):
        return ImageFormat.AVIF
    readable = ", ".join(ImageFormat)
    for name, pattern in _OTHER_PATTERNS:
        if pattern.match(data):
            raise ImageReadError(f"the image file is {name}, which is not read; save it as one of {readable}")
    raise ImageReadError(f"the image is empty, damaged or of an unknown format; images are read as {readable}")


def _is_avif(data: bytes) -> bool:
    """Whether a box ``ftyp`` at the beginning names an AVIF brand, first or among the compatible ones."""
    length = int.from_bytes(data[:4])
    if data[4:8] != b"ftyp" or not 16 <= length <= _LONGEST_BRANDS:
        return False
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, length, 4))]
    return b"avif" in brands or b"avis" in brands
