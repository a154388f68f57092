from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from lookalike.class_colors import CLASS_COLORS, OTHER_COLOR, class_colors, natural_key, parse_rgb

# Machado, Oliveira, Fernandes 2009: severity 1.0, linear RGB.
VISION = {
    "normal": np.eye(3),
    "deuteranopic": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopic": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(color: str, vision: str = "normal") -> np.ndarray:
    """CIELAB of an sRGB colour as that vision sees it."""
    srgb = np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(VISION[vision] @ linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def smallest_difference(colors: tuple[str, ...], vision: str) -> float:
    """Smallest CIE76 difference between two of the colours."""
    return min(float(np.linalg.norm(lab(a, vision) - lab(b, vision))) for a, b in combinations(colors, 2))


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("n_colors", "least"), [(8, 20), (12, 17), (16, 13), (24, 10.5)])
def test_class_colors__differ_for_every_vision(vision, n_colors, least):
    # A difference of 2.3 is just noticeable; Okabe and Ito's eight colours reach 17.
    assert smallest_difference(CLASS_COLORS[:n_colors], vision) >= least


def test_class_colors__show_on_white_and_on_dark_paper():
    for color in CLASS_COLORS:
        assert 37 < lab(color)[0] < 85


def test_class_colors__follow_the_names_whatever_the_counts():
    few_cats, many_cats = class_colors({"cat": 1, "dog": 9}), class_colors({"dog": 5, "cat": 5})
    assert few_cats == many_cats == {"cat": CLASS_COLORS[0], "dog": CLASS_COLORS[1]}


def test_class_colors__are_those_of_the_project_where_they_can_be_seen():
    chosen = {"cat": "#ff8000", "dog": "#ffffff", "owl": "#101010", "gone": "#ff0000"}
    plain = class_colors({"cat": 1, "dog": 9, "owl": 3})
    assert class_colors({"cat": 1, "dog": 9, "owl": 3}, chosen) == plain | {"cat": "#ff8000"}


def test_class_colors__only_the_largest_of_many_are_coloured():
    colors = class_colors({f"class {index}": index + 1 for index in range(30)} | {"": 99})
    assert [colors[f"class {index}"] for index in range(6)] == [OTHER_COLOR] * 6
    assert [colors[f"class {index}"] for index in range(6, 30)] == list(CLASS_COLORS)


def test_parse_rgb__reads_a_colour_with_and_without_its_sign():
    assert parse_rgb("#2f7fd6") == parse_rgb("2f7fd6") == (47, 127, 214)


def test_natural_key__counts_as_people_do():
    assert sorted(["m10", "m²", "m2"], key=natural_key) == ["m2", "m10", "m²"]
    assert sorted(["class 10", "Class 9", "ant", "7"], key=natural_key) == ["ant", "Class 9", "class 10", "7"]
