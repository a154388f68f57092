"""Makes a map of points: embeddings in, coordinates and how they came about out."""

from __future__ import annotations

from typing import Final, get_args

import numpy as np

from indexer.domain import Embeddings, Progress, ignore_progress
from indexer.errors import ProjectionError, TooFewPointsError, UnknownNameError
from indexer.maps.projectors import PROJECTORS
from indexer.maps.projectors.base import Metric, NeighborGraph, Neighborhoods, Projection, Projector
from indexer.maps.projectors.nearest import neighborhoods_of_graph
from indexer.maps.projectors.pca import PcaProjector
from indexer.neighbors.unit_rows import are_unit_rows, row_norms, unit_rows

_LONGEST: Final = 1e15  # its square is still a float32, and so are sums of such squares


def project_points(
    embeddings: Embeddings,
    *,
    method: str = "umap",
    metric: Metric = "cosine",
    seed: int = 0,
    graph: NeighborGraph | None = None,
    on_progress: Progress = ignore_progress,
) -> Projection:
    """Project points to the plane. The same input gives the same map to the bit.

    Args:
        embeddings: float32 (N, D); the order of the rows matters to the last digits.
        method: Name in ``PROJECTORS``.
        metric: What near means; for embeddings of unit length, as the store keeps them, both mean the same.
        seed: Seed of everything random.
        graph: Neighbors of these points by cosine where they are known already; saves searching them.
        on_progress: Told of each stage; may raise to cancel.

    Returns:
        The map. Where ``method`` needs more points than there are, PCA stands in, and method and note say so.

    Raises:
        UnknownNameError: There is no such method or metric.
        TooFewPointsError: There are fewer than two points.
        ProjectionError: An embedding is not finite or too long for the metric, or the graph is one of other points.
    """
    projector: Projector = PROJECTORS.load(method)()
    _check(embeddings, metric, graph)
    note = ""
    if len(embeddings) < projector.min_points:
        note = (
            f"{method} needs at least {projector.min_points} points and there are {len(embeddings)}, so PCA stands in."
        )
        projector = PcaProjector()
    vectors = unit_rows(embeddings) if metric == "cosine" else embeddings
    coordinates = projector.project(
        vectors, neighborhoods=_known_neighborhoods(embeddings, metric, graph), seed=seed, on_progress=on_progress
    )
    if coordinates.shape != (len(embeddings), 2) or not np.isfinite(coordinates).all():
        raise ProjectionError(f"{projector.name} gave coordinates that are not finite; choose another method")
    return Projection(
        coordinates=coordinates,
        method=projector.name,
        requested_method=method,
        metric=metric,
        seed=seed,
        note=note,
        parameters=projector.parameters,
    )


def _check(embeddings: Embeddings, metric: str, graph: NeighborGraph | None) -> None:
    if metric not in get_args(Metric):
        raise UnknownNameError("metric", metric, get_args(Metric))
    if len(embeddings) < 2:
        raise TooFewPointsError(f"a map needs at least 2 points and there are {len(embeddings)}; index more images")
    norms = row_norms(embeddings)  # finite only if every value is, and N numbers instead of N * D flags
    if not np.isfinite(norms).all():
        row = int(np.flatnonzero(~np.isfinite(norms))[0])
        raise ProjectionError(f"the embedding in row {row} is not finite; index its image again with --force")
    if metric == "euclidean" and norms.max() > _LONGEST:
        row = int(norms.argmax())
        raise ProjectionError(
            f"the embedding in row {row} is {norms[row]:.3g} long, too long for Euclidean distances; use cosine"
        )
    if graph is not None and len(graph.indices) != len(embeddings):
        raise ProjectionError(
            f"the neighbor graph is of {len(graph.indices)} points and not of these {len(embeddings)}; build it again"
        )


def _known_neighborhoods(embeddings: Embeddings, metric: Metric, graph: NeighborGraph | None) -> Neighborhoods | None:
    """The graph in Euclidean terms, where its neighbors are those of the metric."""
    if graph is None or (metric == "euclidean" and not are_unit_rows(embeddings)):
        return None
    return neighborhoods_of_graph(graph)
