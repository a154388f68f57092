"""Principal component analysis: the two directions in which the points differ most."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from indexer.domain import Embeddings, Progress
from indexer.maps.projectors.base import Coordinates, Neighborhoods

PCA_COMPONENTS: Final = 64
"""Number of components that the ``pca-*`` methods keep."""
_BLOCK_ROWS: Final = 8192
_START_NOISE: Final = 1e-4


class PcaProjector:
    """The first two principal components."""

    name = "pca"
    min_points = 2
    uses_graph = False
    parameters: Mapping[str, float] = MappingProxyType({})

    def project(
        self, vectors: Embeddings, *, neighborhoods: Neighborhoods | None, seed: int, on_progress: Progress
    ) -> Coordinates:
        """Project onto the first two components; ``neighborhoods`` and ``seed`` make no difference.

        See ``Projector.project``.
        """
        del neighborhoods, seed
        coordinates = np.zeros((len(vectors), 2), np.float32)
        components = principal_components(vectors, n_components=2, on_progress=on_progress)
        coordinates[:, : components.shape[1]] = components
        return coordinates


def lay_out_components(vectors: Embeddings, *, width: float, seed: int, on_progress: Progress) -> Coordinates:
    """Two principal components as the start of a layout; a little noise parts copies of one point.

    Args:
        vectors: float32 (N, D).
        width: Extent of the start along its longer side.
        seed: Seed of the noise.
        on_progress: Told of every block.

    Returns:
        float32 (N, 2).
    """
    start = PcaProjector().project(vectors, neighborhoods=None, seed=seed, on_progress=on_progress)
    start *= width / max(float(np.ptp(start, axis=0).max()), 1e-30)
    noise = np.random.default_rng(seed).normal(0.0, width * _START_NOISE, start.shape)
    return start + noise.astype(np.float32)


def principal_components(vectors: Embeddings, *, n_components: int, on_progress: Progress) -> Embeddings:
    """Coordinates of points along their principal components.

    The covariance is gathered block by block, so that a million points need no second copy of themselves.
    The sign of a component is free; here the largest entry of its direction is positive, as in scikit-learn's
    ``svd_flip``.

    Args:
        vectors: float32 (N, D).
        n_components: How many components; with a smaller D there are D.
        on_progress: Told of every block.

    Returns:
        float32 (N, min(n_components, D)), columns with mean 0 and falling variance.
    """
    import scipy.linalg

    n_points, n_dimensions = vectors.shape
    n_components = min(n_components, n_dimensions)
    mean = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    covariance = np.zeros((n_dimensions, n_dimensions))
    for start in range(0, n_points, _BLOCK_ROWS):
        on_progress("components", start, n_points)
        centred = vectors[start : start + _BLOCK_ROWS] - mean
        covariance += centred.T @ centred
    largest = (n_dimensions - n_components, n_dimensions - 1)
    _, directions = scipy.linalg.eigh(covariance, subset_by_index=largest)
    directions = directions[:, ::-1]  # eigh sorts by rising variance
    peaks = directions[np.abs(directions).argmax(axis=0), np.arange(n_components)]
    rotation = (directions * np.sign(peaks)).astype(np.float32)

    components = np.empty((n_points, n_components), np.float32)
    for start in range(0, n_points, _BLOCK_ROWS):
        components[start : start + _BLOCK_ROWS] = (vectors[start : start + _BLOCK_ROWS] - mean) @ rotation
    on_progress("components", n_points, n_points)
    return components
