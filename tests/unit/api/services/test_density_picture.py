"""The picture of a map: every point in the colour of its class, and of the common grey without one."""

import io

import numpy as np
from PIL import Image

from api.services.density_picture import draw_density
from lookalike.class_colors import OTHER_COLOR, parse_rgb


def test_draw_density__points_beyond_the_colors_have_the_grey_of_all_pictures():
    positions = np.array([[16_000, 32_000], [48_000, 32_000]], np.uint16)

    picture = draw_density(positions, np.array([0, 1], np.uint16), 64, [(255, 0, 0)])

    pixels = np.asarray(Image.open(io.BytesIO(picture)))
    assert pixels[63 - 31, 15, :3].tolist() == [255, 0, 0]
    assert pixels[63 - 31, 46, :3].tolist() == list(parse_rgb(OTHER_COLOR))
