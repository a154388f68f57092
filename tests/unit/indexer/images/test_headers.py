"""What a header tells, what it must not hide, and that it means the image that is decoded."""

import os
import struct

import pytest

from indexer.domain import ImageLimits
from indexer.errors import ImageReadError
from indexer.images.crops import decode_image, read_size_hw
from indexer.images.formats import ImageFormat
from indexer.images.headers import read_header
from tests.image_files import (
    NOISE,
    encode,
    insert_png_chunk,
    make_exif,
    make_files,
    make_png_header,
    make_tiff,
    png_chunk,
)

FILES = make_files()
NUMBER_OF = {"jpeg": "JPEG", "png": "PNG", "webp": "WebP", "gif": "GIF", "bmp": "BMP", "tiff": "TIFF", "avif": "AVIF",
             "jp2": "JPEG 2000", "j2k": "JPEG 2000", "ppm": "PNM", "pgm": "PNM"}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_read_header__is_that_of_the_decoded_image(kind, tmp_path):
    data = FILES[kind]
    header = read_header(data)
    (tmp_path / "image").write_bytes(data)

    assert header.size_hw == decode_image(data).shape[:2] == read_size_hw(data)
    assert header.format == NUMBER_OF[kind.split()[0]]
    assert read_header(str(tmp_path / "image")) == header


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "avif"])
def test_read_header__tells_the_orientation(kind):
    assert read_header(FILES[kind])[:2] == ((32, 24), 6)


@pytest.mark.parametrize("kind", FILES)
def test_read_header__pixels_are_limited_to_the_last_one(kind):
    n_pixels = 6 if kind == "pgm text" else 24 * 32

    assert decode_image(FILES[kind], limits=ImageLimits(max_pixels=n_pixels)).size == 3 * n_pixels
    for read in (decode_image, read_size_hw):
        with pytest.raises(ImageReadError, match=f"the image has {n_pixels} pixels .*at most {n_pixels - 1} are"):
            read(FILES[kind], limits=ImageLimits(max_pixels=n_pixels - 1))


def test_read_header__bytes_are_limited(tmp_path):
    (tmp_path / "image.jpg").write_bytes(FILES["jpeg"])
    n_bytes = len(FILES["jpeg"])

    for file in (FILES["jpeg"], tmp_path / "image.jpg"):
        assert read_header(file, ImageLimits(max_bytes=n_bytes)).format is ImageFormat.JPEG
        with pytest.raises(ImageReadError, match=f"has {n_bytes:,} bytes; at most {n_bytes - 1:,} are read"):
            read_header(file, ImageLimits(max_bytes=n_bytes - 1))


OTHER_FORMATS = {
    "Radiance HDR": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 60000 +X 60000\n",
    "OpenEXR": b"v/1\x01\x02\0\0\0",
    "Photoshop": b"8BPS\0\1",
    "JPEG XL": b"\xff\x0a\xfa\x1f",
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "PFM": b"PF\n60000 60000\n-1.0\n",
    "PAM": b"P7\nWIDTH 60000\nHEIGHT 60000\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n",
    "Sun raster": b"\x59\xa6\x6a\x95" + struct.pack(">7I", 60000, 60000, 24, 0, 1, 0, 0),
    "a video": b"\0\0\0\x18ftypmp42\0\0\0\0isommp42",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "HTML": b"<!DOCTYPE html><p>404</p>",
    "Git LFS": b"version https://git-lfs.github.com/spec/v1\n",
    "an icon": b"\0\0\1\0\1\0",
    "unknown format": b"hello",
}


@pytest.mark.parametrize("name", OTHER_FORMATS)
def test_read_header__other_formats_are_refused_by_name(name):
    for read in (decode_image, read_size_hw):
        with pytest.raises(ImageReadError, match=f"{name}.*JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF, JPEG 2000, PNM"):
            read(OTHER_FORMATS[name])


PNG = encode(NOISE)


def with_bytes(data, at, new):
    return data[:at] + new + data[at + len(new) :]


def jpeg_with_sides(side):
    at = FILES["jpeg"].index(b"\xff\xc0")
    return with_bytes(FILES["jpeg"], at + 5, struct.pack(">HH", side, side))


def j2k_with(**places):
    data = FILES["j2k tiles"]
    for at, value in places.items():
        data = with_bytes(data, int(at.removeprefix("at")), struct.pack(">I", value))
    return data


