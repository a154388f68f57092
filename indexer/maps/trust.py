"""Trust in each point's surroundings on the map."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Progress, ignore_progress
from indexer.maps.projectors.base import Coordinates

N_NEIGHBORS: Final = 15
_BLOCK_ROWS: Final = 65_536


def measure_trust(
    coordinates: Coordinates,
    *,
    neighbor_indices: npt.NDArray[np.int32],
    n_neighbors: int = N_NEIGHBORS,
    on_progress: Progress = ignore_progress,
) -> npt.NDArray[np.float32]:
    """Measure for every point the share of its true nearest neighbors that are also its nearest on the map.

    Args:
        coordinates: float32 (N, 2).
        neighbor_indices: int32 (N, k), true nearest neighbors, nearest first, the point itself excluded.
        n_neighbors: How many of them are looked for among as many on the map.
        on_progress: Told of every block.

    Returns:
        float32 (N,) in 0..1.
    """
    from scipy.spatial import cKDTree

    true_neighbors = neighbor_indices[:, :n_neighbors]
    n_points, n_neighbors = true_neighbors.shape
    tree = cKDTree(coordinates)
    trust = np.empty(n_points, np.float32)
    for start in range(0, n_points, _BLOCK_ROWS):
        on_progress("trust", start, n_points)
        rows = np.arange(start, min(start + _BLOCK_ROWS, n_points))
        _, on_map = tree.query(coordinates[rows], k=n_neighbors + 1, workers=-1)  # a point finds itself, too
        on_map[on_map == rows[:, None]] = -1
        is_kept = (true_neighbors[rows, :, None] == on_map[:, None, :]).any(axis=2)
        trust[rows] = is_kept.mean(axis=1)
    on_progress("trust", n_points, n_points)
    return trust
