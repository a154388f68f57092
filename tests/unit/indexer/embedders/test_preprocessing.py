from __future__ import annotations

import numpy as np

from indexer.embedders.preprocessing import Preprocessing

SQUARE = Preprocessing((8, 8), (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "bilinear")


def test_prepare__wide_crop__is_centred_on_the_mean_colour() -> None:
    crop = np.full((2, 4, 3), 200, np.uint8)

    prepared = SQUARE.prepare(crop)

    assert prepared.shape == (8, 8, 3)
    assert prepared[:, 0, 0].tolist() == [128, 128, 200, 200, 200, 200, 128, 128]


def test_prepare__square_crop__fills_the_input() -> None:
    assert (SQUARE.prepare(np.full((3, 3, 3), 7, np.uint8)) == 7).all()


def test_prepare__shrinking__averages_areas() -> None:
    checkerboard = np.indices((16, 16)).sum(axis=0) % 2 * 200
    crop = np.repeat(checkerboard[:, :, None], 3, axis=2).astype(np.uint8)

    assert (SQUARE.prepare(crop) == 100).all()


def test_prepare__extreme_strip__keeps_a_row() -> None:
    prepared = SQUARE.prepare(np.full((1, 1000, 3), 9, np.uint8))

    assert (prepared == 9).any(axis=(1, 2)).sum() == 1


def test_prepare__view_with_reversed_channels__equals_its_copy() -> None:
    crop = np.random.default_rng(0).integers(0, 256, (5, 9, 3), dtype=np.uint8)[:, :, ::-1]

    assert np.array_equal(SQUARE.prepare(crop), SQUARE.prepare(crop.copy()))


def test_prepare__non_square_input__takes_height_before_width() -> None:
    tall = Preprocessing((8, 4), (0, 0, 0), (1, 1, 1), "nearest")

    prepared = tall.prepare(np.full((4, 4, 3), 5, np.uint8))

    assert prepared[:, 0, 0].tolist() == [0, 0, 5, 5, 5, 5, 0, 0]


def test_from_values__single_mean__stands_for_three_channels() -> None:
    values = Preprocessing.from_values([4, 5], mean=[0.5], std=[0.25], interpolation="bicubic")

    assert values == Preprocessing((4, 5), (0.5, 0.5, 0.5), (0.25, 0.25, 0.25), "bicubic")


def test_text__other_mean__differs() -> None:
    other = Preprocessing((8, 8), (0.5, 0.5, 0.4), (0.5, 0.5, 0.5), "bilinear")

    assert other.text != SQUARE.text
