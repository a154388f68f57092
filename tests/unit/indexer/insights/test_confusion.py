from __future__ import annotations

import numpy as np
import pytest

from indexer.errors import InvalidOptionsError
from indexer.insights.confusion import confuse_classes
from indexer.neighbors.graph import NeighborGraph, build_neighbor_graph
from indexer.neighbors.shared_origin import SharedOrigin


def make_graph(indices: list[list[int]]) -> NeighborGraph:
    numbers = np.array(indices, dtype=np.int32)
    return NeighborGraph(numbers, np.tile(np.linspace(0.9, 0.5, numbers.shape[1], dtype=np.float32), (len(numbers), 1)))


RING = make_graph([[1, 2, 3], [0, 2, 3], [1, 0, 3], [2, 1, 0]])


def test_confuse_classes__counts_votes() -> None:
    found = confuse_classes(RING, ["cat", "cat", "cat", "dog"])

    assert found.classes == ("cat", "dog")
    np.testing.assert_array_equal(found.neighborhood, [0, 0, 0, 0])
    np.testing.assert_allclose(found.share, [1, 1, 1, 1])
    np.testing.assert_array_equal(found.matrix(), [[3, 0], [1, 0]])
    np.testing.assert_array_equal(found.rows(1, 0), [3])
    assert found.confused_pairs(5) == [(1, 0, 1)]


def test_rows_by_cell__lists_every_point_once() -> None:
    found = confuse_classes(RING, ["cat", "cat", "cat", "dog"])

    assert {cell: rows.tolist() for cell, rows in found.rows_by_cell().items()} == {(0, 0): [0, 1, 2], (1, 0): [3]}
    assert confuse_classes(RING, [None] * 4).rows_by_cell() == {}


def test_confuse_classes__tie_goes_to_the_nearest_voter() -> None:
    graph = make_graph([[1, 2], [0, 2], [3, 0], [4, 5], [2, 0], [1, 3]])

    found = confuse_classes(graph, ["cat", "dog", "cat", "dog", "cat", "dog"])

    assert [found.classes[c] for c in found.neighborhood] == ["dog", "cat", "dog", "cat", "cat", "dog"]


def test_confuse_classes__a_small_class_is_not_outvoted() -> None:
    near = [[1, 2, 3, 4, 5], [0, 2, 3, 4, 5], [0, 1, 3, 4, 5]]
    graph = make_graph([*near, [4, 5, 6, 7, 0], [3, 5, 6, 7, 0], [3, 4, 6, 7, 0], [3, 4, 5, 7, 0], [3, 4, 5, 6, 0]])

    found = confuse_classes(graph, ["rare"] * 3 + ["usual"] * 5)

    np.testing.assert_array_equal(found.matrix(), [[3, 0], [0, 5]])
    np.testing.assert_array_equal(found.share, 1)


def test_confuse_classes__one_of_its_kind_is_like_its_nearest() -> None:
    found = confuse_classes(RING, ["cat", "cat", "fox", "dog"])

    assert (found.classes[found.neighborhood[3]], found.share[3]) == ("fox", 1)


def test_confuse_classes__cell_lists_the_clearest_first() -> None:
    graph = make_graph([[1, 5, 3], [2, 3, 4], [1, 3, 4], [1, 2, 4], [1, 2, 0], [0, 4, 1]])

    found = confuse_classes(graph, ["dog", "cat", "cat", "cat", "dog", "dog"])

    np.testing.assert_array_equal(found.rows(1, 0), [4, 0])
    np.testing.assert_array_equal(found.share[[4, 0]], [1, 0.5])


def test_confuse_classes__unlabelled_same_image_and_copies_do_not_vote() -> None:
    origin = SharedOrigin.of(
        4, image_index=np.array([0, 0, 1, 2]), pixels_hash=np.array(["a", "b", "a", "c"], dtype=object)
    )

    found = confuse_classes(RING, ["cat", "cat", "cat", None], origin=origin)

    np.testing.assert_array_equal(found.neighborhood, [-1, 0, 0, 0])
    assert found.share[0] == 0
    np.testing.assert_array_equal(found.matrix(), [[2]])


@pytest.mark.parametrize("n_points", [0, 1])
def test_confuse_classes__too_few_points(n_points: int) -> None:
    graph = build_neighbor_graph(np.ones((n_points, 2), dtype=np.float32))

    found = confuse_classes(graph, ["cat"] * n_points)

    assert found.matrix().sum() == 0
    assert found.confused_pairs(3) == []


def test_confuse_classes__refuses_bad_input() -> None:
    with pytest.raises(InvalidOptionsError, match="1 class names and 10 voters for a graph of 4 points"):
        confuse_classes(RING, ["cat"])
