"""Decoding every kind of file, and boxes that never leave the image nor get empty."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from PIL import Image

from indexer.domain import Box, CropOptions
from indexer.errors import ImageReadError, InvalidOptionsError
from indexer.images import crops
from indexer.images.crops import (
    ImageScales,
    choose_reduction,
    cut_as_embedded,
    cut_crop,
    decode_image,
    pad_box,
    read_size_hw,
    reduce_box,
)
from tests.image_files import boxes_in, encode

ORIENTATION = 0x0112
QUARTERS = np.zeros((32, 64, 3), np.uint8)
"""Red, blue; green, white: every way of turning it looks different."""
QUARTERS[:16, :32], QUARTERS[:16, 32:] = (255, 0, 0), (0, 0, 255)
QUARTERS[16:, :32], QUARTERS[16:, 32:] = (0, 255, 0), (255, 255, 255)


def exif(orientation):
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (CropOptions(), Box(40, 20, 60, 30)),
        (CropOptions(padding=5), Box(35, 15, 65, 35)),
        (CropOptions(padding=25), Box(15, 0, 85, 50)),
        (CropOptions(padding=0.5, padding_is_fraction=True), Box(30, 10, 70, 40)),
        (CropOptions(padding=-2), Box(42, 22, 58, 28)),
        (CropOptions(padding=-5), Box(45, 24, 55, 25)),
        (CropOptions(padding=-1000), Box(49, 24, 50, 25)),
    ],
)
def test_pad_box__in_an_image_of_50_by_100(options, expected):
    assert pad_box(Box(40, 20, 60, 30), options, size_hw=(50, 100)) == expected


@given(box=boxes_in((50, 100)), padding=st.floats(-200, 200), is_fraction=st.booleans())
def test_pad_box__never_empty_never_outside(box, padding, is_fraction):
    padded = pad_box(box, CropOptions(padding=padding, padding_is_fraction=is_fraction), size_hw=(50, 100))

    assert not padded.is_empty
    assert padded == padded.clipped_to((50, 100))
    outer, inner = (padded, box) if padding >= 0 else (box, padded)
    assert outer.left <= inner.left < inner.right <= outer.right
    assert outer.top <= inner.top < inner.bottom <= outer.bottom


def test_cut_crop__is_a_view_of_rows_then_columns():
    pixels = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    crop = cut_crop(pixels, Box(1, 2, 5, 4))

    assert crop.shape == (2, 4, 3)
    assert crop[0, 0].tolist() == pixels[2, 1].tolist()
    assert np.shares_memory(crop, pixels)


@pytest.mark.parametrize(
    ("box", "reduction"),
    [
        (Box(0, 0, 224, 224), 1),
        (Box(0, 0, 447, 447), 1),
        (Box(0, 0, 448, 100), 2),
        (Box(0, 0, 900, 900), 4),
        (Box(0, 0, 5000, 4000), 8),
    ],
)
def test_choose_reduction__never_makes_a_crop_too_small(box, reduction):
    assert choose_reduction(box, (224, 224)) == reduction


@given(box=boxes_in((123, 457)), reduce=st.sampled_from([1, 2, 4, 8]))
def test_reduce_box__covers_the_same_place(box, reduce):
    reduced = reduce_box(box, reduce, size_hw=(-(-123 // reduce), -(-457 // reduce)))

    assert not reduced.is_empty
    assert reduced.left * reduce <= box.left < box.right <= reduced.right * reduce
    assert reduced.top * reduce <= box.top < box.bottom <= reduced.bottom * reduce
    assert reduced.width * reduce < box.width + 2 * reduce


def test_cut_as_embedded__whole_images_are_reduced_and_boxes_are_not():
    image = ImageScales(encode(Image.new("RGB", (4000, 3000), (255, 0, 0)), "JPEG"))

    def cut(box, **options):
        return cut_as_embedded(image, box, CropOptions(**options), input_size_hw=(224, 224)).shape

    assert cut(None) == (375, 500, 3)
    assert cut(Box(0, 0, 4000, 3000)) == (375, 500, 3)
    assert cut(Box(10, 10, 3990, 2990), padding=10) == (375, 500, 3)
    assert cut(Box(0, 0, 3999, 3000)) == (3000, 3999, 3)
    assert cut(None, padding=-1000) == (375, 500, 3)


def test_image_scales__decode_each_scale_once(monkeypatch):
    calls = []
    monkeypatch.setattr(crops, "decode_image", lambda data, **options: calls.append(options["reduce"]) or data)
    image = ImageScales(encode(RED))
    for reduce in (1, 2, 1, 2):
        image.decode(reduce)

    assert calls == [1, 2]


GRAY = Image.fromarray(np.full((4, 6), 90, np.uint8))
RED = Image.new("RGB", (6, 4), (255, 0, 0))


KINDS = {
    "rgb": (encode(RED), (255, 0, 0)),
    "gray": (encode(GRAY), (90, 90, 90)),
    "gray-alpha": (encode(GRAY.convert("LA")), (90, 90, 90)),
    "palette": (encode(RED.quantize(4)), (255, 0, 0)),
    "1-bit": (encode(RED.convert("1", dither=Image.Dither.NONE).point(lambda value: 255)), (255, 255, 255)),
    "16-bit": (encode(np.full((4, 6), 0x8012, np.uint16)), (0x80, 0x80, 0x80)),
    "16-bit-tiff": (encode(np.full((4, 6), 0x8012, np.uint16), "TIFF"), (0x80, 0x80, 0x80)),
    "tiff": (encode(RED, "TIFF"), (255, 0, 0)),
    "cmyk-tiff": (encode(RED.convert("CMYK"), "TIFF"), (255, 0, 0)),
    "bmp": (encode(RED, "BMP"), (255, 0, 0)),
    "gif": (encode(RED, "GIF"), (255, 0, 0)),
    "webp": (encode(RED, "WEBP", lossless=True), (255, 0, 0)),
    "opaque": (encode(Image.new("RGBA", (6, 4), (255, 0, 0, 255))), (255, 0, 0)),
    "clear": (encode(Image.new("RGBA", (6, 4), (255, 0, 0, 0))), (255, 255, 255)),
    "veil": (encode(Image.new("RGBA", (6, 4), (0, 0, 0, 51))), (204, 204, 204)),
    "key": (encode(Image.new("P", (6, 4)), transparency=0), (255, 255, 255)),
}


@pytest.mark.parametrize(("data", "color"), KINDS.values(), ids=KINDS)
def test_decode_image__every_kind_becomes_rgb(data, color):
    pixels = decode_image(data)

    assert (pixels.shape, pixels.dtype) == ((4, 6, 3), np.uint8)
    assert pixels.flags.c_contiguous
    assert (pixels == color).all()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_decode_image__jpeg_of_any_colour_space(mode):
    pixels = decode_image(encode(Image.new("RGB", (16, 16), (80, 80, 80)).convert(mode), "JPEG"))

    assert np.abs(pixels.astype(int) - 80).max() <= 3


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_decode_image__exif_orientation_is_applied(file_format, orientation):
    options = {"tiffinfo": exif(orientation)} if file_format == "TIFF" else {"exif": exif(orientation)}
    stored = QUARTERS
    upright = {
        1: stored,
        2: stored[:, ::-1],
        3: stored[::-1, ::-1],
        4: stored[::-1],
        5: stored.swapaxes(0, 1),
        6: np.rot90(stored, -1),
        7: stored.swapaxes(0, 1)[::-1, ::-1],
        8: np.rot90(stored, 1),
    }[orientation]
    data = encode(QUARTERS, file_format, **options)
    pixels = decode_image(data)

    assert pixels.shape == upright.shape
    assert np.abs(pixels.astype(int) - upright).mean() < 12  # lossy colours
    assert read_size_hw(data) == pixels.shape[:2]


@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_decode_image__turned_only_if_that_fits_the_annotation(file_format):
    data = encode(QUARTERS, file_format, exif=exif(6))

    assert decode_image(data, size_hw=(64, 32)).shape == (64, 32, 3)
    assert decode_image(data, size_hw=(32, 64)).shape == (32, 64, 3)
    with pytest.raises(ImageReadError, match="the image is 32x64 px but its annotation was made for 20x64 px"):
        decode_image(data, size_hw=(64, 20))


def test_decode_image__turned_where_both_ways_fit():
    data = encode(QUARTERS, exif=exif(3))

    assert (decode_image(data, size_hw=(32, 64)) == QUARTERS[::-1, ::-1]).all()


@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
@pytest.mark.parametrize(("reduce", "expected"), [(1, (101, 67)), (2, (51, 34)), (4, (26, 17)), (8, (13, 9))])
def test_decode_image__reduced_scale_rounds_up(file_format, reduce, expected):
    data = encode(Image.new("RGB", (101, 67), (200, 0, 0)), file_format, exif=exif(6))
    pixels = decode_image(data, size_hw=(101, 67), reduce=reduce)

    assert pixels.shape == (*expected, 3)
    assert np.abs(pixels[5, 5].astype(int) - (200, 0, 0)).max() <= 3


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.9])
def test_decode_image__truncated_file_is_refused(file_format, kept):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    data = encode(noise, file_format)

    with pytest.raises(ImageReadError):
        decode_image(data[: int(len(data) * kept)])


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xd8\xff", b"<svg/>"])
def test_decode_image__no_image_is_refused(data):
    with pytest.raises(ImageReadError, match="image"):
        decode_image(data)
    with pytest.raises(ImageReadError, match="image"):
        read_size_hw(data)


def test_decode_image__float_pixels_are_refused():
    data = encode(np.ones((4, 4), np.float32), "TIFF")
    with pytest.raises(ImageReadError, match="float32 pixels"):
        decode_image(data)


@pytest.mark.parametrize(
    ("padding", "options"),
    [
        ("0", CropOptions()),
        ("8", CropOptions(8)),
        ("-4px", CropOptions(-4)),
        (" 0.1 ", CropOptions(0.1, True)),
        ("10%", CropOptions(0.1, True)),
    ],
)
def test_read__padding_in_pixels_or_as_a_share(padding, options):
    assert CropOptions.read(padding) == options


@pytest.mark.parametrize("padding", ["99999999999999999999", "-10001", "10.5", "1001%"])
def test_read__padding_that_no_image_has_room_for_is_refused(padding):
    with pytest.raises(InvalidOptionsError, match="is too large; use at most 10,000 pixels or 1000%"):
        CropOptions.read(padding)


@pytest.mark.parametrize("padding", ["", "wide", "nan", "inf", "8 px wide", "%"])
def test_read__padding_that_is_none_is_refused(padding):
    with pytest.raises(InvalidOptionsError, match="is neither pixels"):
        CropOptions.read(padding)
