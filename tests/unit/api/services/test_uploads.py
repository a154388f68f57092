"""Uploaded images: one rule for all, and one line for every fault."""

import contextlib

import pytest

from api.services.uploads import open_upload, parse_box
from indexer.domain import Box, ImageLimits
from indexer.errors import InvalidOptionsError
from tests.image_files import NOISE, encode, insert_png_chunk, make_files, make_png_header, png_chunk

FILES = make_files()
LIMITS = ImageLimits(max_pixels=24 * 32)
PNG = encode(NOISE)


def decode_upload(data, file_name, limits):
    with open_upload(data, file_name, limits) as image:
        return image.decode(1)


@pytest.mark.parametrize("kind", FILES)
def test_open_upload__gives_pixels_of_every_format(kind):
    assert decode_upload(FILES[kind], "a.png", LIMITS).shape[2] == 3


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xd8\xff", PNG[:-20], b"GIF89a", FILES["avif"][:200],
                                  b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 2 +X 2\n"])  # fmt: skip
def test_open_upload__refuses_what_is_no_image(data):
    with pytest.raises(InvalidOptionsError, match=r"^'a\.png' cannot be searched by: "):
        decode_upload(data, "a.png", LIMITS)


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_open_upload__damaged_file_of_every_format_is_a_wrong_request(kind, kept):
    data = FILES[kind][: int(len(FILES[kind]) * kept)]
    with contextlib.suppress(InvalidOptionsError):  # a GIF or JPEG may still show something
        decode_upload(data, "a.png", LIMITS)


@pytest.mark.parametrize("kind", [kind for kind in FILES if kind != "pgm text"])
def test_open_upload__refuses_too_many_pixels(kind):
    with pytest.raises(InvalidOptionsError, match=r"has 768 pixels .*; at most 767 are decoded"):
        decode_upload(FILES[kind], "a.png", ImageLimits(max_pixels=767))


@pytest.mark.parametrize("side", [12_000, 60_000])
def test_open_upload__judges_a_bomb_by_its_header(side):
    bomb = PNG[:8] + png_chunk(b"IHDR", make_png_header(side, side)) + PNG[33:]
    # Pillow gives up on the header of a file with a long text, so that it once told no size.
    for data in (bomb, insert_png_chunk(bomb, b"zTXt", b"Comment\0\0" + b"\x78\x9c" + bytes(100))):
        with pytest.raises(InvalidOptionsError, match=f"{side * side:,} pixels"):
            decode_upload(data, "bomb.png", ImageLimits(max_pixels=100_000_000))


def test_open_upload__shortens_a_long_name():
    with pytest.raises(InvalidOptionsError) as caught:
        decode_upload(b"", "a" * 100_000, LIMITS)
    assert len(str(caught.value)) < 500


def test_parse_box__reads_four_numbers():
    assert parse_box(" 1, -2,30,40") == Box(1, -2, 30, 40)


@pytest.mark.parametrize(
    "text",
    ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1.5,2,3,4", "9,9,9,9", "5,5,1,9", "0,0,1,99999999999", "0,0,nan,inf",
     "0,0,1," + "9" * 5000],
)  # fmt: skip
def test_parse_box__refuses_other_text(text):
    with pytest.raises(InvalidOptionsError, match="box"):
        parse_box(text)
