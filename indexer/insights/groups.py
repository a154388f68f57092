"""From a snapshot to groups that can be shown: clusters, duplicates, outliers, confused classes, picks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from indexer.collection.collections import Collections
from indexer.collection.revision_cache import RevisionCache
from indexer.collection.selections import Mask, check_selection_of, conditions_of_store, select_rows
from indexer.collection.snapshot import Rows, Snapshot
from indexer.domain import Point, PointFilter, Progress, ignore_progress
from indexer.errors import InvalidOptionsError
from indexer.insights.clusters import Clusters, find_clusters, find_parents
from indexer.insights.confusion import ConfusionColumns, confuse_classes
from indexer.insights.duplicates import DEFAULT_THRESHOLD, DuplicateColumns, find_duplicates
from indexer.insights.listings import (
    ClusterPoints,
    ConfusedCell,
    Confusion,
    DuplicateList,
    ListedCluster,
    ListedDuplicates,
    Outlier,
    Pick,
)
from indexer.insights.outliers import OutlierColumns, describe_outlier, score_outliers
from indexer.insights.picks import pick_diverse, pick_representatives
from indexer.insights.suspects.suspects import find_origin
from indexer.neighbors.graphs import Graphs
from indexer.payload import PayloadField

_MAX_MEMBERS = 100


@dataclass(frozen=True, slots=True)
class ClusterChoice:
    """One cluster.

    Attributes:
        cluster: Its number, the place in ``Groups.clusters`` at the same resolution.
        resolution: What it was made with.
    """

    cluster: int
    resolution: float = 1.0


class Groups:
    """Groups that the points of a workspace's collections form; computed once per snapshot.

    Args:
        collections: Where snapshots come from.
        graphs: Who is near to whom.
    """

    def __init__(self, collections: Collections, graphs: Graphs) -> None:
        self._collections, self._graphs = collections, graphs
        self._cache = RevisionCache()

    def clusters(
        self,
        name: str | None = None,
        *,
        resolution: float = 1.0,
        selection: PointFilter | None = None,
        part_of: ClusterChoice | None = None,
        on_progress: Progress = ignore_progress,
    ) -> tuple[ListedCluster, ...]:
        """Clusters, largest first: name, size, dominant class, purity and the most typical points.

        Args:
            name: Name of the collection, None for the only one.
            resolution: Above 1 makes more and smaller clusters.
            selection: Only clusters with one of these points; all points shape them.
            part_of: Only clusters that have more points in this one than in any other of its resolution.
            on_progress: Told of the neighbor graph.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
            InvalidOptionsError: There is no cluster that they are to be parts of.
        """

        def answer(snapshot: Snapshot) -> tuple[ListedCluster, ...]:
            is_selected = _select(snapshot, selection)
            columns = self.cluster_columns(snapshot, resolution=resolution, on_progress=on_progress)
            numbers = columns.labels[is_selected & (columns.labels >= 0)]
            n_matching = np.bincount(numbers, minlength=len(columns.clusters))
            if part_of is not None:
                whole = self.cluster_columns(snapshot, resolution=part_of.resolution, on_progress=on_progress)
                _require_cluster(whole, part_of)
                n_matching[find_parents(columns, whole) != part_of.cluster] = 0
            listed = np.flatnonzero(n_matching).tolist()
            found = [columns.clusters[number] for number in listed]
            examples = _show_groups(snapshot, [cluster.examples for cluster in found])
            return tuple(
                ListedCluster(
                    number, one.name, one.size, int(n_matching[number]), one.dominant_class, one.purity, shown
                )
                for number, one, shown in zip(listed, found, examples, strict=True)
            )

        return self._collections.ask(name, answer, with_embeddings=True)

    def cluster_points(
        self,
        name: str | None,
        cluster: int,
        *,
        resolution: float = 1.0,
        on_progress: Progress = ignore_progress,
    ) -> ClusterPoints:
        """The points of one cluster.

        Args:
            name: Name of the collection, None for the only one.
            cluster: Number of the cluster, its place in ``clusters`` at the same resolution.
            resolution: Above 1 makes more and smaller clusters.
            on_progress: Told of the neighbor graph.

        Raises:
            InvalidOptionsError: There is no cluster of that number.
        """

        def answer(snapshot: Snapshot) -> ClusterPoints:
            found = self.cluster_columns(snapshot, resolution=resolution, on_progress=on_progress)
            _require_cluster(found, ClusterChoice(cluster, resolution))
            return ClusterPoints(found.clusters[cluster].name, snapshot.ids[found.labels == cluster])

        return self._collections.ask(name, answer, with_embeddings=True)

    def cluster_columns(
        self, snapshot: Snapshot, *, resolution: float = 1.0, on_progress: Progress = ignore_progress
    ) -> Clusters:
        """The cluster of every point, row by row the snapshot."""
        graph = self._graphs.graph(snapshot, on_progress=on_progress)
        return self._cache.get(
            (snapshot.collection.name, "clusters", resolution),
            snapshot.key,
            lambda: find_clusters(
                graph, snapshot.embeddings(), snapshot.fields[PayloadField.CLASS_NAME], resolution=resolution
            ),
        )

    def duplicates(
        self,
        name: str | None = None,
        *,
        threshold: float = DEFAULT_THRESHOLD,
        limit: int = 100,
        selection: PointFilter | None = None,
        on_progress: Progress = ignore_progress,
    ) -> DuplicateList:
        """Groups of points that look the same; with a selection, those with one of its points, and all of each.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
        """

        def answer(snapshot: Snapshot) -> DuplicateList:
            is_selected = _select(snapshot, selection)
            found = self.duplicate_columns(snapshot, threshold=threshold, on_progress=on_progress)
            trouble = found.has_class_conflict.astype(int) + found.is_leak
            ranked = np.argsort(-trouble, kind="stable")
            fitting = ranked[np.isin(ranked, found.group[is_selected])]
            groups = fitting[:limit]
            order = np.argsort(found.group, kind="stable")
            starts = np.searchsorted(found.group[order], np.arange(len(found.size) + 1))
            members = [order[starts[group] : starts[group + 1]][:_MAX_MEMBERS] for group in groups]
            listed = (
                ListedDuplicates(
                    size=int(found.size[group]),
                    lowest_similarity=float(found.lowest_similarity[group]),
                    is_exact=bool(found.is_exact[group]),
                    has_class_conflict=bool(found.has_class_conflict[group]),
                    is_leak=bool(found.is_leak[group]),
                    points=points,
                )
                for group, points in zip(groups, _show_groups(snapshot, members), strict=True)
            )
            return DuplicateList(tuple(listed), len(fitting))

        return self._collections.ask(name, answer)

    def duplicate_columns(
        self,
        snapshot: Snapshot,
        *,
        threshold: float = DEFAULT_THRESHOLD,
        on_progress: Progress = ignore_progress,
    ) -> DuplicateColumns:
        """The duplicate group of every point, row by row the snapshot."""
        graph, fields = self._graphs.graph(snapshot, on_progress=on_progress), snapshot.fields
        # Whole images are copies if their files are; objects of equal files need not be, so their embeddings decide.
        has_objects = bool((fields[PayloadField.INSTANCE] != "image").any())
        return self._cache.get(
            (snapshot.collection.name, "duplicates", threshold),
            snapshot.key,
            lambda: find_duplicates(
                graph,
                threshold=threshold,
                pixels_hash=None if has_objects else fields[PayloadField.PIXELS_HASH],
                class_names=fields[PayloadField.CLASS_NAME],
                datasets=fields[PayloadField.DATASET],
            ),
        )

    def outliers(
        self,
        name: str | None = None,
        *,
        limit: int = 50,
        selection: PointFilter | None = None,
        on_progress: Progress = ignore_progress,
    ) -> tuple[Outlier, ...]:
        """The points most unlike all others, strangest first, with the reason in words.

        All points are compared; ``selection`` only chooses which to list.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
        """

        def answer(snapshot: Snapshot) -> tuple[Outlier, ...]:
            selected = check_selection_of(snapshot, selection or PointFilter())
            is_selected = select_rows(snapshot, selected)
            found = self.outlier_columns(snapshot, on_progress=on_progress)
            ranked = found.top(len(snapshot))
            rows = ranked[is_selected[ranked]][:limit]
            points = snapshot.show(rows, conditions_of_store(selected))
            return tuple(
                Outlier(point, float(found.score[row]), describe_outlier(found, int(row)))
                for point, row in zip(points, rows, strict=True)
            )

        return self._collections.ask(name, answer)

    def outlier_columns(self, snapshot: Snapshot, *, on_progress: Progress = ignore_progress) -> OutlierColumns:
        """The outlier score of every point, row by row the snapshot."""
        graph = self._graphs.graph(snapshot, on_progress=on_progress)
        return self._cache.get((snapshot.collection.name, "outliers"), snapshot.key, lambda: score_outliers(graph))

    def confusion(
        self,
        name: str | None = None,
        *,
        selection: PointFilter | None = None,
        on_progress: Progress = ignore_progress,
    ) -> Confusion:
        """Given class against the class of the neighborhood, without any predictions; each cell lists its objects.

        All points are neighbors; ``selection`` only chooses which to count.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
        """

        def answer(snapshot: Snapshot) -> Confusion:
            is_selected = _select(snapshot, selection)
            found = self.confusion_columns(snapshot, on_progress=on_progress)
            by_cell = {cell: rows[is_selected[rows]] for cell, rows in found.rows_by_cell().items()}
            cells = [_list_cell(snapshot, found, *cell, rows) for cell, rows in by_cell.items() if len(rows)]
            cells.sort(key=lambda cell: (not cell.is_confused, -cell.count))
            return Confusion(found.classes, tuple(cells))

        return self._collections.ask(name, answer)

    def confusion_columns(self, snapshot: Snapshot, *, on_progress: Progress = ignore_progress) -> ConfusionColumns:
        """Given and neighborhood class of every point, row by row the snapshot."""
        graph = self._graphs.graph(snapshot, on_progress=on_progress)
        return self._cache.get(
            (snapshot.collection.name, "confusion"),
            snapshot.key,
            lambda: confuse_classes(graph, snapshot.fields[PayloadField.CLASS_NAME], origin=find_origin(snapshot)),
        )

    def pick(
        self, name: str | None, n_picks: int, *, is_diverse: bool = False, selection: PointFilter | None = None
    ) -> tuple[Pick, ...]:
        """Points that stand for a collection or a selection of it, or that differ most from each other.

        Args:
            name: Name of the collection, None for the only one.
            n_picks: How many.
            is_diverse: Whether to pick points that differ, instead of points that represent.
            selection: Only from these points, which alone are represented; all if None.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
        """

        def answer(snapshot: Snapshot) -> tuple[Pick, ...]:
            selected = check_selection_of(snapshot, selection or PointFilter())
            is_selected, where = select_rows(snapshot, selected), conditions_of_store(selected)
            rows = None if is_selected.all() else np.flatnonzero(is_selected)  # None saves a copy of all embeddings
            if is_diverse:
                diverse = pick_diverse(snapshot.embeddings(), n_picks, rows=rows)
                return tuple(Pick(point) for point in snapshot.show(diverse, where))
            picked = pick_representatives(snapshot.embeddings(), n_picks, rows=rows)
            points = snapshot.show(picked.rows, where)
            return tuple(Pick(point, int(count)) for point, count in zip(points, picked.counts, strict=True))

        return self._collections.ask(name, answer, with_embeddings=True)


def _require_cluster(found: Clusters, wanted: ClusterChoice) -> None:
    if not 0 <= wanted.cluster < len(found.clusters):
        raise InvalidOptionsError(
            f"no cluster {wanted.cluster} at resolution {wanted.resolution:g}, which makes {len(found.clusters)}; "
            "list the clusters first"
        )


def _select(snapshot: Snapshot, selection: PointFilter | None) -> Mask:
    """Which rows a selection holds; bool (N,)."""
    return select_rows(snapshot, check_selection_of(snapshot, selection or PointFilter()))


def _list_cell(snapshot: Snapshot, found: ConfusionColumns, given: int, neighborhood: int, rows: Rows) -> ConfusedCell:
    ids = tuple(snapshot.ids[rows].tolist()) if given != neighborhood else ()
    return ConfusedCell(found.classes[given], found.classes[neighborhood], len(rows), ids)


def _show_groups(snapshot: Snapshot, groups: Sequence[Rows]) -> list[tuple[Point, ...]]:
    """The points of each group; all groups are read at once."""
    ends = np.cumsum([0, *(len(rows) for rows in groups)])
    shown = snapshot.show(np.concatenate([np.empty(0, np.int64), *groups]))
    return [tuple(shown[start:end]) for start, end in pairwise(ends)]
