"""The neighbor graph of copies, near-copies, constant vectors and ties: right at every k, on every path."""

import contextlib

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.neighbors import graph as neighbor_graph
from indexer.neighbors.graph import build_neighbor_graph, update_neighbor_graph
from indexer.neighbors.unit_rows import unit_rows
from tests.clouds import KINDS, clouds, make_cloud, near_copies

TOLERANCE = 5e-6  # twice the ROUNDING within which candidates are ties, and that of the similarities themselves
PATHS = ("float32", "bfloat16", "approximate")


@contextlib.contextmanager
def searched_by(path):
    """Have graphs built by one path, whatever their size; gives the options."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbor_graph, "BFLOAT16_FROM", 1 if path == "bfloat16" else 1 << 40)
        patch.setattr(neighbor_graph, "_is_bfloat16_fast", lambda: True)
        yield {"exact_up_to": 0} if path == "approximate" else {}


def cosines(embeddings):
    units = unit_rows(embeddings).astype(np.float64)
    similarities = units @ units.T
    np.fill_diagonal(similarities, -np.inf)
    return similarities


def assert_well_formed(graph, n_points, k):
    k = max(0, min(k, n_points - 1))
    assert graph.indices.shape == graph.similarities.shape == (n_points, k)
    for row, neighbors in enumerate(graph.indices.tolist()):
        assert len(set(neighbors) - {row}) == k
    assert n_points == 0 or k == 0 or (0 <= graph.indices.min() <= graph.indices.max() < n_points)
    falls, rises = np.diff(graph.similarities, axis=1) < 0, np.diff(graph.indices, axis=1) > 0
    assert (falls | ((np.diff(graph.similarities, axis=1) == 0) & rises)).all()


def assert_nearest(graph, embeddings):
    similarities = cosines(embeddings)
    expected = -np.sort(-similarities, axis=1)[:, : graph.n_neighbors]
    found = np.take_along_axis(similarities, graph.indices.astype(np.int64), axis=1)
    np.testing.assert_allclose(graph.similarities, found, atol=TOLERANCE)
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)


@pytest.mark.parametrize("seed", range(3))
def test_build_neighbor_graph__near_copies_of_1280_dimensions(seed):
    embeddings = near_copies(1500, 1280, 0.01, seed=seed)

    graph = build_neighbor_graph(embeddings, n_neighbors=20)

    assert_well_formed(graph, 1500, 20)
    assert_nearest(graph, embeddings)


@pytest.mark.parametrize("path", PATHS)
@settings(max_examples=150)
@given(embeddings=clouds(), k=st.integers(1, 130))
@example(embeddings=np.ones((1, 3), np.float32), k=1)
@example(embeddings=np.zeros((60, 2), np.float32), k=60)
@example(embeddings=near_copies(100, 2, 3e-3, n_groups=1), k=20)
def test_build_neighbor_graph__any_cloud_any_k__is_that_of_the_definition(path, embeddings, k):
    with searched_by(path) as options:
        graph = build_neighbor_graph(embeddings, n_neighbors=k, **options)
        again = build_neighbor_graph(embeddings, n_neighbors=k, **options)

    assert_well_formed(graph, len(embeddings), k)
    assert_nearest(graph, embeddings)
    np.testing.assert_array_equal(graph.indices, again.indices)
    np.testing.assert_array_equal(graph.similarities, again.similarities)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dimension", [2, 64])
def test_build_neighbor_graph__many_points__is_that_of_the_definition(path, kind, dimension):
    embeddings = make_cloud(kind, 1200, dimension, seed=7)

    with searched_by(path) as options:
        graph = build_neighbor_graph(embeddings, n_neighbors=20, **options)

    assert_well_formed(graph, 1200, 20)
    if path == "approximate":
        last = np.sort(cosines(embeddings), axis=1)[:, -20:-19]
        assert (graph.similarities >= last - TOLERANCE).mean() >= 0.98
    else:
        assert_nearest(graph, embeddings)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", [0.0, "constant", "zeros"])
def test_build_neighbor_graph__copies__go_to_the_lowest_rows(path, kind):
    embeddings = make_cloud(kind, 300, 8)  # seed 0: all of one group

    with searched_by(path) as options:
        graph = build_neighbor_graph(embeddings, n_neighbors=3, **options)

    assert graph.indices[[0, 1, 2, 3, 299]].tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2], [0, 1, 2]]


@settings(max_examples=150)
@given(cloud=clouds(most_points=80), n_before=st.integers(1, 80), k=st.integers(1, 30), seed=st.integers(0, 9))
def test_update_neighbor_graph__any_cloud__is_that_of_the_definition(cloud, n_before, k, seed):
    random = np.random.default_rng(seed)
    before = cloud[random.permutation(len(cloud))[:n_before]]
    kept = np.sort(random.permutation(len(before))[: random.integers(len(before) + 1)])
    fresh = cloud[random.integers(len(cloud), size=random.integers(1, 12))]
    places = np.sort(random.integers(len(kept) + 1, size=len(fresh)))  # among the others, which keep their order
    embeddings = np.insert(before[kept], places, fresh, axis=0)
    previous_rows = np.insert(kept, places, -1)

    graph = build_neighbor_graph(before, n_neighbors=k)
    updated = update_neighbor_graph(graph, embeddings, previous_rows=previous_rows, n_neighbors=k)

    assert_well_formed(updated, len(embeddings), k)
    assert_nearest(updated, embeddings)


def test_update_neighbor_graph__more_fresh_copies_than_candidates__go_to_the_lowest_rows():
    copy, other = np.array([[1, 0]], np.float32), np.array([[0, 1]], np.float32)
    before = np.vstack([np.tile(other, (390, 1)), copy])
    graph = build_neighbor_graph(before, n_neighbors=2)
    embeddings = np.vstack([before, np.tile(copy, (60, 1))])

    previous_rows = np.concatenate([np.arange(391), np.full(60, -1)])
    updated = update_neighbor_graph(graph, embeddings, previous_rows=previous_rows, n_neighbors=2)

    assert updated.indices[390].tolist() == [391, 392]
