"""UMAP: neighbors stay neighbors, clusters come apart.

The algorithm is that of McInnes, Healy, Melville: UMAP (2018). The layout is our own (see ``umap_layout``). The start
is PCA instead of the graph's spectrum, which is faster and measures no worse (``benchmarks/projection.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from indexer.domain import Embeddings, Progress
from indexer.maps.projectors.base import Coordinates, Neighborhoods
from indexer.maps.projectors.fuzzy_graph import make_fuzzy_graph
from indexer.maps.projectors.nearest import find_neighborhoods
from indexer.maps.projectors.pca import PCA_COMPONENTS, lay_out_components, principal_components

N_NEIGHBORS: Final = 15
START_WIDTH: Final = 10.0  # umap-learn's


class UmapProjector:
    """UMAP with 15 neighbors and min_dist 0.05."""

    name = "umap"
    min_points = 4
    uses_graph = True
    parameters: Mapping[str, float] = MappingProxyType({"n_neighbors": N_NEIGHBORS, "min_dist": 0.05})

    def project(
        self, vectors: Embeddings, *, neighborhoods: Neighborhoods | None, seed: int, on_progress: Progress
    ) -> Coordinates:
        """Lay out the fuzzy graph of the nearest neighbors; see ``Projector.project``."""
        from indexer.maps.projectors.umap_layout import optimise_layout

        if neighborhoods is None or neighborhoods.n_neighbors < min(N_NEIGHBORS, len(vectors) - 1):
            neighborhoods = find_neighborhoods(vectors, n_neighbors=N_NEIGHBORS, on_progress=on_progress)
        graph = make_fuzzy_graph(neighborhoods.nearest(N_NEIGHBORS))
        layout = optimise_layout(
            graph,
            start=lay_out_components(vectors, width=START_WIDTH, seed=seed, on_progress=on_progress),
            n_epochs=500 if len(vectors) <= 10_000 else 200,
            seed=seed,
            on_progress=on_progress,
        )
        return np.asarray(layout - layout.mean(axis=0), np.float32)


class PcaUmapProjector:
    """UMAP of the first 64 principal components."""

    name = "pca-umap"
    min_points = UmapProjector.min_points
    uses_graph = False
    parameters: Mapping[str, float] = MappingProxyType({**UmapProjector.parameters, "n_components": PCA_COMPONENTS})

    def project(
        self, vectors: Embeddings, *, neighborhoods: Neighborhoods | None, seed: int, on_progress: Progress
    ) -> Coordinates:
        """Reduce, then project with ``UmapProjector``; ``neighborhoods`` are those of another space and unused."""
        del neighborhoods
        reduced = principal_components(vectors, n_components=PCA_COMPONENTS, on_progress=on_progress)
        return UmapProjector().project(reduced, neighborhoods=None, seed=seed, on_progress=on_progress)
