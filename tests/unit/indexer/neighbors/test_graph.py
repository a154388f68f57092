from __future__ import annotations

import numpy as np
import pytest

from indexer.errors import EmbeddingError, InvalidOptionsError
from indexer.neighbors import graph as neighbor_graph
from indexer.neighbors.approximate_search import measure_recall
from indexer.neighbors.graph import NeighborGraph, build_neighbor_graph, update_neighbor_graph
from indexer.neighbors.unit_rows import unit_rows


def at_degrees(*degrees: float) -> np.ndarray:
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def blobs(n_points: int, *, seed: int = 0, dim: int = 32) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(8, dim))
    return (centres[rng.integers(8, size=n_points)] + 0.5 * rng.normal(size=(n_points, dim))).astype(np.float32)


def by_definition(embeddings: np.ndarray, k: int) -> NeighborGraph:
    units = embeddings.astype(np.float64)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    similarities = units @ units.T
    np.fill_diagonal(similarities, -np.inf)
    order = np.argsort(-similarities, axis=1, kind="stable")[:, :k]
    return NeighborGraph(order.astype(np.int32), np.take_along_axis(similarities, order, axis=1).astype(np.float32))


def assert_same(graph: NeighborGraph, other: NeighborGraph) -> None:
    np.testing.assert_array_equal(graph.indices, other.indices)
    np.testing.assert_array_equal(graph.similarities, other.similarities)


def test_build_neighbor_graph__points_on_a_circle() -> None:
    graph = build_neighbor_graph(at_degrees(0, 10, 30, 90) * 7, n_neighbors=2)

    np.testing.assert_array_equal(graph.indices, [[1, 2], [0, 2], [1, 0], [2, 1]])
    expected = np.cos(np.deg2rad([[10, 30], [10, 20], [20, 30], [60, 80]]))
    np.testing.assert_allclose(graph.similarities, expected, atol=1e-6)
    assert graph.indices.dtype == np.int32
    assert graph.similarities.dtype == np.float32


def test_build_neighbor_graph__equals_definition() -> None:
    embeddings = blobs(300)

    graph = build_neighbor_graph(embeddings, n_neighbors=15)

    expected = by_definition(embeddings, 15)
    np.testing.assert_array_equal(graph.indices, expected.indices)
    np.testing.assert_allclose(graph.similarities, expected.similarities, atol=1e-6)


def test_build_neighbor_graph__copies_go_to_lowest_rows() -> None:
    embeddings = np.tile(at_degrees(40), (200, 1))

    graph = build_neighbor_graph(embeddings, n_neighbors=3)

    np.testing.assert_array_equal(
        graph.indices[[0, 1, 2, 3, 199]], [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2], [0, 1, 2]]
    )


def test_build_neighbor_graph__block_size_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = blobs(257, dim=37)
    whole = build_neighbor_graph(embeddings, n_neighbors=10)

    monkeypatch.setattr(neighbor_graph, "BLOCK_VALUES", 257 * 7)

    assert_same(build_neighbor_graph(embeddings, n_neighbors=10), whole)


def test_build_neighbor_graph__bfloat16_candidates_give_the_same_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = np.vstack([blobs(900), np.tile(blobs(1, seed=5), (100, 1))])
    expected = build_neighbor_graph(embeddings, n_neighbors=10)
    monkeypatch.setattr(neighbor_graph, "BFLOAT16_FROM", 1)
    monkeypatch.setattr(neighbor_graph, "_is_bfloat16_fast", lambda: True)

    graph = build_neighbor_graph(embeddings, n_neighbors=10)

    assert np.mean(graph.indices == expected.indices) > 0.999
    np.testing.assert_array_equal(graph.indices[900:], expected.indices[900:])


def test_build_neighbor_graph__approximate_above_limit_recalls() -> None:
    embeddings = blobs(4000)

    graph = build_neighbor_graph(embeddings, n_neighbors=20, exact_up_to=1000)

    rows = np.arange(0, 4000, 7)
    assert measure_recall(unit_rows(embeddings), rows, graph.indices[rows], 20) >= 0.98
    assert not (graph.indices == np.arange(4000)[:, None]).any()
    assert (np.diff(graph.similarities, axis=1) <= 0).all()
    assert_same(build_neighbor_graph(embeddings, n_neighbors=20, exact_up_to=1000), graph)


