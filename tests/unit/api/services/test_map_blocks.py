import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.services.map_blocks import BLOCK_ROWS, NO_SCORE, pack_map, quantise_scores, scale_to_square, shuffle_rows


def pack(n_rows):
    rows = np.arange(n_rows)
    positions = np.stack([rows % 60000, rows % 50000], axis=1).astype(np.uint16)
    return pack_map(positions, (rows % 3).astype(np.uint16), (rows % 200).astype(np.uint8), n_classes=3)


def test_pack_map__of_two_points_is_readable_by_hand():
    packed = pack_map(
        np.array([[1, 2], [258, 3]], np.uint16),
        np.array([0, 65535], np.uint16),
        np.array([7, 255], np.uint8),
        n_classes=1,
    )
    header = b"LKM1" + bytes([2, 0, 0, 0]) + bytes([0, 0, 1, 0]) + bytes([1, 0, 0, 0])
    x, y, numbers, scores = bytes([1, 0, 2, 1]), bytes([2, 0, 3, 0]), bytes([0, 0, 255, 255]), bytes([7, 255])
    assert packed == header + x + y + numbers + scores + bytes(2)


def test_pack_map__of_no_points_is_a_header():
    assert pack(0) == struct.pack("<4sIII", b"LKM1", 0, BLOCK_ROWS, 3)


def test_pack_map__starts_another_block_after_65536_rows():
    packed = pack(BLOCK_ROWS + 1)
    second = 16 + 7 * BLOCK_ROWS
    assert len(packed) == second + 8
    assert struct.unpack_from("<HHHB", packed, second) == (65536 % 60000, 65536 % 50000, 65536 % 3, 65536 % 200)


def test_shuffle_rows__is_fixed_for_a_projection_and_differs_between_two():
    assert sorted(shuffle_rows(1000, "a")) == list(range(1000))
    assert np.array_equal(shuffle_rows(1000, "a"), shuffle_rows(1000, "a"))
    assert not np.array_equal(shuffle_rows(1000, "a"), shuffle_rows(1000, "b"))


def test_scale_to_square__keeps_the_aspect_and_points_up():
    places = scale_to_square(np.array([[0, 0], [10, 0], [10, 5]], np.float32))
    assert places.tolist() == [[1024, 16896], [64511, 16896], [64511, 48639]]


def test_scale_to_square__puts_equal_points_in_the_middle():
    assert scale_to_square(np.full((2, 2), 7, np.float32)).tolist() == [[32768, 32768]] * 2


def test_scale_to_square__of_no_points_is_empty():
    assert scale_to_square(np.empty((0, 2), np.float32)).shape == (0, 2)


finite = st.floats(-(2.0**100), 2.0**100, width=32)


@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=20))
def test_scale_to_square__stays_within_the_margin(points):
    places = scale_to_square(np.array(points, np.float32))
    assert places.min() >= 1023
    assert places.max() <= 64512


@pytest.mark.parametrize(("score", "expected"), [(0.0, 0), (0.5, 127), (1.0, 254), (np.nan, NO_SCORE), (1.5, 254)])
def test_quantise_scores__brings_0_to_1_to_0_to_254(score, expected):
    assert quantise_scores(np.array([score], np.float32)).tolist() == [expected]