LIES = {
    "jpeg, zero sides": (jpeg_with_sides(0), "has no pixels"),
    "jpeg, large sides": (jpeg_with_sides(65_500), "has 4,290,250,000 pixels"),
    "png, large sides": (PNG[:8] + png_chunk(b"IHDR", make_png_header(60_000, 60_000)) + PNG[33:], "3,600,000,000"),
    "png, no rows": (PNG[:8] + png_chunk(b"IHDR", make_png_header(5, 0)) + PNG[33:], "has no pixels: .* 5 x 0"),
    "png, a strip": (PNG[:8] + png_chunk(b"IHDR", make_png_header(1, 2_000_000)) + PNG[33:], "no side may be longer"),
    "png, a second header": (insert_png_chunk(PNG, b"IHDR", make_png_header(60_000, 60_000)), "several headers"),
    "png, header not first": (PNG[:8] + png_chunk(b"tEXt", b"a\0b") + PNG[8:], "does not begin with its header"),
    "webp, large canvas": (with_bytes(FILES["webp"], 24, b"\xff\xff\xfe\xff\xff\xfe"), "no side may be longer"),
    "webp, large animation": (with_bytes(FILES["webp moving"], 24, b"\xff\x7f\0\xff\x7f\0"), "1,073,741,824 pixels"),
    "gif, large screen": (with_bytes(FILES["gif"], 6, b"\xff\xff\xff\xff"), "4,294,836,225 pixels"),
    "bmp, large sides": (with_bytes(FILES["bmp"], 18, b"\0\0\x0f\0\0\0\x0f\0"), "966,367,641,600 pixels"),
    "tiff, large sides": (make_tiff(NOISE).replace(struct.pack("<HHII", 256, 4, 1, 32), struct.pack("<HHII", 256, 4, 1,
                          2**20)).replace(struct.pack("<HHII", 257, 4, 1, 24), struct.pack("<HHII", 257, 4, 1, 2**20)),
                          "1,099,511,627,776 pixels"),
    "tiff, no width": (make_tiff(NOISE).replace(struct.pack("<HHII", 256, 4, 1, 32), struct.pack("<HHII", 255, 4, 1,
                       32)), "TIFF is damaged"),
    "tiff, huge tiles": (make_tiff(NOISE, more_tags=[(322, 4, 2**15), (323, 4, 2**15)]), "tiles are larger"),
    "avif, large sides": (FILES["avif"].replace(b"ispe" + struct.pack(">III", 0, 32, 24), b"ispe" +
                          struct.pack(">III", 0, 16_000, 16_000)), "256,000,000 pixels|AVIF is damaged"),
    "j2k, large sides": (j2k_with(at8=60_000, at12=60_000), "tiles are too small|3,600,000,000 pixels"),
    "j2k, box against stream": (with_bytes(FILES["jp2"], FILES["jp2"].index(b"\xff\x4f\xff\x51") + 8,
                                           struct.pack(">6I", 48, 48, 0, 0, 48, 48)), "tells two sizes"),
    "j2k, tiny tiles": (j2k_with(at24=1, at28=1), "its tiles are too small"),
    "j2k, no tiles": (j2k_with(at24=0, at28=0), "no size"),
    "pnm, large sides": (b"P5\n60000 60000\n255\n", "3,600,000,000 pixels"),
    "pnm, no size": (b"P5\n# nothing\n", "tells no size"),
    "pnm, endless number": (b"P5\n" + b"9" * 10_000, "tells no size"),
    "jpeg, no frame": (FILES["jpeg"][:2] + b"\xff\xd9", "no frame header"),
    "empty": (b"", "empty"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_read_header__lies_are_refused_before_anything_is_decoded(name):
    data, message = LIES[name]
    for read in (decode_image, read_size_hw):
        with pytest.raises(ImageReadError, match=message):
            read(data)


def test_read_header__size_of_xmp_is_not_the_size_of_pixels():
    # Only EXIF turns an image: whoever turned it by another text too would call it another size than it has.
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
    data = encode(NOISE[:, :, :3].copy(), "JPEG", xmp=xmp)

    assert read_size_hw(data) == decode_image(data).shape[:2] == (24, 32)


@pytest.mark.parametrize(
    "exif", [b"", b"Exif\0\0", b"Exif\0\0MM\0*", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"]
)
def test_read_header__damaged_exif_leaves_the_image_upright(exif):
    assert read_header(insert_png_chunk(PNG, b"eXIf", exif)).orientation == 1


@pytest.mark.parametrize(("value", "expected"), [(0, 1), (1, 1), (8, 8), (9, 1), (65_535, 1)])
def test_read_header__orientation_is_one_of_eight(value, expected):
    assert read_header(encode(NOISE, exif=make_exif(value))).orientation == expected


def test_read_header__file_that_is_none(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")

    with pytest.raises(ImageReadError, match="not a regular file"):
        read_header(tmp_path / "pipe.png")
    with pytest.raises(ImageReadError, match="not a regular file"):
        read_header("/dev/zero")
    for name in ("gone.png", ".", "a\0b", "x" * 5000):
        with pytest.raises(ImageReadError, match=r"the image file cannot be read|not a regular file"):
            read_header(f"{tmp_path}/{name}")


def test_read_header__of_a_file_whose_header_comes_late(tmp_path):
    thumbnail = b"\xff\xe2" + struct.pack(">H", 65_535) + bytes(65_533)
    (tmp_path / "late.jpg").write_bytes(FILES["jpeg"][:2] + 6 * thumbnail + FILES["jpeg"][2:])

    assert read_header(tmp_path / "late.jpg").size_hw == (32, 24)


@pytest.mark.parametrize(
    "data",
    [with_bytes(FILES["bmp"], 18, struct.pack("<II", 20_000, 10_000)),
     with_bytes(FILES["gif"], 6, struct.pack("<HH", 20_000, 10_000)),
     make_tiff(NOISE).replace(struct.pack("<HHII", 256, 4, 1, 32), struct.pack("<HHII", 256, 4, 1, 20_000)).replace(
         struct.pack("<HHII", 257, 4, 1, 24), struct.pack("<HHII", 257, 4, 1, 10_000))],
    ids=["bmp", "gif", "tiff"],
)  # fmt: skip
def test_read_header__two_hundred_million_pixels_are_let_through(monkeypatch, data):
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 1000)  # Pillow's own guard is below ours, and a warning first

    assert read_header(data).size_hw == (10_000, 20_000)
    with pytest.raises(ImageReadError, match="at most 199,999,999 are decoded"):
        read_header(data, ImageLimits(max_pixels=199_999_999))
