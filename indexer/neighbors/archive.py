"""Keeps a collection's neighbor graph on disk with the exact embeddings it is of, so that no process searches twice.

The file is a NumPy ``.npz`` without pickles. Whatever is wrong with it, the graph is made again: it holds nothing that
the points do not.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from indexer.array_files import Arrays, DamagedFileError, open_arrays
from indexer.atomic_files import replace_file
from indexer.collection.embedded_points import EmbeddedPoints
from indexer.domain import Embeddings, Progress, ignore_progress
from indexer.errors import IndexerError
from indexer.neighbors.graph import NeighborGraph, build_neighbor_graph, update_neighbor_graph

FORMAT_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class GraphOfPoints:
    """A neighbor graph and what it is of.

    Attributes:
        points: The N points, row by row the graph.
        graph: Their neighbors.
    """

    points: EmbeddedPoints
    graph: NeighborGraph

    def is_of(self, points: EmbeddedPoints, *, n_neighbors: int) -> bool:
        """Whether this is the graph of ``points`` with lists of ``n_neighbors``, or as many as so few points have."""
        n_neighbors = max(0, min(n_neighbors, len(points) - 1))
        return self.graph.n_neighbors == n_neighbors and points.is_same(self.points)


def search_points(
    points: EmbeddedPoints,
    embeddings: Embeddings,
    *,
    known: GraphOfPoints | None,
    n_neighbors: int,
    on_progress: Progress = ignore_progress,
) -> GraphOfPoints:
    """Make the neighbor graph of some points, searching no more than what ``known`` does not tell.

    Args:
        points: The points now.
        embeddings: float32 (N, D), row by row ``points``.
        known: The graph of earlier points, if there is one.
        n_neighbors: k.
        on_progress: As in ``build_neighbor_graph``.

    Raises:
        EmbeddingError: An embedding is not finite.
    """
    if known is None:
        return GraphOfPoints(points, build_neighbor_graph(embeddings, n_neighbors=n_neighbors, on_progress=on_progress))
    graph = update_neighbor_graph(
        known.graph,
        embeddings,
        previous_rows=points.find_in(known.points),
        n_neighbors=n_neighbors,
        on_progress=on_progress,
    )
    return GraphOfPoints(points, graph)


def save_graph(path: Path, known: GraphOfPoints) -> None:
    """Store a graph in the place of the one before; a reader finds all of either.

    Where the file cannot be written, none is: the next process searches again, and this one has its answer.
    """
    arrays = {
        "version": np.array(FORMAT_VERSION),
        "ids": known.points.ids,
        "embedded_at": known.points.embedded_at,
        "indices": known.graph.indices,
        "similarities": known.graph.similarities,
    }
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(path) as partial, partial.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)


def load_graph(path: Path) -> GraphOfPoints | None:
    """Read a graph; None if there is no file, or one that is damaged, foreign or of another version."""
    try:
        with open_arrays(path) as arrays:
            return _parse(arrays)
    except (FileNotFoundError, DamagedFileError, IndexerError):
        return None


def _parse(arrays: Arrays) -> GraphOfPoints | None:
    if arrays["version"] != FORMAT_VERSION:
        return None
    points = EmbeddedPoints(arrays["ids"], arrays["embedded_at"])
    graph = NeighborGraph(arrays["indices"], arrays["similarities"])
    n_points = graph.n_points
    is_whole = (
        points.ids.shape == points.embedded_at.shape == (n_points,)
        and (points.ids.dtype.kind, points.embedded_at.dtype.kind) == ("S", "S")
        and (graph.indices.dtype.name, graph.similarities.dtype.name) == ("int32", "float32")
        and graph.indices.min(initial=0) >= 0
        and graph.indices.max(initial=-1) < n_points
        and not np.isnan(graph.similarities).any()
    )
    return GraphOfPoints(points, graph) if is_whole else None
