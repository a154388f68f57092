"""The contract of projectors, and the two structures that pass between them.

Projectors see only Euclidean space: ``projecting.project_points`` turns the cosine metric into it by scaling
the embeddings to unit length, where ``distance**2 == 2 - 2 * cosine similarity``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings, Progress

Metric = Literal["cosine", "euclidean"]
Coordinates = npt.NDArray[np.float32]
"""float32 (N, 2), finite."""


class NeighborGraph(Protocol):
    """The k nearest neighbors of every point by cosine, as ``insights.neighbor_graph`` makes it.

    Attributes:
        indices: int32 (N, k), nearest first, the point itself excluded.
        similarities: float32 (N, k), cosine similarities in falling order.
    """

    @property
    def indices(self) -> npt.NDArray[np.int32]: ...  # noqa: D102 - described above

    @property
    def similarities(self) -> npt.NDArray[np.float32]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Neighborhoods:
    """The k nearest neighbors of every point by Euclidean distance.

    Attributes:
        indices: int32 (N, k), nearest first, the point itself excluded.
        distances: float32 (N, k), rising.
    """

    indices: npt.NDArray[np.int32]
    distances: npt.NDArray[np.float32]

    @property
    def n_neighbors(self) -> int:
        """Number of neighbors that each point has, k."""
        return int(self.indices.shape[1])

    def nearest(self, n_neighbors: int) -> Neighborhoods:
        """The same neighborhoods cut to the ``n_neighbors`` nearest."""
        return Neighborhoods(self.indices[:, :n_neighbors], self.distances[:, :n_neighbors])


@dataclass(frozen=True, slots=True)
class Projection:
    """A map of N points and how it came about.

    Attributes:
        coordinates: float32 (N, 2), row by row the points that were given.
        method: Method that made the coordinates; ``pca`` where PCA stood in.
        requested_method: Method that was asked for.
        metric: ``cosine`` or ``euclidean``.
        seed: Seed of everything random.
        note: One sentence for people where the result is not what was asked for, else empty.
        parameters: What else shaped the map, by name.
    """

    coordinates: Coordinates
    method: str
    requested_method: str
    metric: Metric
    seed: int
    note: str = ""
    parameters: Mapping[str, float] = field(default_factory=dict)


class Projector(Protocol):
    """Makes a map. The same input gives the same map to the bit.

    Attributes:
        name: Public name, as in the registry.
        min_points: With fewer points the method has no meaning and PCA stands in.
        uses_graph: Whether the neighbors of a collection's graph are enough for it.
        parameters: What else shapes the map, by name; stored with it.
    """

    name: str
    min_points: int
    uses_graph: bool
    parameters: Mapping[str, float]

    def project(
        self, vectors: Embeddings, *, neighborhoods: Neighborhoods | None, seed: int, on_progress: Progress
    ) -> Coordinates:
        """Project points to the plane.

        Args:
            vectors: float32 (N, D), finite, N at least ``min_points``; near means near by Euclidean distance.
            neighborhoods: Nearest neighbors of ``vectors`` where they are known already, else None.
            seed: Seed of everything random.
            on_progress: Told of each stage; may raise to cancel.

        Returns:
            float32 (N, 2), finite, centred on the origin.
        """
        ...
