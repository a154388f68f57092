import tracemalloc

import cv2
import numpy as np
import pytest

from api.services.drawing import Mark, draw_marks, encode_jpeg, shrink_to_fit
from indexer.domain import Box

ORANGE = (255, 106, 0)


def gray(height, width):
    return np.full((height, width, 3), 128, np.uint8)


def is_orange(pixels):
    return np.abs(pixels.astype(int) - ORANGE).sum(axis=-1) < 60


def test_shrink_to_fit__makes_the_longer_side_fit_and_never_enlarges():
    assert shrink_to_fit(gray(100, 200), 50).shape == (25, 50, 3)
    assert shrink_to_fit(gray(1000, 1), 10).shape == (10, 1, 3)
    assert shrink_to_fit(gray(8, 8), 50).shape == (8, 8, 3)


def test_encode_jpeg__keeps_red_red():
    red = np.zeros((16, 16, 3), np.uint8)
    red[:, :, 0] = 255
    decoded = cv2.imdecode(np.frombuffer(encode_jpeg(red), np.uint8), cv2.IMREAD_COLOR_RGB)
    assert np.abs(decoded.astype(int) - red).max() < 8


def test_draw_marks__highlights_a_box_at_half_scale_and_leaves_its_inside_alone():
    drawn = draw_marks(
        gray(100, 100), [Mark(Box(40, 60, 160, 140), is_highlighted=True, color="#ff6a00")], image_size_hw=(200, 200)
    )
    assert is_orange(drawn[50, 20])
    assert is_orange(drawn[30, 50])
    assert (drawn[40:60, 40:60] == 128).all()
    assert (drawn[:20] == 128).all()


def test_draw_marks__follows_a_polygon_instead_of_its_box():
    shape = {"polygons": [[[10, 10], [90, 10], [10, 90]]]}
    drawn = draw_marks(
        gray(100, 100),
        [Mark(Box(10, 10, 90, 90), shape, is_highlighted=True, color="#ff6a00")],
        image_size_hw=(100, 100),
    )
    assert is_orange(drawn[48:52, 48:52]).any()
    assert (drawn[85:95, 85:95] == 128).all()


def test_draw_marks__of_a_part_of_the_image_are_where_they_are_in_it():
    marks = [
        Mark(Box(40, 40, 60, 60), is_highlighted=True, color="#ff6a00"),
        Mark(Box(0, 0, 100, 100), {"polygons": [[[30, 30], [90, 30], [90, 90], [30, 90]]]}),
    ]
    drawn = draw_marks(gray(100, 100), marks, image_size_hw=(100, 100), region=Box(30, 30, 80, 80))
    assert tuple(drawn[20, 40]) == tuple(drawn[40, 20]) == ORANGE
    assert tuple(drawn[40, 40]) == (128, 128, 128)
    assert drawn[0, 90].min() > 200


def test_draw_marks__draws_points_and_lines():
    marks = [Mark(Box(10, 10, 30, 30), {"points": [[20, 20]]}, is_highlighted=True, color="#ff6a00")]
    marks += [Mark(Box(50, 50, 90, 51), {"lines": [[[50, 50], [90, 50]]]}, is_highlighted=True, color="#ff6a00")]
    drawn = draw_marks(gray(100, 100), marks, image_size_hw=(100, 100))
    assert is_orange(drawn[20, 20])
    assert is_orange(drawn[50, 70])


def test_draw_marks__puts_the_highlighted_one_on_top_and_does_not_touch_its_input():
    pixels = gray(60, 60)
    box = Box(10, 10, 50, 50)
    drawn = draw_marks(
        pixels, [Mark(box, is_highlighted=True, color="#ff6a00"), Mark(box, color="#0000ff")], image_size_hw=(60, 60)
    )
    assert is_orange(drawn[30, 10])
    assert (pixels == 128).all()


def test_draw_marks__the_colour_of_each_class_is_seen_in_a_picture_that_is_shown_at_half_its_size():
    drawn = draw_marks(gray(200, 200), [Mark(Box(40, 60, 160, 140), color="#ff6a00")], image_size_hw=(200, 200))
    red, _, blue = shrink_to_fit(drawn, 90)[:, 45].astype(int).T  # from top to bottom across two lines
    assert (red - blue > 200).sum() >= 2


EVERYWHERE = 10**9
ABSURD = {
    "a box of a billion pixels": Mark(Box(-EVERYWHERE, -EVERYWHERE, EVERYWHERE, EVERYWHERE)),
    "a polygon in it": Mark(
        Box(0, 0, EVERYWHERE, EVERYWHERE), {"polygons": [[[0, 0], [EVERYWHERE, 0], [0, EVERYWHERE]]]}
    ),
    "run lengths in it": Mark(
        Box(0, 0, EVERYWHERE, EVERYWHERE), {"rle": {"size": [30, 30], "counts": [0, 900], "origin": [0, 0]}}
    ),
    "points far away": Mark(Box(0, 0, 60, 60), {"points": [[1e300, 5], [float("inf"), 5], [5, float("nan")]]}),
    "lines far away": Mark(Box(0, 0, 60, 60), {"lines": [[[-1e300, 5], [1e300, 50]]]}),
}


@pytest.mark.parametrize("name", ABSURD)
def test_draw_marks__absurd_places_cost_no_more_than_the_picture(name):
    tracemalloc.start()
    drawn = draw_marks(gray(60, 60), [ABSURD[name]], image_size_hw=(60, 60))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert drawn.shape == (60, 60, 3)
    assert peak < 1_000_000


def test_draw_marks__leaves_out_what_lies_outside_the_image():
    marks = [Mark(Box(200, 200, 300, 300)), Mark(Box(5, 5, 5, 9))]
    assert (draw_marks(gray(60, 60), marks, image_size_hw=(60, 60)) == 128).all()
