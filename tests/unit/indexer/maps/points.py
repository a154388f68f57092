"""Small sets of points for the tests of projections."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class GraphOfColumns:
    """A neighbor graph written out by hand."""

    indices: npt.NDArray[np.int32]
    similarities: npt.NDArray[np.float32]


def three_clusters(n_per_cluster: int = 30, n_dimensions: int = 12) -> npt.NDArray[np.float32]:
    """Points around three axes of the space: rows 0..n-1 the first, n..2n-1 the second, the rest the third."""
    noise = np.random.default_rng(7).normal(scale=0.1, size=(3 * n_per_cluster, n_dimensions))
    points = np.repeat(np.eye(3, n_dimensions), n_per_cluster, axis=0) + noise
    return points.astype(np.float32)
