"""Edges, points and masks become half-open boxes of whole pixels."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from indexer.domain import Box, SkipReason
from indexer.sources.geometry import (
    box_key,
    cover,
    cover_points,
    keypoints,
    mask,
    polygons,
    rectangle,
    round_places,
    run_lengths,
)


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


FAR = [float("nan"), float("inf"), float("-inf"), 1e308, -1e10, 2**40, 10**400]


@pytest.mark.parametrize("value", FAR)
@pytest.mark.parametrize(
    "parse",
    [
        lambda value: cover(0, 0, 9, value),
        lambda value: cover(value, 0, 9, 9),
        lambda value: rectangle(0, value, 9, 9),
        lambda value: cover_points([[1, 1], [2, value], [3, 3]]),  # min and max pass over a nan between numbers
        lambda value: keypoints([[1, 1], [value, 2]]),
        lambda value: polygons([[[0, 0], [9, value], [9, 9]]]),
        lambda value: polygons([[[0, 0], [9, 0], [9, 9]]], holes=[[[1, 1], [value, 2], [2, 2]]]),
        lambda value: mask(np.ones((2, 2)), (0, value)),
        lambda value: run_lengths([0, 4], (2, 2), (value, 0)),
    ],
)
def test_geometry__what_is_no_place_in_an_image_is_refused(parse, value):
    with pytest.raises((ValueError, OverflowError), match="is no place in an image"):
        parse(value)


def test_polygons__empty_rings_are_left_out():
    assert polygons([[], [[0, 0], [4, 0], [4, 4]]], holes=[[]]).shape == {"polygons": [[[0, 0], [4, 0], [4, 4]]]}
    with pytest.raises(ValueError, match="empty"):
        polygons([[]])


@pytest.mark.parametrize(
    ("counts", "size_hw"),
    [([1, 2], (2, 2)), ("~", (2, 2)), ([10**12], (10**6, 10**6)), ([4], "22"), (None, (2, 2)), ([4], None), ([4], 4)],
)
def test_run_lengths__damaged_is_skipped(counts, size_hw):
    assert run_lengths(counts, size_hw).skip_reason is SkipReason.UNREADABLE_MASK


def test_run_lengths__is_the_mask_that_they_stand_for():
    inside = np.array([[0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 1, 0]])

    assert run_lengths([4, 2, 2, 1, 3], (3, 4), (10, 20)) == mask(inside, (10, 20))
    assert run_lengths([4, 2, 2, 1, 3], (3, 4)).box == Box(1, 1, 3, 3)
    assert run_lengths([12], (3, 4)).skip_reason is SkipReason.TOO_SMALL


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


def test_round_places__six_decimals_are_kept_and_masks_are_left():
    rle = {"size": [2, 3], "counts": [1, 5], "origin": [0, 0]}
    corners = [[1, 2.5], (187.28447101758306, -3.0000004)]
    shape = {"polygons": [corners], "points": corners, "rle": rle}

    rounded = [[1, 2.5], [187.284471, -3.0]]
    assert round_places(shape) == {"polygons": [rounded], "points": rounded, "rle": rle}
    assert round_places({}) == {}
