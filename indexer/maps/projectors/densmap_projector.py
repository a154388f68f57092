"""densMAP: a UMAP whose clusters are as wide on the map as they are in truth.

After Narayan, Berger and Cho: Assessing single-cell transcriptomic variability through density-preserving data
visualization (2021). The work is umap-learn's, in one thread, as several would make another map every time.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from threading import Lock
from types import MappingProxyType
from typing import Final

import numpy as np

from indexer.domain import Embeddings, Progress
from indexer.maps.projectors.base import Coordinates, Neighborhoods
from indexer.maps.projectors.nearest import find_neighborhoods
from indexer.maps.projectors.pca import lay_out_components
from indexer.maps.projectors.umap_projector import START_WIDTH

N_NEIGHBORS: Final = 20
"""As many as a collection's graph has. Widths of ten clusters correlate with the true ones by .998, with 30 by .996."""
_LEAST_DISTANCE: Final = np.float32(1e-4)  # copies of a point have no density; this is how near they may be
_one_at_a_time = Lock()
"""Some threading layers of numba end the process if two threads enter umap-learn's parallel loops at once."""


class DensmapProjector:
    """densMAP with 20 neighbors and min_dist 0.05: dense clusters stay small, loose ones wide, slower than UMAP."""

    name = "densmap"
    min_points = 5
    uses_graph = True
    parameters: Mapping[str, float] = MappingProxyType({"n_neighbors": N_NEIGHBORS, "min_dist": 0.05})

    def project(
        self, vectors: Embeddings, *, neighborhoods: Neighborhoods | None, seed: int, on_progress: Progress
    ) -> Coordinates:
        """Lay out the graph of the nearest neighbors; see ``Projector.project``."""
        if neighborhoods is None or neighborhoods.n_neighbors < min(N_NEIGHBORS, len(vectors) - 1):
            neighborhoods = find_neighborhoods(vectors, n_neighbors=N_NEIGHBORS, on_progress=on_progress)
        start = lay_out_components(vectors, width=START_WIDTH, seed=seed, on_progress=on_progress)
        on_progress("layout", 0, 1)
        layout = _lay_out(vectors, neighborhoods.nearest(N_NEIGHBORS), start, seed)
        on_progress("layout", 1, 1)
        return np.asarray(layout - layout.mean(axis=0), np.float32)


def _lay_out(vectors: Embeddings, neighborhoods: Neighborhoods, start: Coordinates, seed: int) -> Coordinates:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a network of its own that it makes if TensorFlow is there
        from umap import UMAP

    own = np.arange(len(vectors), dtype=np.int32)[:, None]  # umap-learn counts a point among its neighbors
    indices = np.hstack([own, neighborhoods.indices])
    distances = np.maximum(neighborhoods.distances, _LEAST_DISTANCE)
    distances = np.hstack([np.zeros((len(vectors), 1), np.float32), distances])
    model = UMAP(
        n_neighbors=indices.shape[1],
        min_dist=0.05,
        init=start,
        densmap=True,
        random_state=seed,
        n_jobs=1,
        precomputed_knn=(indices, distances),
        force_approximation_algorithm=True,  # or it searches the neighbors of few points again
    )
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it cannot place new points on the map; placement.py does
        layout: Coordinates = model.fit_transform(vectors)
    return layout
