"""Edges, points and masks become half-open boxes of whole pixels."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from indexer.domain import Box, SkipReason
from indexer.sources.geometry import box_key, cover, cover_points, keypoints, mask, polygons, rectangle


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ((0, 0, 10, 20), Box(0, 0, 10, 20)),
        ((0.2, 0.7, 9.3, 19.8), Box(0, 0, 10, 20)),
        ((0.0000004, 4.9999996, 10.0000004, 19.9999996), Box(0, 5, 10, 20)),
        ((5.4, 5.4, 5.6, 5.6), Box(5, 5, 6, 6)),
        ((-3.5, -3.5, 2, 2), Box(-4, -4, 2, 2)),
    ],
)
def test_cover__whole_pixels(edges, expected):
    assert cover(*edges) == expected


@pytest.mark.parametrize("edges", [(5, 5, 5, 9), (5, 5, 9, 5), (9, 5, 5, 9)])
def test_cover__no_area_is_empty(edges):
    assert cover(*edges).is_empty


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_cover__not_finite_is_refused(value):
    with pytest.raises((ValueError, OverflowError)):
        cover(0, 0, value, 5)


FINITE = st.floats(-10_000, 10_000)


@given(left=FINITE, top=FINITE, width=st.floats(1e-3, 5000), height=st.floats(1e-3, 5000))
def test_cover__holds_the_edges_and_less_than_a_pixel_more(left, top, width, height):
    box = cover(left, top, left + width, top + height)

    assert not box.is_empty
    assert -1 <= box.left - left <= 0.011
    assert -1 <= box.top - top <= 0.011
    assert -0.011 <= box.right - (left + width) <= 1.011
    assert -0.011 <= box.bottom - (top + height) <= 1.011


@given(
    box=st.builds(
        lambda x, y, w, h: Box(x, y, x + w, y + h),
        st.integers(0, 9000),
        st.integers(0, 9000),
        st.integers(1, 999),
        st.integers(1, 999),
    )
)
def test_cover__survives_normalised_coordinates_of_six_decimals(box):
    size = 10_000
    middle_x, width = round((box.left + box.right) / 2 / size, 6) * size, round(box.width / size, 6) * size
    middle_y, height = round((box.top + box.bottom) / 2 / size, 6) * size, round(box.height / size, 6) * size
    edges = (middle_x - width / 2, middle_y - height / 2, middle_x + width / 2, middle_y + height / 2)

    assert cover(*edges) == box


def test_cover_points__point_and_line_are_one_pixel_thin():
    assert cover_points([[3.5, 4.5]]) == Box(3, 4, 4, 5)
    assert cover_points([[3, 4]]) == Box(3, 4, 4, 5)
    assert cover_points([[3, 4], [9, 4]]) == Box(3, 4, 9, 5)


def test_shapes__carry_what_drawing_needs():
    ring, hole = [[0, 0], [9, 0], [9, 9]], [[5, 2], [7, 2], [7, 4]]

    assert polygons([ring]) == ("polygon", Box(0, 0, 9, 9), {"polygons": [ring]}, None)
    assert polygons([ring, hole]).name == "multipolygon"
    assert polygons([ring], holes=[hole]).shape == {"polygons": [ring], "holes": [hole]}
    assert keypoints(ring).shape == {"points": ring}
    assert rectangle(0, 0, 5, 5).shape == {}


def test_mask__box_is_tight_and_moved_to_the_origin():
    pixels = np.zeros((5, 6), np.uint8)
    pixels[1:3, 2:5] = 255
    pixels[1, 2] = 0

    assert mask(pixels, (100, 200)) == (
        "bitmap",
        Box(102, 201, 105, 203),
        {"rle": {"size": [2, 3], "counts": [1, 5], "origin": [102, 201]}},
        None,
    )
    assert mask(np.zeros((5, 6)), (0, 0)).skip_reason is SkipReason.TOO_SMALL


def test_box_key__is_readable():
    assert box_key(Box(1, 2, 30, 40)) == "1,2,30,40"
    assert box_key(None) == "no box"
