from __future__ import annotations

import numpy as np

from indexer.collection.class_numbers import add_by_number, count_by_group, number_names
from indexer.insights.ranks import rank_to_unit


def test_number_names__sorted_and_minus_one_for_none() -> None:
    names, numbers = number_names(["dog", None, "cat", "", "dog"])

    assert names == ("cat", "dog")
    np.testing.assert_array_equal(numbers, [1, -1, 0, -1, 1])


def test_number_names__all_named_and_no_names() -> None:
    assert number_names(np.array(["b", "a"]))[1].tolist() == [1, 0]
    assert number_names([])[0] == ()


def test_count_by_group__different_numbers() -> None:
    counts = count_by_group(np.array([0, 0, 0, 2, -1]), np.array([5, 5, 6, -1, 7]), 3)

    np.testing.assert_array_equal(counts, [2, 0, 0])


def test_add_by_number__adds_rows() -> None:
    sums = np.zeros((3, 2))

    add_by_number(sums, np.array([[1, 2], [3, 4], [5, 6]], dtype=np.float32), np.array([2, 0, 2]))

    np.testing.assert_array_equal(sums, [[3, 4], [0, 0], [6, 8]])


def test_rank_to_unit__ties_share_their_mean_rank() -> None:
    np.testing.assert_allclose(rank_to_unit(np.array([5.0, 1.0, 5.0, 9.0])), [0.5, 0, 0.5, 1])
    np.testing.assert_array_equal(rank_to_unit(np.array([3.0])), [0])
