"""Puts new or changed points on an existing map without moving any other point."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings, Progress, ignore_progress
from indexer.errors import ProjectionError
from indexer.maps.projectors.base import Coordinates
from indexer.maps.projectors.nearest import find_nearest
from indexer.neighbors.unit_rows import unit_rows

N_NEIGHBORS: Final = 10
_OUTLIER_FACTOR: Final = 3.0


def update_map(
    map_ids: npt.NDArray[np.str_],
    coordinates: Coordinates,
    *,
    ids: npt.NDArray[np.str_],
    embeddings: Embeddings,
    changed_ids: npt.NDArray[np.str_],
    on_progress: Progress = ignore_progress,
) -> Coordinates:
    """Bring a map to the points of today: known points stay where they are to the bit, the others are placed.

    Args:
        map_ids: Unicode array (N,), the points of the map.
        coordinates: float32 (N, 2), their places.
        ids: Unicode array (M,), the points of today; points of the map that are not among them are left out.
        embeddings: float32 (M, D), their embeddings.
        changed_ids: Points whose embedding is another than when the map was made.
        on_progress: Told of every block.

    Returns:
        float32 (M, 2), row by row ``ids``.

    Raises:
        ProjectionError: No point of the map is left as it was.
    """
    is_kept = np.isin(ids, map_ids) & ~np.isin(ids, changed_ids)
    if not is_kept.any():
        raise ProjectionError("none of the map's points is left unchanged; make a new map with --refit")
    order = np.argsort(map_ids)
    updated = np.empty((len(ids), 2), np.float32)
    updated[is_kept] = coordinates[order[np.searchsorted(map_ids, ids[is_kept], sorter=order)]]
    units = unit_rows(embeddings)
    found = find_nearest(units[~is_kept], among=units[is_kept], n_neighbors=N_NEIGHBORS, on_progress=on_progress)
    similarities = (1 - found.distances**2 / 2).astype(np.float32)
    updated[~is_kept] = place_points(
        updated[is_kept], neighbor_indices=found.indices, neighbor_similarities=similarities
    )
    return updated


def place_points(
    coordinates: Coordinates,
    *,
    neighbor_indices: npt.NDArray[np.int32],
    neighbor_similarities: npt.NDArray[np.float32],
) -> Coordinates:
    """Place each point at the similarity-weighted mean of its neighbors' places.

    A map may show a point's neighbors in two places far apart, and their mean would lie between them, where nothing
    is. So a neighbor does not count that is more than three times as far from the neighbors' median place as half of
    them are.

    Args:
        coordinates: float32 (N, 2), the places of the points on the map.
        neighbor_indices: int32 (M, k), rows of ``coordinates``, k at least 1.
        neighbor_similarities: float32 (M, k), cosine similarities.

    Returns:
        float32 (M, 2).
    """
    places = coordinates[neighbor_indices]
    from_median = np.linalg.norm(places - np.median(places, axis=1, keepdims=True), axis=2)
    is_near = from_median <= _OUTLIER_FACTOR * np.median(from_median, axis=1, keepdims=True)
    # The small number lets a point without any similar neighbor land among those that it has.
    weights = np.where(is_near, np.maximum(neighbor_similarities, 1e-6), 0)
    means = (places * weights[:, :, None]).sum(axis=1) / weights.sum(axis=1, keepdims=True)
    return np.asarray(means, np.float32)
