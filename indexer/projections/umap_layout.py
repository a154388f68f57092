"""UMAP's layout, in parallel and yet the same to the bit every time.

umap-learn follows one random walk through all edges; under a fixed seed it must take one thread. Here an epoch
moves every point on its own, against where the others stood when the epoch began: points are shared out among
threads, every point draws from a random stream of its own, and no sum depends on who was faster.

The forces, the schedule (an edge is visited in proportion to its weight, each visit with a few random points to
keep away from) and the cooling are those of McInnes, Healy, Melville: UMAP (2018), section 3.2.

Importing this module compiles its kernel, the first time on a machine for some seconds; numba keeps the result.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from indexer.domain import Progress
from indexer.projections.base import Coordinates
from indexer.projections.fuzzy_graph import FuzzyGraph

CURVE_A: Final = 1.7502
CURVE_B: Final = 0.8421
"""1 / (1 + a * d**(2 * b)) is the curve nearest to min_dist 0.05 at spread 1 (``umap.umap_.find_ab_params``)."""
_N_REPULSIONS: Final = 5
_LONGEST_STEP: Final = 4.0
_CHUNKS_PER_THREAD: Final = 4


def optimise_layout(
    graph: FuzzyGraph, *, start: Coordinates, n_epochs: int, seed: int, on_progress: Progress
) -> Coordinates:
    """Pull the ends of edges together and everything else apart.

    Args:
        graph: Symmetric fuzzy graph of N points.
        start: float32 (N, 2), where the points are at first, about 10 wide.
        n_epochs: How often every point moves.
        seed: Seed of the choice of points to keep away from.
        on_progress: Told of every epoch.

    Returns:
        float32 (N, 2).
    """
    rates = graph.weights / graph.weights.max(initial=np.float32(1e-30))
    n_threads = os.cpu_count() or 1
    bounds = np.linspace(0, len(start), _CHUNKS_PER_THREAD * n_threads + 1).astype(np.int64)
    here, there = start.astype(np.float32, order="C"), np.empty(start.shape, np.float32)
    with ThreadPoolExecutor(n_threads) as pool:
        for epoch in range(n_epochs):
            on_progress("layout", epoch, n_epochs)
            move = partial(
                _move_points, here, there, graph.starts, graph.ends, rates, epoch, 1 - epoch / n_epochs, seed
            )
            list(pool.map(move, bounds[:-1], bounds[1:]))
            here, there = there, here
    on_progress("layout", n_epochs, n_epochs)
    return here


@numba.njit(nogil=True, cache=True, fastmath=True)  # type: ignore[untyped-decorator]
def _move_points(  # noqa: PLR0913, PLR0917 - numba knows no structures
    here: Coordinates,
    there: Coordinates,
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int32],
    rates: npt.NDArray[np.float32],
    epoch: int,
    step: float,
    seed: int,
    first: int,
    last: int,
) -> None:
    """Write to ``there`` where the points ``first`` to ``last`` go in one epoch."""
    n_points = np.uint64(len(here))
    a, b, one = np.float32(CURVE_A), np.float32(CURVE_B), np.float32(1)
    for point in range(first, last):
        x, y = here[point, 0], here[point, 1]
        draws = _mixed(np.uint64(seed) + _mixed(np.uint64(epoch) * n_points + np.uint64(point)))
        for edge in range(starts[point], starts[point + 1]):
            rate = rates[edge]
            if int(rate * (epoch + 1)) == int(rate * epoch):
                continue
            end = ends[edge]
            dx, dy = x - here[end, 0], y - here[end, 1]
            square = dx * dx + dy * dy
            if square > 0:
                power = square**b
                # Twice: an edge is stored from both its ends, and each time umap-learn moves both of them.
                pull = -4 * a * b * power / (square * (one + a * power))
                x += step * _clipped(pull * dx)
                y += step * _clipped(pull * dy)
            for _ in range(_N_REPULSIONS):
                draws = _mixed(draws)
                other = ((draws >> np.uint64(32)) * n_points) >> np.uint64(32)
                dx, dy = x - here[other, 0], y - here[other, 1]
                square = dx * dx + dy * dy
                if other != point and square > 0:
                    push = 2 * b / ((np.float32(0.001) + square) * (one + a * square**b))
                    x += step * _clipped(push * dx)
                    y += step * _clipped(push * dy)
        there[point, 0], there[point, 1] = x, y


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _clipped(force: float) -> float:
    return min(max(force, -_LONGEST_STEP), _LONGEST_STEP)


@numba.njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _mixed(state: np.uint64) -> np.uint64:
    """The next number of a random stream (Steele, Lea, Flood: SplitMix64, 2014)."""
    state += np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
