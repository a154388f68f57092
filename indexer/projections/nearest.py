"""Nearest neighbors by Euclidean distance, for the spaces whose neighbor graph nobody has made yet.

A collection's own graph comes from ``insights.neighbor_graph`` and is only converted here. Searching is left for
what that graph does not cover: embeddings reduced by PCA, the Euclidean metric on embeddings of unequal
length, and more neighbors than the graph has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings, Progress
from indexer.projections.base import NeighborGraph, Neighborhoods

_Indices = npt.NDArray[np.int32]
_Search = Callable[[Embeddings], tuple[Embeddings, _Indices]]

EXACT_UP_TO: Final = 100_000
_BLOCK_ROWS: Final = 4096
_BLOCK_VALUES: Final = 1 << 24  # similarities held at once: 64 MiB
_UNIT_TOLERANCE: Final = 1e-3
_LINKS, _BUILD_WIDTH = 16, 100  # hnswlib's M and ef_construction: recall@15 of .99 at 64 dimensions


def neighborhoods_of_graph(graph: NeighborGraph) -> Neighborhoods:
    """Turn cosine similarities into Euclidean distances between embeddings of unit length.

    Args:
        graph: Neighbors by cosine, nearest first.
    """
    squares = 2.0 - 2.0 * graph.similarities
    return Neighborhoods(graph.indices, np.sqrt(np.maximum(squares, 0.0)))


def find_neighborhoods(vectors: Embeddings, *, n_neighbors: int, on_progress: Progress) -> Neighborhoods:
    """Find the nearest neighbors of every point: exactly up to 100,000 points, above with hnswlib.

    Args:
        vectors: float32 (N, D), N at least 2.
        n_neighbors: How many; with too few points all others.
        on_progress: Told of every block.

    Returns:
        Neighborhoods of min(n_neighbors, N - 1) points each, the same to the bit every time.
    """
    n_points = len(vectors)
    n_neighbors = min(n_neighbors, n_points - 1)
    make_search = _exact_search if n_points <= EXACT_UP_TO else _approximate_search
    search = make_search(vectors, n_neighbors + 1)  # a point finds itself, too
    blocks = []
    for start in range(0, n_points, _BLOCK_ROWS):
        on_progress("neighbors", start, n_points)
        rows = np.arange(start, min(start + _BLOCK_ROWS, n_points), dtype=np.int32)
        blocks.append(_without_self(rows, *search(vectors[rows])))
    on_progress("neighbors", n_points, n_points)
    indices, distances = (np.concatenate(column) for column in zip(*blocks, strict=True))
    return Neighborhoods(indices, distances)


def _exact_search(vectors: Embeddings, n_neighbors: int) -> _Search:
    from sklearn.neighbors import NearestNeighbors

    index = NearestNeighbors(n_neighbors=n_neighbors, algorithm="brute").fit(vectors)

    def search(queries: Embeddings) -> tuple[Embeddings, _Indices]:
        distances, indices = index.kneighbors(queries)
        return distances.astype(np.float32), indices.astype(np.int32)

    return search


def _approximate_search(vectors: Embeddings, n_neighbors: int) -> _Search:
    import hnswlib

    index = hnswlib.Index(space="l2", dim=vectors.shape[1])
    index.init_index(max_elements=len(vectors), M=_LINKS, ef_construction=_BUILD_WIDTH, random_seed=0)
    index.add_items(vectors, num_threads=1)  # several threads would build another graph each time
    index.set_ef(2 * n_neighbors + 50)

    def search(queries: Embeddings) -> tuple[Embeddings, _Indices]:
        indices, squares = index.knn_query(queries, k=n_neighbors)
        return np.sqrt(squares), indices.astype(np.int32)

    return search


def _without_self(rows: _Indices, distances: Embeddings, indices: _Indices) -> tuple[_Indices, Embeddings]:
    """Drop each row's own point, or the last one where copies of the point crowd it out."""
    is_self = indices == rows[:, None]
    is_self[~is_self.any(axis=1), -1] = True
    shape = (len(rows), indices.shape[1] - 1)
    return indices[~is_self].reshape(shape), distances[~is_self].reshape(shape)


def find_most_similar(
    queries: Embeddings, *, among: Embeddings, n_neighbors: int, on_progress: Progress
) -> tuple[_Indices, npt.NDArray[np.float32]]:
    """Find for every query the embeddings most similar to it by cosine, exactly.

    Args:
        queries: float32 (M, D).
        among: float32 (N, D), N at least 1.
        n_neighbors: How many; with a smaller N all of them.
        on_progress: Told of every block.

    Returns:
        int32 (M, k) rows of ``among`` and float32 (M, k) similarities, the most similar first.
    """
    n_neighbors = min(n_neighbors, len(among))
    indices = np.empty((len(queries), n_neighbors), np.int32)
    similarities = np.empty((len(queries), n_neighbors), np.float32)
    units = unit_rows(among)
    block_rows = max(1, _BLOCK_VALUES // len(among))
    for start in range(0, len(queries), block_rows):
        on_progress("neighbors", start, len(queries))
        block = slice(start, start + block_rows)
        scores = unit_rows(queries[block]) @ units.T
        nearest = np.argpartition(scores, -n_neighbors, axis=1)[:, -n_neighbors:]
        order = np.argsort(-np.take_along_axis(scores, nearest, axis=1), axis=1, kind="stable")
        indices[block] = np.take_along_axis(nearest, order, axis=1)
        similarities[block] = np.take_along_axis(scores, indices[block], axis=1)
    return indices, similarities


def unit_rows(vectors: Embeddings) -> Embeddings:
    """Rows scaled to length 1, float32 (N, D); a row of zeros stays as it is, and no copy is made without need."""
    if are_unit_rows(vectors):
        return vectors
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)


def are_unit_rows(vectors: Embeddings) -> bool:
    """Whether every row has length 1, give or take rounding."""
    squares = np.einsum("nd,nd->n", vectors, vectors)
    return bool(np.abs(squares - 1).max(initial=0.0) < _UNIT_TOLERANCE)
