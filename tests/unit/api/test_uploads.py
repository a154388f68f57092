import zlib

import cv2
import numpy as np
import pytest

from api.services.uploads import decode_upload, parse_box
from indexer.domain import Box
from indexer.errors import InvalidOptionsError


def png(height, width):
    return cv2.imencode(".png", np.zeros((height, width, 3), np.uint8))[1].tobytes()


def test_decode_upload__gives_pixels():
    assert decode_upload(png(4, 6), "a.png", max_pixels=24).shape == (4, 6, 3)


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xd8\xff", png(4, 6)[:-20], b"GIF89a"])
def test_decode_upload__refuses_what_is_no_image(data):
    with pytest.raises(InvalidOptionsError, match=r"'a\.png' is not an image that can be read"):
        decode_upload(data, "a.png", max_pixels=100)


def test_decode_upload__refuses_too_many_pixels():
    with pytest.raises(InvalidOptionsError, match="has 24 pixels; send at most 23"):
        decode_upload(png(4, 6), "a.png", max_pixels=23)


@pytest.mark.parametrize("side", [12_000, 60_000])
def test_decode_upload__judges_a_bomb_by_its_header(side):
    header = bytearray(png(4, 6))
    header[16:24] = side.to_bytes(4) * 2
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4)
    with pytest.raises(InvalidOptionsError, match="pixels"):
        decode_upload(bytes(header), "bomb.png", max_pixels=100_000_000)


def test_parse_box__reads_four_numbers():
    assert parse_box(" 1, -2,30,40") == Box(1, -2, 30, 40)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1.5,2,3,4", "9,9,9,9", "5,5,1,9"])
def test_parse_box__refuses_other_text(text):
    with pytest.raises(InvalidOptionsError, match="box"):
        parse_box(text)
