"""The neighbor graphs of collections: kept in memory and on disk, and followed as points change."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from indexer.collection.embedded_points import EmbeddedPoints
from indexer.collection.revision_cache import RevisionCache
from indexer.collection.snapshot import Snapshot
from indexer.domain import Progress, ignore_progress
from indexer.neighbors.archive import GraphOfPoints, load_graph, save_graph, search_points
from indexer.neighbors.graph import NeighborGraph
from indexer.neighbors.search_process import LEAST_POINTS, search_in_process

N_NEIGHBORS: Final = 20
"""Length of the neighbor lists: enough for suspects, UMAP, clusters and duplicates."""


class Graphs:
    """The nearest neighbors of every point: the one source for suspects, maps, clusters and duplicates.

    Args:
        data_dir: Where graphs are kept, one file per collection.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._cache = RevisionCache()
        self._searches_elsewhere = False

    def search_elsewhere(self) -> None:
        """Search the neighbors of many points in a process of its own, as a server is to answer others meanwhile."""
        self._searches_elsewhere = True

    def graph(self, snapshot: Snapshot, *, on_progress: Progress = ignore_progress) -> NeighborGraph:
        """The graph of a snapshot's points, row by row; only what no earlier graph tells is searched.

        Raises:
            SnapshotOutdatedError: Embeddings are needed and were written since.
        """
        known = self._cache.follow(
            snapshot.collection.name, snapshot.key, lambda earlier: self._follow(snapshot, earlier, on_progress)
        )
        return known.graph

    def forget(self, collection_name: str) -> None:
        """Delete what is kept of a collection."""
        self._cache.forget(collection_name)
        shutil.rmtree(self._folder(collection_name), ignore_errors=True)

    def _follow(self, snapshot: Snapshot, earlier: GraphOfPoints | None, on_progress: Progress) -> GraphOfPoints:
        """The graph known if it is of these points, else one brought up to date and kept on disk."""
        path = self._folder(snapshot.collection.name) / "neighbor_graph.npz"
        known = earlier
        if known is None or not known.is_of(snapshot.points, n_neighbors=N_NEIGHBORS):
            known = load_graph(path) or earlier  # another process may have brought it up to date
        # Times of embedding are compared instead of revisions, which change with every label too.
        if known is not None and known.is_of(snapshot.points, n_neighbors=N_NEIGHBORS):
            return known
        is_far = self._searches_elsewhere and _count_changed(snapshot.points, known) >= LEAST_POINTS
        search = search_in_process if is_far else search_points
        known = search(
            snapshot.points, snapshot.embeddings(), known=known, n_neighbors=N_NEIGHBORS, on_progress=on_progress
        )
        save_graph(path, known)
        return known

    def _folder(self, collection_name: str) -> Path:
        return self._data_dir / "insights" / collection_name


def _count_changed(points: EmbeddedPoints, known: GraphOfPoints | None) -> int:
    """Number of points that came, went or were embedded anew since a graph was made; all if there is none."""
    if known is None:
        return len(points)
    n_kept = int((points.find_in(known.points) >= 0).sum())
    return len(points) + len(known.points) - 2 * n_kept
