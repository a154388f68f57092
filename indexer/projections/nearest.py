"""Nearest neighbors by Euclidean distance, for the spaces whose neighbor graph nobody has made yet.

A collection's own graph comes from ``insights.neighbor_graph`` and is only converted here. Searching is left for
what that graph does not cover: embeddings reduced by PCA, the Euclidean metric on embeddings of unequal
length, and new points among old ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings, Progress, ignore_progress
from indexer.projections.base import NeighborGraph, Neighborhoods
from indexer.projections.pca import PCA_COMPONENTS, principal_components

_Rows = npt.NDArray[np.int64]

EXACT_UP_TO: Final = 10_000
_SPARE_CANDIDATES: Final = 10  # a matrix product rounds, so that the last few places are decided again exactly
_APPROXIMATE_CANDIDATES: Final = 2  # times the neighbors wanted: recall@15 of .90, and as good a map (60,000 x 1280)
_LINKS, _BUILD_WIDTH, _SEARCH_WIDTH = 12, 80, 60  # hnswlib's M, ef_construction and least ef
_INSERT_ROWS: Final = 10_000
_SEARCH_ROWS: Final = 1024
_PRODUCT_VALUES: Final = 1 << 24  # float32 values of a matrix product held at once: 64 MiB
_RANKED_VALUES: Final = 1 << 22  # float32 values of candidates held at once: 16 MiB are a third faster than 64
_UNIT_TOLERANCE: Final = 1e-3


def neighborhoods_of_graph(graph: NeighborGraph) -> Neighborhoods:
    """Turn cosine similarities into Euclidean distances between embeddings of unit length.

    Args:
        graph: Neighbors by cosine, nearest first.
    """
    squares = 2.0 - 2.0 * graph.similarities
    return Neighborhoods(graph.indices, np.sqrt(np.maximum(squares, 0.0)))


def find_neighborhoods(
    vectors: Embeddings, *, n_neighbors: int, on_progress: Progress = ignore_progress
) -> Neighborhoods:
    """Find the nearest neighbors of every point among the others.

    Up to 10,000 points the search is exact. Above, hnswlib proposes candidates by their first 64 principal
    components, which are then ranked by their true distances.

    Args:
        vectors: float32 (N, D), N at least 2.
        n_neighbors: How many; with too few points all others.
        on_progress: Told of every block.

    Returns:
        Neighborhoods of min(n_neighbors, N - 1) points each, the same to the bit every time.
    """
    n_points = len(vectors)
    n_neighbors = min(n_neighbors, n_points - 1)
    if n_points <= EXACT_UP_TO:
        propose = _exact_candidates(vectors, among=vectors, n_candidates=n_neighbors + 1 + _SPARE_CANDIDATES)
    else:
        n_candidates = 1 + _APPROXIMATE_CANDIDATES * n_neighbors
        propose = _approximate_candidates(vectors, n_candidates=n_candidates, on_progress=on_progress)

    def search(rows: _Rows) -> Neighborhoods:
        candidates = propose(rows)
        distances = _distances(vectors[rows], vectors, candidates)
        distances[candidates == rows[:, None]] = np.inf  # a point is no neighbor of itself
        return _nearest_candidates(candidates, distances, n_neighbors)

    block_rows = _product_rows(vectors) if n_points <= EXACT_UP_TO else _SEARCH_ROWS
    return _search_in_blocks(search, (n_points, n_neighbors), block_rows=block_rows, on_progress=on_progress)


def find_nearest(
    queries: Embeddings, *, among: Embeddings, n_neighbors: int, on_progress: Progress = ignore_progress
) -> Neighborhoods:
    """Find for every query the nearest of other points, exactly.

    Args:
        queries: float32 (M, D).
        among: float32 (N, D), N at least 1.
        n_neighbors: How many; with a smaller N all of them.
        on_progress: Told of every block.

    Returns:
        Neighborhoods of M points; the indices are rows of ``among``.
    """
    n_neighbors = min(n_neighbors, len(among))
    propose = _exact_candidates(queries, among=among, n_candidates=n_neighbors + _SPARE_CANDIDATES)

    def search(rows: _Rows) -> Neighborhoods:
        candidates = propose(rows)
        return _nearest_candidates(candidates, _distances(queries[rows], among, candidates), n_neighbors)

    shape = (len(queries), n_neighbors)
    return _search_in_blocks(search, shape, block_rows=_product_rows(among), on_progress=on_progress)


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


def _exact_candidates(queries: Embeddings, *, among: Embeddings, n_candidates: int) -> Callable[[_Rows], _Rows]:
    n_candidates = min(n_candidates, len(among))
    half_squares = np.einsum("nd,nd->n", among, among) / 2

    def propose(rows: _Rows) -> _Rows:
        nearness = queries[rows] @ among.T - half_squares  # falls as the distance rises
        return np.argpartition(nearness, -n_candidates, axis=1)[:, -n_candidates:]

    return propose


def _approximate_candidates(
    vectors: Embeddings, *, n_candidates: int, on_progress: Progress
) -> Callable[[_Rows], _Rows]:
    import hnswlib

    n_points = len(vectors)
    n_candidates = min(n_candidates, n_points)
    reduced = principal_components(vectors, n_components=PCA_COMPONENTS, on_progress=on_progress)
    index = hnswlib.Index(space="l2", dim=reduced.shape[1])
    index.init_index(max_elements=n_points, M=_LINKS, ef_construction=_BUILD_WIDTH, random_seed=0)
    for start in range(0, n_points, _INSERT_ROWS):
        on_progress("neighbor index", start, n_points)
        # One thread, because several would build another graph each time.
        index.add_items(reduced[start : start + _INSERT_ROWS], num_threads=1)
    on_progress("neighbor index", n_points, n_points)
    index.set_ef(max(_SEARCH_WIDTH, n_candidates))

    def propose(rows: _Rows) -> _Rows:
        candidates, _ = index.knn_query(reduced[rows], k=n_candidates)
        return np.asarray(candidates, np.int64)

    return propose


def _distances(queries: Embeddings, among: Embeddings, candidates: _Rows) -> npt.NDArray[np.float32]:
    distances = np.empty(candidates.shape, np.float32)
    step = max(1, _RANKED_VALUES // (candidates.shape[1] * among.shape[1]))
    for start in range(0, len(queries), step):
        block = slice(start, start + step)
        differences = among[candidates[block]]
        differences -= queries[block, None]
        distances[block] = np.sqrt(np.einsum("qcd,qcd->qc", differences, differences))
    return distances


def _nearest_candidates(candidates: _Rows, distances: npt.NDArray[np.float32], n_neighbors: int) -> Neighborhoods:
    order = np.lexsort((candidates, distances), axis=1)[:, :n_neighbors]  # of equally near ones the lower row
    return Neighborhoods(
        np.take_along_axis(candidates, order, axis=1).astype(np.int32), np.take_along_axis(distances, order, axis=1)
    )


def _product_rows(among: Embeddings) -> int:
    return max(1, _PRODUCT_VALUES // len(among))


def _search_in_blocks(
    search: Callable[[_Rows], Neighborhoods], shape: tuple[int, int], *, block_rows: int, on_progress: Progress
) -> Neighborhoods:
    """Search block by block; ``shape`` is that of the result, queries by neighbors."""
    n_rows = shape[0]
    indices, distances = np.empty(shape, np.int32), np.empty(shape, np.float32)
    for start in range(0, n_rows, block_rows):
        on_progress("neighbors", start, n_rows)
        rows = np.arange(start, min(start + block_rows, n_rows))
        found = search(rows)
        indices[rows], distances[rows] = found.indices, found.distances
    on_progress("neighbors", n_rows, n_rows)
    return Neighborhoods(indices, distances)