@pytest.mark.parametrize(("n_points", "width"), [(0, 0), (1, 0), (2, 1), (4, 3)])
def test_build_neighbor_graph__few_points_have_few_neighbors(n_points: int, width: int) -> None:
    graph = build_neighbor_graph(blobs(n_points), n_neighbors=20)

    assert graph.indices.shape == graph.similarities.shape == (n_points, width)


def test_build_neighbor_graph__zero_embedding_is_similar_to_nothing() -> None:
    graph = build_neighbor_graph(np.array([[1, 0], [0, 0], [1, 1]], dtype=np.float32), n_neighbors=2)

    np.testing.assert_array_equal(graph.similarities[1], [0, 0])


def test_build_neighbor_graph__reports_progress() -> None:
    seen: list[tuple[str, int, int | None]] = []

    build_neighbor_graph(blobs(50), n_neighbors=5, on_progress=lambda *step: seen.append(step))

    assert seen[-1] == ("neighbor graph", 50, 50)


def test_build_neighbor_graph__refuses_bad_input() -> None:
    with pytest.raises(InvalidOptionsError, match="n_neighbors is 0"):
        build_neighbor_graph(blobs(5), n_neighbors=0)
    with pytest.raises(InvalidOptionsError, match="matrix"):
        build_neighbor_graph(np.zeros(5, dtype=np.float32))
    with pytest.raises(EmbeddingError, match="embedding 1 "):
        build_neighbor_graph(np.array([[1, 0], [np.nan, 0]], dtype=np.float32))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_update_neighbor_graph__equals_rebuild(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before = blobs(300, seed=seed)
    graph = build_neighbor_graph(before, n_neighbors=8)
    kept = np.sort(rng.choice(300, size=270, replace=False))
    embeddings = np.vstack([before[kept], blobs(40, seed=seed + 10)])
    embeddings[5] = embeddings[200] + 0.01
    previous_rows = np.concatenate([kept, np.full(40, -1)])
    previous_rows[5] = -1

    updated = update_neighbor_graph(graph, embeddings, previous_rows=previous_rows, n_neighbors=8)

    assert_same(updated, build_neighbor_graph(embeddings, n_neighbors=8))


def test_update_neighbor_graph__nothing_changed_searches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings = blobs(60)
    graph = build_neighbor_graph(embeddings, n_neighbors=5)
    ranked: list[int] = []
    rank = neighbor_graph._rank_candidates
    monkeypatch.setattr(neighbor_graph, "_rank_candidates", lambda *a: ranked.append(len(a[1])) or rank(*a))

    updated = update_neighbor_graph(graph, embeddings, previous_rows=np.arange(60), n_neighbors=5)

    assert_same(updated, graph)
    assert sum(ranked) == 0


def test_update_neighbor_graph__grows_from_too_few() -> None:
    embeddings = blobs(30)
    graph = build_neighbor_graph(embeddings[:4], n_neighbors=10)

    updated = update_neighbor_graph(graph, embeddings, previous_rows=np.array([0, 1, 2, 3] + [-1] * 26), n_neighbors=10)

    assert_same(updated, build_neighbor_graph(embeddings, n_neighbors=10))


def test_update_neighbor_graph__refuses_rows_that_do_not_exist() -> None:
    graph = build_neighbor_graph(blobs(4), n_neighbors=2)

    with pytest.raises(InvalidOptionsError, match="previous_rows"):
        update_neighbor_graph(graph, blobs(2), previous_rows=np.array([0, 4]))


def test_update_neighbor_graph__only_removed() -> None:
    embeddings = blobs(60)
    graph = build_neighbor_graph(embeddings, n_neighbors=5)
    kept = np.delete(np.arange(60), [3, 17, 44])

    updated = update_neighbor_graph(graph, embeddings[kept], previous_rows=kept, n_neighbors=5)

    assert_same(updated, build_neighbor_graph(embeddings[kept], n_neighbors=5))
