"""Nearest neighbors by Euclidean distance, for the spaces whose neighbor graph nobody has made yet.

A collection's own graph comes from ``insights.neighbor_graph`` and is only converted here. Searching is left for what
that graph does not cover: embeddings reduced by PCA, embeddings of unequal length, and new points among old ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings, Progress, ignore_progress
from indexer.maps.projectors.base import NeighborGraph, Neighborhoods
from indexer.neighbors.approximate_search import approximate_candidates
from indexer.neighbors.copies import find_copies

_Rows = npt.NDArray[np.int64]

EXACT_UP_TO: Final = 10_000
_SPARE_CANDIDATES: Final = 10  # a matrix product rounds, so that the last few places are decided again exactly
_APPROXIMATE_CANDIDATES: Final = 2  # times the neighbors wanted
_COMPONENTS: Final = 64  # and little recall: as good a map as with more, in two thirds of the time (60,000 x 1280)
_LEAST_RECALL: Final = 0.8
_PRODUCT_VALUES: Final = 1 << 24  # float32 values of a matrix product held at once: 64 MiB


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

    Up to 10,000 points the search is exact. Above, candidates are proposed by `approximate_candidates` and ranked by
    their true distances; copies are searched once.

    Args:
        vectors: float32 (N, D), N at least 2.
        n_neighbors: How many; with too few points all others.
        on_progress: Told of every block.

    Returns:
        Neighborhoods of min(n_neighbors, N - 1) points each, the same to the bit every time.
    """
    n_neighbors = min(n_neighbors, len(vectors) - 1)
    copies = find_copies(vectors) if len(vectors) > EXACT_UP_TO else None
    if copies is None:
        return _search(vectors, n_neighbors, on_progress)
    distinct = vectors[copies.originals]
    n_searched = min(n_neighbors, len(distinct) - 1)
    found = _search(distinct, n_searched, on_progress) if n_searched else _nothing_found(len(distinct))
    own = np.zeros(len(distinct), np.float32)
    indices, nearness = copies.spread(found.indices, -found.distances, own=own, n_neighbors=n_neighbors)
    return Neighborhoods(indices, -nearness)


def _search(vectors: Embeddings, n_neighbors: int, on_progress: Progress) -> Neighborhoods:
    """Neighborhoods of N points, of at most N - 1 neighbors each."""
    from indexer.neighbors.candidate_ranking import map_blocks, measure_distances

    n_points, propose = len(vectors), None
    if n_points > EXACT_UP_TO:
        propose = approximate_candidates(
            vectors,
            n_candidates=1 + _APPROXIMATE_CANDIDATES * n_neighbors,
            n_components=_COMPONENTS,
            least_recall=_LEAST_RECALL,
            on_progress=on_progress,
        )
    is_exact = propose is None
    propose = propose or _exact_candidates(vectors, among=vectors, n_candidates=n_neighbors + 1 + _SPARE_CANDIDATES)

    def search(rows: _Rows) -> Neighborhoods:
        candidates = propose(rows)
        distances = measure_distances(vectors[rows], vectors, candidates)
        distances[candidates == rows[:, None]] = np.inf  # a point is no neighbor of itself
        return _nearest_candidates(candidates, distances, n_neighbors)

    blocks = map(search, _split_rows(n_points, vectors)) if is_exact else map_blocks(search, n_points)
    return _collect(blocks, (n_points, n_neighbors), on_progress)


def _nothing_found(n_points: int) -> Neighborhoods:
    return Neighborhoods(np.empty((n_points, 0), np.int32), np.empty((n_points, 0), np.float32))


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
    from indexer.neighbors.candidate_ranking import measure_distances

    n_neighbors = min(n_neighbors, len(among))
    propose = _exact_candidates(queries, among=among, n_candidates=n_neighbors + _SPARE_CANDIDATES)

    def search(rows: _Rows) -> Neighborhoods:
        candidates = propose(rows)
        return _nearest_candidates(candidates, measure_distances(queries[rows], among, candidates), n_neighbors)

    return _collect(map(search, _split_rows(len(queries), among)), (len(queries), n_neighbors), on_progress)


def _exact_candidates(queries: Embeddings, *, among: Embeddings, n_candidates: int) -> Callable[[_Rows], _Rows]:
    n_candidates = min(n_candidates, len(among))
    half_squares = np.einsum("nd,nd->n", among, among) / 2

    def propose(rows: _Rows) -> _Rows:
        nearness = queries[rows] @ among.T - half_squares  # falls as the distance rises
        return np.argpartition(nearness, -n_candidates, axis=1)[:, -n_candidates:]

    return propose


def _nearest_candidates(candidates: _Rows, distances: npt.NDArray[np.float32], n_neighbors: int) -> Neighborhoods:
    order = np.lexsort((candidates, distances), axis=1)[:, :n_neighbors]  # of equally near ones the lower row
    return Neighborhoods(
        np.take_along_axis(candidates, order, axis=1).astype(np.int32), np.take_along_axis(distances, order, axis=1)
    )


def _split_rows(n_rows: int, among: Embeddings) -> Iterator[_Rows]:
    """Row numbers in blocks whose products with ``among`` fit into memory."""
    step = max(1, _PRODUCT_VALUES // len(among))
    for start in range(0, n_rows, step):
        yield np.arange(start, min(start + step, n_rows))


def _collect(blocks: Iterable[Neighborhoods], shape: tuple[int, int], on_progress: Progress) -> Neighborhoods:
    """Put what was found for consecutive blocks together; ``shape`` is that of the result, queries by neighbors."""
    indices, distances = np.empty(shape, np.int32), np.empty(shape, np.float32)
    n_done = 0
    for block in blocks:
        done = slice(n_done, n_done + len(block.indices))
        indices[done], distances[done] = block.indices, block.distances
        n_done = done.stop
        on_progress("neighbors", n_done, shape[0])
    return Neighborhoods(indices, distances)
