from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from indexer.neighbors import shared_origin
from indexer.neighbors.graph import NeighborGraph, build_neighbor_graph
from indexer.neighbors.shared_origin import SharedOrigin, connect


def spread_out(n_points: int) -> NeighborGraph:
    return build_neighbor_graph(np.eye(n_points, dtype=np.float32), n_neighbors=2)


def test_group__joins_images_and_copies() -> None:
    images = np.array([0, 0, 1, 2, 3])
    hashes = np.array(["a", "b", "b", None, ""], dtype=object)

    groups = SharedOrigin.of(5, image_index=images, pixels_hash=hashes).group(spread_out(5))

    assert groups[0] == groups[1] == groups[2]
    assert len({groups[0], groups[3], groups[4]}) == 3


def test_group__finds_copies_by_similarity_when_pixels_are_unknown() -> None:
    graph = build_neighbor_graph(np.array([[1, 0], [0, 1], [2, 0]], dtype=np.float32), n_neighbors=2)

    groups = SharedOrigin().group(graph)

    assert groups[0] == groups[2] != groups[1]


def test_group__too_long_a_chain_falls_apart_into_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_origin, "LARGEST_GROUP", 3)
    images = np.array([0, 0, 1, 1, 2, 2, 2, 2])
    hashes = np.array(["a", "b", "b", "c", "d", "e", "f", "g"], dtype=object)

    groups = SharedOrigin.of(8, image_index=images, pixels_hash=hashes).group(spread_out(8))

    assert groups[0] == groups[1] != groups[2]
    assert groups[2] == groups[3]
    assert len(set(groups[4:])) == 4


def test_is_shared__image_or_pixels() -> None:
    origin = SharedOrigin.of(
        4, image_index=np.array([0, 0, 1, 2]), pixels_hash=np.array(["a", "b", "a", None], dtype=object)
    )
    similarities = np.full((1, 3), 1.0, dtype=np.float32)

    shared = origin.is_shared(np.array([0]), np.array([[1, 2, 3]]), similarities)

    np.testing.assert_array_equal(shared, [[True, True, False]])


def test_connect__components_in_order_of_their_lowest_row() -> None:
    np.testing.assert_array_equal(connect(np.array([4, 1]), np.array([2, 3]), 5), [0, 1, 2, 1, 2])


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_connect__is_what_scipy_finds(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    n_points, links = drawn
    left, right = np.array(links, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n_points, n_points))
    _, expected = connected_components(graph, directed=False)

    found = connect(left, right, n_points)

    assert np.array_equal(found[:, None] == found, expected[:, None] == expected)
    assert np.array_equal(found, np.unique(found, return_inverse=True)[1])
    assert [int(number) for number in dict.fromkeys(found.tolist())] == list(range(found.max() + 1))


def test_connect__a_shuffled_chain_is_one_component() -> None:
    order = np.random.default_rng(0).permutation(20_000)

    assert set(connect(order[:-1], order[1:], 20_000).tolist()) == {0}
