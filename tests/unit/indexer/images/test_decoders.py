"""Every kind of transparency becomes what a browser shows on white, and no file costs more than its pixels."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.errors import ImageReadError
from indexer.images.crops import decode_image
from tests.image_files import NOISE, encode, insert_png_chunk, make_files, make_tiff, png_chunk

ROOT = Path(__file__).parents[4]
HALF_RED, HALF_BLACK = (255, 127, 127), (127, 127, 127)
TIFFS = {
    # (colour as stored, alpha, ExtraSamples) -> colour on white
    "red, not multiplied": ((255, 0, 0, 128), 2, HALF_RED),
    "red, multiplied": ((128, 0, 0, 128), 1, HALF_RED),
    "black, not multiplied": ((0, 0, 0, 128), 2, HALF_BLACK),
    "black, multiplied": ((0, 0, 0, 128), 1, HALF_BLACK),
    "clear": ((9, 9, 9, 0), 2, (255, 255, 255)),
    "full": ((255, 0, 0, 255), 2, (255, 0, 0)),
    "a fourth channel that is no alpha": ((255, 0, 0, 128), 0, (255, 0, 0)),
}


def shown_by_pillow(data):
    image = Image.open(io.BytesIO(data)).convert("RGBA")
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return np.asarray(Image.alpha_composite(white, image).convert("RGB")).astype(int)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("name", TIFFS)
def test_decode_image__alpha_of_a_tiff_is_applied_once(name, bits, order):
    stored, extra, expected = TIFFS[name]
    values = np.full((4, 6, 4), stored, np.uint8)
    pixels = values if bits == 8 else values.astype(np.uint16) * 257
    data = make_tiff(pixels, extra=extra, order=order)

    assert np.abs(decode_image(data).astype(int) - expected).max() <= 1
    assert np.abs(decode_image(data) - shown_by_pillow(data)).max() <= 1


def test_decode_image__gray_tiff_with_alpha():
    data = make_tiff(np.full((4, 6, 2), (0, 128), np.uint8), photometric=1, extra=2)

    assert (decode_image(data) == 127).all()


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "WEBP", "GIF", "JPEG2000", "AVIF"])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "RGB", "L", "P"])
def test_decode_image__transparency_as_pillow_shows_it(file_format, mode):
    options = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100, "subsampling": "4:4:4"}}.get(file_format, {})
    if (file_format, mode) == ("JPEG2000", "P"):
        return  # Pillow writes none
    data = encode(Image.fromarray(NOISE).convert(mode), file_format, **options)

    assert np.abs(decode_image(data) - shown_by_pillow(data)).max() <= 1


def png(depth, color, content, transparency=b"", palette=b""):
    header = struct.pack(">IIBBBBB", 2, 1, depth, color, 0, 0, 0)
    parts = [(b"IHDR", header), (b"PLTE", palette), (b"tRNS", transparency), (b"IDAT", zlib.compress(b"\0" + content))]
    chunks = b"".join(png_chunk(kind, part) for kind, part in parts if part)
    return b"\x89PNG\r\n\x1a\n" + chunks + png_chunk(b"IEND", b"")


RED_BLUE = b"\xff\0\0" + b"\0\0\xff"
PNGS = {
    # two pixels -> their colours on white
    "palette, second one clear": (png(8, 3, b"\0\1", b"\xff\0", RED_BLUE), [(255, 0, 0), (255, 255, 255)]),
    "palette, first one half": (png(8, 3, b"\0\1", b"\x80", RED_BLUE), [HALF_RED, (0, 0, 255)]),
    "gray, 5 is clear": (png(8, 0, b"\5\6", b"\0\5"), [(255, 255, 255), (6, 6, 6)]),
    "gray of 16 bits, 0x0505 is clear": (png(16, 0, b"\5\5\5\6", b"\5\5"), [(255, 255, 255), (5, 5, 5)]),
    "gray with alpha": (png(8, 4, b"\0\x80\7\xff"), [HALF_BLACK, (7, 7, 7)]),
    "gray with alpha of 16 bits": (png(16, 4, b"\0\0\x80\x80\7\7\xff\xff"), [HALF_BLACK, (7, 7, 7)]),
    "blue is clear": (png(8, 2, RED_BLUE, b"\0\0\0\0\0\xff"), [(255, 0, 0), (255, 255, 255)]),
    "16 bits": (png(16, 2, b"\xff\xff\0\0\0\0" + b"\0\0\0\0\x80\x80"), [(255, 0, 0), (0, 0, 128)]),
    "16 bits with a clear one": (png(16, 2, b"\xff\xff\0\0\0\0" + bytes(6), b"\5\5" * 3), [(255, 0, 0), (0, 0, 0)]),
    "16 bits with alpha": (png(16, 6, b"\xff\xff\0\0\0\0\x80\x80" + bytes(8)), [HALF_RED, (255, 255, 255)]),
    "2 bits": (png(2, 0, b"\x30"), [(0, 0, 0), (255, 255, 255)]),
}


@pytest.mark.parametrize("name", PNGS)
def test_decode_image__every_kind_of_png(name):
    data, expected = PNGS[name]

    assert decode_image(data)[0].tolist() == [list(color) for color in expected]


def test_decode_image__tiff_of_12_bits_is_not_dark():
    content = np.full((2, 2, 1), 0x0FFF, np.uint16)
    data = make_tiff(content, photometric=1)
    packed = data.replace(struct.pack("<HHI", 258, 3, 1) + b"\x10\0", struct.pack("<HHI", 258, 3, 1) + b"\x0c\0")
    twelve = packed[: -content.nbytes] + b"\xff" * content.nbytes

    assert decode_image(twelve).min() == 255


def test_decode_image__lab_tiff():
    data = encode(Image.new("LAB", (4, 4), (255, 128, 128)), "TIFF")

    assert decode_image(data).min() >= 250


def test_decode_image__still_image_of_an_animated_png():
    moving = encode(NOISE, save_all=True, append_images=[Image.new("RGBA", (32, 24))])

    assert (decode_image(moving) == decode_image(encode(NOISE))).all()


def test_decode_image__first_of_several_pages():
    pages = [Image.new("RGB", (9, 7), color) for color in ("red", "blue")]
    data = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])

    assert (decode_image(data) == (255, 0, 0)).all()


def test_decode_image__texts_and_profiles_of_any_length_are_passed_over():
    long = zlib.compress(bytes(3_000_000))  # Pillow refuses texts of more than a million characters
    data = encode(NOISE)
    for kind, start in (
        (b"zTXt", b"Comment\0\0"),
        (b"iCCP", b"profile\0\0"),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0"),
    ):
        data = insert_png_chunk(data, kind, start + long)

    assert (decode_image(data) == decode_image(encode(NOISE))).all()


@pytest.mark.parametrize("file_format", ["JPEG2000", "AVIF", "PPM", "WEBP", "JPEG", "PNG", "TIFF", "GIF", "BMP"])
@pytest.mark.parametrize("kept", [0.05, 0.3, 0.6, 0.95])
def test_decode_image__cut_off_is_refused(file_format, kept):
    data = encode(np.ascontiguousarray(np.tile(NOISE, (4, 4, 1))[:, :, :3]), file_format)

    with pytest.raises(ImageReadError):
        decode_image(data[: int(len(data) * kept)])


def test_decode_image__cut_off_is_refused_whatever_other_libraries_ask_of_pillow(monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", True)  # as some do when they are imported

    with pytest.raises(ImageReadError):
        decode_image(encode(NOISE)[:-500])


def test_decode_image__jpeg_of_endless_scans():
    data = make_files()["jpeg progressive"]
    scan = data[data.rindex(b"\xff\xda") : -2]

    assert decode_image(data).shape == (24, 32, 3)
    with pytest.raises(ImageReadError, match="more than 200 scans"):
        decode_image(data[:-2] + scan * 200 + data[-2:])


def test_decode_image__too_little_memory_is_an_error_of_the_image(monkeypatch):
    def refuse(*_):
        raise MemoryError

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", refuse)
    with pytest.raises(ImageReadError, match="MemoryError"):
        decode_image(encode(NOISE))
    monkeypatch.setattr("cv2.imdecode", refuse)
    with pytest.raises(ImageReadError, match="not enough memory"):
        decode_image(make_files()["jpeg"])


def run_bounded(function):
    """Run a function of ``tests.damaged_images`` in a process of little memory; its output and peak memory in MiB."""
    code = f"from tests.damaged_images import {function}, report; {function}(); report()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return int(done.stdout.split()[-1])


def test_decode_image__small_bombs_cost_little_memory():
    assert run_bounded("decode_bombs") < 700


def test_decode_image__damaged_files_of_every_format_are_errors_of_the_image():
    assert run_bounded("decode_damaged_files") < 700
