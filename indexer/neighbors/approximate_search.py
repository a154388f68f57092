"""Candidates for the nearest neighbors of very many points, by hnswlib, with a measured recall.

The index holds the points' 128 first principal components and not the points: a tenth of the memory and a sixth of the
time (60,000 x 1280). To make up for the other components, more candidates are proposed than are wanted, and the caller
ranks them by the full embeddings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings, Progress, ignore_progress

Rows = npt.NDArray[np.int64]

STAGE: Final = "neighbor index"
LEAST_RECALL: Final = 0.985  # a little above the .98 that is promised, because it is measured on a sample
N_PROBES: Final = 400  # rows on which the recall is measured: its standard error is below .005
EXACT_AS_FAST_AS: Final = 20  # a product measures this many pairs while one candidate is searched and measured
N_RECALLED: Final = 20  # of the nearest, as long as the lists of a neighbor graph
N_COMPONENTS: Final = 128
N_FITTED: Final = 10_000  # evenly spread points that the components are computed from
N_LINKS: Final = 16
BREADTH_WHEN_BUILT: Final = 100
BREADTH_BEYOND: Final = 20  # the search keeps this many more places in sight than it gives candidates
BLOCK_ROWS: Final = 10_000
PRODUCT_VALUES: Final = 1 << 24  # float32 values of a matrix product held at once: 64 MiB
ROUNDING: Final = 2e-6  # how far two float32 products of the same vectors of length 1 may lie apart


def approximate_candidates(
    vectors: Embeddings,
    *,
    n_candidates: int,
    n_components: int = N_COMPONENTS,
    least_recall: float = LEAST_RECALL,
    on_progress: Progress = ignore_progress,
) -> Callable[[Rows], Rows] | None:
    """Index points and search with as many candidates as the wanted recall takes.

    The points are inserted by one thread, because several would make another graph each time. The number of candidates
    is doubled until recall@20, measured against an exact search of evenly spread rows, is high enough.

    Args:
        vectors: float32 (N, D), compared by Euclidean distance; for rows of length 1 that is the order of the cosine.
        n_candidates: How many to propose at least, the row itself included; at most N.
        n_components: How many of the points' principal components the index holds.
        least_recall: Recall@20 that is enough, in 0..1.
        on_progress: Called as ``on_progress("neighbor index", points_inserted, N)``.

    Returns:
        A function from b row numbers to their candidates, int64 (b, n_candidates or more); the row itself is among
        them. Threads may call it side by side. None if the recall takes so many candidates that an exact search is
        as fast.
    """
    import hnswlib

    reduced = reduce_dimensions(vectors, n_components)
    index = hnswlib.Index(space="l2", dim=reduced.shape[1])
    index.init_index(len(vectors), M=N_LINKS, ef_construction=BREADTH_WHEN_BUILT, random_seed=0)
    for block in _blocks(len(vectors)):
        index.add_items(reduced[block], num_threads=1)
        on_progress(STAGE, block.stop, len(vectors))
    probes = np.unique(np.linspace(0, len(vectors) - 1, N_PROBES).astype(np.int64))
    n_proposed = min(n_candidates, len(vectors))
    while True:
        propose = _open_search(index, vectors, reduced, n_proposed)
        if measure_recall(vectors, probes, propose(probes)) >= least_recall:
            return propose
        if EXACT_AS_FAST_AS * 2 * n_proposed > len(vectors):
            return None
        n_proposed *= 2


def reduce_dimensions(vectors: Embeddings, n_components: int) -> Embeddings:
    """The first principal components of points.

    Args:
        vectors: float32 (N, D).
        n_components: How many.

    Returns:
        float32 (N, n_components); ``vectors`` themselves where they have no more.
    """
    if vectors.shape[1] <= n_components:
        return vectors
    sample = vectors[:: -(-len(vectors) // N_FITTED)]
    center = sample.mean(axis=0)
    sample = sample - center
    directions = np.linalg.eigh((sample.T @ sample).astype(np.float64))[1][:, -n_components:].astype(np.float32)
    reduced = np.empty((len(vectors), n_components), dtype=np.float32)
    for block in _blocks(len(vectors)):
        reduced[block] = (vectors[block] - center) @ directions
    return reduced


def measure_recall(
    vectors: Embeddings, rows: Rows, found: npt.NDArray[np.integer], n_recalled: int = N_RECALLED
) -> float:
    """Share of the exact nearest neighbors that were found.

    A neighbor as near as the last one counts too, within what float32 can tell apart.

    Args:
        vectors: float32 (N, D).
        rows: int64 (b,), points whose neighbors were searched.
        found: int (b, m), candidates of each; the row itself does not count.
        n_recalled: How many of the nearest are looked for.

    Returns:
        Recall in 0..1; 1 if there is nothing to find.
    """
    n_recalled = min(n_recalled, len(vectors) - 1)
    if not n_recalled or not len(rows):
        return 1.0
    queries, half_squares = vectors[rows], np.einsum("nd,nd->n", vectors, vectors) / 2
    nearest = np.full((len(rows), n_recalled), -np.inf, dtype=np.float32)
    of_found = np.full(found.shape, -np.inf, dtype=np.float32)
    for block in _blocks(len(vectors)):
        nearness = queries @ vectors[block].T - half_squares[block]  # falls as the distance rises
        is_here = (rows >= block.start) & (rows < block.stop)
        nearness[is_here, rows[is_here] - block.start] = -np.inf
        at = (found >= block.start) & (found < block.stop)
        of_found[at] = nearness[np.nonzero(at)[0], found[at] - block.start]
        nearest = np.partition(np.hstack([nearest, nearness]), -n_recalled, axis=1)[:, -n_recalled:]
    least = nearest.min(axis=1, keepdims=True) - ROUNDING * 2 * half_squares.max()
    n_found = np.minimum((of_found >= least).sum(axis=1), n_recalled)
    return float(n_found.mean() / n_recalled)


def _open_search(index: Any, vectors: Embeddings, reduced: Embeddings, n_proposed: int) -> Callable[[Rows], Rows]:
    index.set_ef(n_proposed + BREADTH_BEYOND)

    def propose(rows: Rows) -> Rows:
        labels = _ask(index, reduced[rows], n_proposed)
        if labels is not None:
            return labels
        found = np.empty((len(rows), n_proposed), dtype=np.int64)
        lost = []
        for place, row in enumerate(rows):
            labels = _ask(index, reduced[row : row + 1], n_proposed)
            if labels is None:
                lost.append(place)
            else:
                found[place] = labels[0]
        found[lost] = _nearest_rows(vectors, rows[lost], n_proposed)
        return found

    return propose


def _ask(index: Any, queries: Embeddings, n_proposed: int) -> Rows | None:
    """The nearest rows by the index; None if it finds too few for a query, in a graph whose parts are not linked."""
    try:
        labels, _ = index.knn_query(queries, k=n_proposed, num_threads=1)
    except RuntimeError:
        return None
    return np.asarray(labels, dtype=np.int64)


def _nearest_rows(vectors: Embeddings, rows: Rows, n_nearest: int) -> Rows:
    """The exact nearest of some points, the point itself included; int64 (b, n_nearest)."""
    half_squares = np.einsum("nd,nd->n", vectors, vectors) / 2
    found = np.empty((len(rows), n_nearest), dtype=np.int64)
    step = max(1, PRODUCT_VALUES // len(vectors))
    for start in range(0, len(rows), step):
        nearness = vectors[rows[start : start + step]] @ vectors.T - half_squares
        found[start : start + step] = np.argpartition(nearness, -n_nearest, axis=1)[:, -n_nearest:]
    return found


def _blocks(n_points: int) -> Iterator[slice]:
    for start in range(0, n_points, BLOCK_ROWS):
        yield slice(start, min(start + BLOCK_ROWS, n_points))
