"""UMAP: neighbors stay neighbors, clusters come apart.

The algorithm is that of McInnes, Healy, Melville: UMAP (2018); the layout is our own (see ``umap_layout``), the
start is PCA instead of the graph's spectrum, which is faster and measures no worse (``benchmarks/projection.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from indexer.domain import Embeddings, Progress
from indexer.projections.base import Coordinates, Neighborhoods
from indexer.projections.fuzzy_graph import make_fuzzy_graph
from indexer.projections.nearest import find_neighborhoods
from indexer.projections.pca import PCA_COMPONENTS, principal_components

N_NEIGHBORS: Final = 15
_START_WIDTH: Final = 10.0
_START_NOISE: Final = 1e-4


class UmapProjector:
    """UMAP with 15 neighbors and min_dist 0.05."""

    name = "umap"
    min_points = 4
    parameters: Mapping[str, float] = MappingProxyType({"n_neighbors": N_NEIGHBORS, "min_dist": 0.05})

    def project(
        self, vectors: Embeddings, *, neighborhoods: Neighborhoods | None, seed: int, on_progress: Progress
    ) -> Coordinates:
        """Lay out the fuzzy graph of the nearest neighbors; see ``Projector.project``."""
        from indexer.projections.umap_layout import optimise_layout

        if neighborhoods is None or neighborhoods.n_neighbors < min(N_NEIGHBORS, len(vectors) - 1):
            neighborhoods = find_neighborhoods(vectors, n_neighbors=N_NEIGHBORS, on_progress=on_progress)
        graph = make_fuzzy_graph(neighborhoods.nearest(N_NEIGHBORS))
        layout = optimise_layout(
            graph,
            start=_start(vectors, seed=seed, on_progress=on_progress),
            n_epochs=500 if len(vectors) <= 10_000 else 200,
            seed=seed,
            on_progress=on_progress,
        )
        return np.asarray(layout - layout.mean(axis=0), np.float32)


class PcaUmapProjector:
    """UMAP of the first 64 principal components."""

    name = "pca-umap"
    min_points = UmapProjector.min_points
    parameters: Mapping[str, float] = MappingProxyType({**UmapProjector.parameters, "n_components": PCA_COMPONENTS})

    def project(
        self, vectors: Embeddings, *, neighborhoods: Neighborhoods | None, seed: int, on_progress: Progress
    ) -> Coordinates:
        """Reduce, then project with ``UmapProjector``; ``neighborhoods`` are those of another space and unused."""
        del neighborhoods
        reduced = principal_components(vectors, n_components=PCA_COMPONENTS, on_progress=on_progress)
        return UmapProjector().project(reduced, neighborhoods=None, seed=seed, on_progress=on_progress)


def _start(vectors: Embeddings, *, seed: int, on_progress: Progress) -> Coordinates:
    """Where points are before the layout: two principal components, 10 wide; a little noise parts copies."""
    start = np.zeros((len(vectors), 2), np.float32)
    components = principal_components(vectors, n_components=2, on_progress=on_progress)
    start[:, : components.shape[1]] = components
    start *= _START_WIDTH / max(float(np.ptp(start)), 1e-30)
    noise = np.random.default_rng(seed).normal(0.0, _START_NOISE, start.shape)
    return start + noise.astype(np.float32)
