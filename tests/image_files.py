"""Small image files of every format that is decoded, and files that lie about themselves."""

import io
import struct
import zlib

import hypothesis.strategies as st
import numpy as np
from PIL import Image

from indexer.domain import Box

ORIENTATION = 0x0112
NOISE = np.random.default_rng(0).integers(0, 256, (24, 32, 4)).astype(np.uint8)
"""RGBA."""


def encode(image, file_format="PNG", **options):
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def make_exif(orientation=6):
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags


def make_files():
    """Valid files of every format: kind of file -> bytes."""
    rgba, rgb = Image.fromarray(NOISE), Image.fromarray(np.ascontiguousarray(NOISE[:, :, :3]))
    palette, turned = rgb.quantize(8), {"exif": make_exif()}
    moving = {"save_all": True, "append_images": [rgb.rotate(180)]}
    tiffs = {name: {"compression": name} for name in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits", "zstd")}
    return {
        "jpeg": encode(rgb, "JPEG", **turned),
        "jpeg progressive": encode(rgb, "JPEG", progressive=True),
        "jpeg cmyk": encode(rgb.convert("CMYK"), "JPEG"),
        "png": encode(rgba, **turned),
        "png palette": encode(palette, transparency=0),
        "png 16": encode(np.full((24, 32), 999, np.uint16)),
        "webp": encode(rgba, "WEBP", **turned),
        "webp lossless": encode(rgb, "WEBP", lossless=True),
        "webp moving": encode(rgb, "WEBP", **moving),
        "gif": encode(rgba, "GIF"),
        "gif moving": encode(rgb, "GIF", **moving),
        "bmp": encode(rgb, "BMP"),
        "bmp palette": encode(palette, "BMP"),
        "tiff": encode(rgba, "TIFF", tiffinfo=make_exif()),
        **{f"tiff {name}": encode(rgb, "TIFF", **options) for name, options in tiffs.items()},
        "tiff fax": encode(rgb.convert("1"), "TIFF", compression="group4"),
        "tiff palette": encode(palette, "TIFF", compression="tiff_lzw"),
        "avif": encode(rgba, "AVIF", **turned),
        "avif moving": encode(rgb, "AVIF", **moving),
        "jp2": encode(rgba, "JPEG2000"),
        "j2k tiles": encode(rgb, "JPEG2000", no_jp2=True, tile_size=(32, 32)),
        "ppm": encode(rgb, "PPM"),
        "pgm": encode(rgb.convert("L"), "PPM"),
        "pgm text": b"P2\n# hand-made\n3 2\n255\n1 2 3 4 5 6\n",
    }


def png_chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def insert_png_chunk(png, kind, content):
    """Put a chunk behind the header of a PNG."""
    return png[:33] + png_chunk(kind, content) + png[33:]


def make_png_header(width, height):
    return struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)


def make_tiff(pixels, *, photometric=2, extra=None, more_tags=(), order="<"):
    """An uncompressed TIFF of one strip.

    Args:
        pixels: uint8 or uint16 (H, W, C).
        photometric: 1 for gray, 2 for RGB.
        extra: Tag ExtraSamples: 1 for colours multiplied by alpha, 2 for those that are not.
        more_tags: Further (tag, type, value), put at the end.
        order: ``<`` or ``>``.
    """
    height, width, n_samples = pixels.shape
    content = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    bits = struct.pack(f"{order}{n_samples}H", *[pixels.dtype.itemsize * 8] * n_samples).ljust(8, b"\0")
    tags = [(256, 4, width), (257, 4, height), (258, 3, bits), (259, 3, 1), (262, 3, photometric), (273, 4, None),
            (277, 3, n_samples), (278, 4, height), (279, 4, len(content))]  # fmt: skip
    tags += [(338, 3, extra)] if extra is not None else []
    tags += more_tags
    behind = 8 + 2 + 12 * len(tags) + 4
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(tags))
    for tag, kind, value in tags:
        if isinstance(value, bytes):
            inside = value[:4] if n_samples <= 2 else struct.pack(f"{order}I", behind)
            head += struct.pack(f"{order}HHI", tag, kind, n_samples) + inside
            continue
        number = behind + 8 if value is None else value
        packed = struct.pack(f"{order}H", number) + b"\0\0" if kind == 3 else struct.pack(f"{order}I", number)
        head += struct.pack(f"{order}HHI", tag, kind, 1) + packed
    return head + bytes(4) + bits + content


def boxes_in(size_hw):
    """Boxes inside an image that hold at least one pixel."""
    height, width = size_hw
    return st.builds(
        lambda x, y, w, h: Box(x, y, min(x + w, width), min(y + h, height)),
        st.integers(0, width - 1),
        st.integers(0, height - 1),
        st.integers(1, width),
        st.integers(1, height),
    )
