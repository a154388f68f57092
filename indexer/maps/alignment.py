"""Turns a new map so that it lies over an old one and people find their way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from indexer.maps.projectors.base import Coordinates


def align_map(
    coordinates: Coordinates,
    *,
    ids: npt.NDArray[np.str_],
    onto: Coordinates,
    onto_ids: npt.NDArray[np.str_],
) -> Coordinates:
    """Move, turn and mirror a map so that the points that both maps show lie as near as can be to their old places.

    Orthogonal Procrustes (Schönemann, 1966). The scale stays: distances on the map mean what they meant.

    Args:
        coordinates: float32 (N, 2), the new map.
        ids: Unicode array (N,).
        onto: float32 (M, 2), the old map.
        onto_ids: Unicode array (M,).

    Returns:
        float32 (N, 2); the new map as it is where the maps have no point in common.
    """
    _, rows, onto_rows = np.intersect1d(ids, onto_ids, assume_unique=True, return_indices=True)
    if not len(rows):
        return coordinates
    centre = coordinates[rows].mean(axis=0, dtype=np.float64)
    onto_centre = onto[onto_rows].mean(axis=0, dtype=np.float64)
    left, _, right = np.linalg.svd((coordinates[rows] - centre).T @ (onto[onto_rows] - onto_centre))
    return np.asarray((coordinates - centre) @ (left @ right) + onto_centre, np.float32)
