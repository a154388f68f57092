"""Similarity of points to a few candidates each, read straight from where the vectors lie.

NumPy would first copy each candidate's vector: four times slower at 60 candidates of 1280 dimensions. The first call on
a machine compiles, for a second or two.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import numba
import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings

T = TypeVar("T")
Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_BLOCK_ROWS: Final = 1024
# The order of a sum is the compiler's choice (reassoc), the same for every pair of points.
_compiled: Any = numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})


def measure_cosines(queries: Embeddings, among: Embeddings, candidates: Rows) -> Floats:
    """Cosines of points with their candidates; other Python threads run meanwhile.

    Args:
        queries: float32 (b, D), rows of length 1.
        among: float32 (N, D), rows of length 1.
        candidates: int64 (b, m), rows of ``among``.

    Returns:
        float32 (b, m).
    """
    cosines = np.empty(candidates.shape, dtype=np.float32)
    _measure_cosines(queries, among, candidates, cosines)
    return cosines


def measure_distances(queries: Embeddings, among: Embeddings, candidates: Rows) -> Floats:
    """Euclidean distances of points to their candidates, rows of any length; otherwise as `measure_cosines`."""
    squares = np.empty(candidates.shape, dtype=np.float32)
    _measure_squares(queries, among, candidates, squares)
    return np.sqrt(squares)


def map_blocks(search: Callable[[Rows], T], n_points: int) -> Iterator[T]:
    """Call ``search`` on the row numbers of 0..n_points, block by block on all cores; results come in order."""
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        starts = range(0, n_points, _BLOCK_ROWS)
        yield from pool.map(lambda start: search(np.arange(start, min(start + _BLOCK_ROWS, n_points))), starts)
    finally:
        pool.shutdown(cancel_futures=True)  # a cancel does not wait for all blocks


@_compiled  # type: ignore[untyped-decorator]
def _measure_cosines(queries: Embeddings, among: Embeddings, candidates: Rows, cosines: Floats) -> None:
    for i in range(candidates.shape[0]):
        for j in range(candidates.shape[1]):
            total = np.float32(0)
            for k in range(queries.shape[1]):
                total += queries[i, k] * among[candidates[i, j], k]
            cosines[i, j] = total


@_compiled  # type: ignore[untyped-decorator]
def _measure_squares(queries: Embeddings, among: Embeddings, candidates: Rows, squares: Floats) -> None:
    for i in range(candidates.shape[0]):
        for j in range(candidates.shape[1]):
            total = np.float32(0)
            for k in range(queries.shape[1]):
                difference = queries[i, k] - among[candidates[i, j], k]
                total += difference * difference
            squares[i, j] = total
