from __future__ import annotations

import numpy as np
import pytest

from indexer.errors import InvalidOptionsError
from indexer.insights.duplicates import find_duplicates
from indexer.neighbors.graph import NeighborGraph, build_neighbor_graph


def at_degrees(*degrees: float) -> NeighborGraph:
    angles = np.deg2rad(degrees)
    return build_neighbor_graph(np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32), n_neighbors=3)


def test_find_duplicates__groups_what_links_connect() -> None:
    found = find_duplicates(at_degrees(0, 90, 5, 10, 92), threshold=0.99)

    np.testing.assert_array_equal(found.group, [0, 1, 0, 0, 1])
    np.testing.assert_array_equal(found.size, [3, 2])
    np.testing.assert_array_equal(found.rows(0), [0, 2, 3])
    np.testing.assert_allclose(found.lowest_similarity, np.cos(np.deg2rad([5, 2])), atol=1e-6)
    np.testing.assert_array_equal(found.is_exact, [False, False])


def test_find_duplicates__lowest_similarity_is_of_the_chain_not_of_shortcuts() -> None:
    found = find_duplicates(at_degrees(0, 4, 8), threshold=0.98)

    np.testing.assert_allclose(found.lowest_similarity, [np.cos(np.deg2rad(4))], atol=1e-6)


def test_find_duplicates__nothing_alike_no_groups() -> None:
    found = find_duplicates(at_degrees(0, 90, 180))

    assert found.n_groups == 0
    np.testing.assert_array_equal(found.group, [-1, -1, -1])


def test_find_duplicates__exact_copies_by_cosine() -> None:
    found = find_duplicates(at_degrees(0, 0, 90, 91), threshold=0.99)

    np.testing.assert_array_equal(found.is_exact, [True, False])


def test_find_duplicates__exact_copies_by_pixels() -> None:
    hashes = ["a", "b", "a", None, ""]

    found = find_duplicates(at_degrees(0, 90, 45, 180, 180.1), threshold=0.99, pixels_hash=hashes)

    np.testing.assert_array_equal(found.group, [0, -1, 0, 1, 1])
    np.testing.assert_array_equal(found.is_exact, [True, False])


def test_find_duplicates__marks_conflicts_and_leaks() -> None:
    graph = at_degrees(0, 1, 90, 91, 180, 181)

    found = find_duplicates(
        graph,
        class_names=["cat", "dog", "cat", None, "cat", "cat"],
        datasets=["train", "train", "train", "val", "train", "train"],
    )

    np.testing.assert_array_equal(found.has_class_conflict, [True, False, False])
    np.testing.assert_array_equal(found.is_leak, [False, True, False])


def test_find_duplicates__five_hundred_copies_are_one_group() -> None:
    graph = build_neighbor_graph(np.ones((500, 3), dtype=np.float32), n_neighbors=5)

    found = find_duplicates(graph)

    assert found.size.tolist() == [500]
    assert found.is_exact.tolist() == [True]


def test_find_duplicates__no_points() -> None:
    assert find_duplicates(build_neighbor_graph(np.zeros((0, 2), dtype=np.float32))).n_groups == 0


def test_find_duplicates__refuses_bad_input() -> None:
    with pytest.raises(InvalidOptionsError, match=r"0\.3; use a cosine between"):
        find_duplicates(at_degrees(0, 1), threshold=0.3)
    with pytest.raises(InvalidOptionsError, match="datasets has 1 entries for 2 points"):
        find_duplicates(at_degrees(0, 1), datasets=["train"])
