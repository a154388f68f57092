"""Shapes drawn into windows, and crops whose background is painted over."""

import tracemalloc

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from indexer.domain import Box
from indexer.images.crops import cut_crop
from indexer.images.masks import mask_background, shape_mask
from tests.image_files import boxes_in

SQUARE = [[2, 2], [6, 2], [6, 6], [2, 6]]


def test_shape_mask__polygon_with_a_hole_in_a_window():
    mask = shape_mask({"polygons": [SQUARE], "holes": [[[3.5, 3.5], [4.5, 3.5], [4.5, 4.5], [3.5, 4.5]]]},
                      box=Box(1, 1, 8, 7), size_hw=(6, 7))  # fmt: skip

    assert mask.shape == (6, 7)
    assert mask[1, 1]
    assert mask[4, 4]
    assert not mask[0].any()
    assert not mask[:, 6].any()
    assert not mask[2, 2]  # the hole


def test_shape_mask__run_lengths_lie_at_their_origin():
    shape = {"rle": {"size": [2, 3], "counts": [0, 2, 1, 3], "origin": [4, 5]}}

    assert shape_mask(shape, box=Box(4, 5, 7, 7), size_hw=(2, 3)).astype(int).tolist() == [[1, 0, 1], [1, 1, 1]]
    assert shape_mask(shape, box=Box(3, 4, 6, 6), size_hw=(2, 3)).astype(int).tolist() == [[0, 0, 0], [0, 1, 0]]
    assert not shape_mask(shape, box=Box(100, 0, 104, 4), size_hw=(4, 4)).any()
    assert shape_mask(shape, box=Box(4, 5, 7, 7), size_hw=(4, 6)).astype(int).tolist() == [
        [1, 1, 0, 0, 1, 1],
        [1, 1, 0, 0, 1, 1],
        [1, 1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1, 1],
    ]


@given(data=st.data())
def test_shape_mask__run_lengths_are_what_cutting_the_whole_mask_gives(data):
    height, width = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    inside = np.array(data.draw(st.lists(st.booleans(), min_size=height * width, max_size=height * width)))
    runs = [0, *np.diff(np.flatnonzero(np.append(np.diff(inside, prepend=False), True)), prepend=0).tolist()]
    counts = runs[1:] if len(runs) > 1 else [height * width]
    box = data.draw(boxes_in((20, 20)))
    whole = np.zeros((40, 40), bool)
    whole[3 : 3 + height, 5 : 5 + width] = inside.reshape((height, width), order="F")

    shape = {"rle": {"size": [height, width], "counts": counts, "origin": [5, 3]}}
    drawn = shape_mask(shape, box=box, size_hw=(box.height, box.width))
    assert (drawn == cut_crop(whole, box)).all()


def test_shape_mask__run_lengths_of_a_large_mask_cost_the_window():
    shape = {"rle": {"size": [10_000, 20_000], "counts": [0, 200_000_000], "origin": [0, 0]}}
    tracemalloc.start()
    drawn = shape_mask(shape, box=Box(500, 500, 520, 520), size_hw=(20, 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert drawn.all()
    assert peak < 2_000_000


def test_shape_mask__corners_far_away():
    shape = {"polygons": [[[-1e9, -1e9], [1e9, -1e9], [1e9, 1e9], [-1e9, 1e9]], []], "holes": [[]]}

    assert shape_mask(shape, box=Box(0, 0, 4, 4), size_hw=(400, 400)).all()


def test_shape_mask__millions_of_corners():
    ring = np.random.default_rng(0).uniform(0, 100, (300_000, 2)).tolist()

    assert shape_mask({"polygons": [ring]}, box=Box(0, 0, 100, 100), size_hw=(100, 100)).any()


@pytest.mark.parametrize("shape", [{}, {"points": [[1, 1]]}, {"lines": [[[0, 0], [3, 3]]]}])
def test_mask_background__shapes_without_area_leave_the_crop_alone(shape):
    crop = np.zeros((4, 4, 3), np.uint8)

    assert shape_mask(shape, box=Box(0, 0, 4, 4), size_hw=(4, 4)) is None
    assert mask_background(crop, shape, box=Box(0, 0, 4, 4)) is crop


def test_mask_background__outside_gets_the_mean_colour():
    crop = np.zeros((8, 8, 3), np.uint8)
    crop[2:6, 2:6] = (160, 80, 40)
    masked = mask_background(
        crop, {"polygons": [[[2.5, 2.5], [5.5, 2.5], [5.5, 5.5], [2.5, 5.5]]]}, box=Box(0, 0, 8, 8)
    )

    assert (masked[2:6, 2:6] == (160, 80, 40)).all()
    assert masked[0, 0].tolist() == [40, 20, 10]  # a quarter of the crop
    assert crop[0, 0].tolist() == [0, 0, 0]
