"""t-SNE: keeps more of the nearest neighbors together than UMAP, and costs more time.

openTSNE (Poličar, Stražar, Zupan, 2019) does the work; it is deterministic, also with several threads.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from indexer.domain import Embeddings, Progress
from indexer.maps.projectors.base import Coordinates, Neighborhoods
from indexer.maps.projectors.nearest import find_neighborhoods
from indexer.maps.projectors.pca import PCA_COMPONENTS, lay_out_components, principal_components

PERPLEXITY: Final = 30.0
NEIGHBORS_PER_PERPLEXITY: Final = 1.5
"""Neighbors needed for a perplexity. Usual are 3, yet 30 neighbors at perplexity 20 keep as many true neighbors on
the map as 90 at perplexity 30 (.407 against .397 of 15, 4,000 x 1280), and most neighbor graphs have them."""
_FEWEST_NEIGHBORS: Final = 15
_START_WIDTH: Final = 5e-4  # a standard deviation of about 1e-4, openTSNE's advice: a wider start converges badly
_REPORT_EVERY: Final = 10
_THREADS_FROM: Final = 5_000  # points; below, threads wait for each other longer than they work


class TsneProjector:
    """openTSNE, started from PCA; the perplexity is 30, or less where fewer than 45 neighbors are known."""

    name = "tsne"
    min_points = 5
    uses_graph = False  # it looks at twice as many neighbors
    parameters: Mapping[str, float] = MappingProxyType({"perplexity_at_most": PERPLEXITY})

    def project(
        self, vectors: Embeddings, *, neighborhoods: Neighborhoods | None, seed: int, on_progress: Progress
    ) -> Coordinates:
        """Lay out the affinities of the nearest neighbors; see ``Projector.project``."""
        wanted = round(PERPLEXITY * NEIGHBORS_PER_PERPLEXITY)
        if neighborhoods is None or neighborhoods.n_neighbors < min(_FEWEST_NEIGHBORS, len(vectors) - 1):
            neighborhoods = find_neighborhoods(vectors, n_neighbors=wanted, on_progress=on_progress)
        start = lay_out_components(vectors, width=_START_WIDTH, seed=seed, on_progress=on_progress)
        layout = _optimise(neighborhoods.nearest(wanted), start, on_progress)
        return np.asarray(layout - layout.mean(axis=0), np.float32)


class PcaTsneProjector:
    """t-SNE of the first 64 principal components."""

    name = "pca-tsne"
    min_points = TsneProjector.min_points
    uses_graph = False
    parameters: Mapping[str, float] = MappingProxyType({**TsneProjector.parameters, "n_components": PCA_COMPONENTS})

    def project(
        self, vectors: Embeddings, *, neighborhoods: Neighborhoods | None, seed: int, on_progress: Progress
    ) -> Coordinates:
        """Reduce, then project with ``TsneProjector``; ``neighborhoods`` are those of another space and unused."""
        del neighborhoods
        reduced = principal_components(vectors, n_components=PCA_COMPONENTS, on_progress=on_progress)
        return TsneProjector().project(reduced, neighborhoods=None, seed=seed, on_progress=on_progress)


def _optimise(neighborhoods: Neighborhoods, start: Coordinates, on_progress: Progress) -> Coordinates:
    from openTSNE import TSNE
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    perplexity = min(PERPLEXITY, neighborhoods.n_neighbors / NEIGHBORS_PER_PERPLEXITY)
    n_threads = (os.cpu_count() or 1) if len(start) >= _THREADS_FROM else 1
    affinities = PerplexityBasedNN(
        knn_index=PrecomputedNeighbors(neighborhoods.indices, neighborhoods.distances),
        perplexity=perplexity,
        n_jobs=n_threads,
    )
    optimiser = TSNE(n_jobs=n_threads, callbacks_every_iters=_REPORT_EVERY)
    optimiser.callbacks = [_LayoutProgress(on_progress, optimiser.early_exaggeration_iter + optimiser.n_iter)]
    layout: Coordinates = np.asarray(optimiser.fit(affinities=affinities, initialization=start.astype(np.float64)))
    return layout


class _LayoutProgress:
    """Counts the iterations of both phases of openTSNE."""

    def __init__(self, on_progress: Progress, n_iterations: int) -> None:
        self._on_progress = on_progress
        self._n_iterations = n_iterations
        self._n_done = 0

    def __call__(self, iteration: int, error: float, embedding: Coordinates) -> bool:
        """Report ten more iterations; openTSNE goes on unless this is true."""
        del iteration, error, embedding
        self._n_done += _REPORT_EVERY
        self._on_progress("layout", self._n_done, self._n_iterations)
        return False
