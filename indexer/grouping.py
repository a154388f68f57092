"""From a collection's columns to groups that can be shown: clusters, duplicates, outliers, confused classes, picks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from indexer.domain import Point, PointColumns, PointFilter, Progress, ignore_progress
from indexer.insights.clusters import Clusters, find_clusters
from indexer.insights.confusion import ConfusionColumns, confuse_classes
from indexer.insights.duplicates import DEFAULT_THRESHOLD, DuplicateColumns, find_duplicates
from indexer.insights.gate import CLEAR_SIMILARITY, GateReport, Limits, decide
from indexer.insights.gate_reports import N_EXAMPLES
from indexer.insights.outliers import OutlierColumns, describe_outlier, score_outliers
from indexer.insights.picks import pick_diverse, pick_representatives
from indexer.judging import find_origin
from indexer.payload import PayloadField
from indexer.reviews import Review, ReviewVerdict, read_reviews
from indexer.selections import check_selection, select_rows
from indexer.stores.base import Collection

if TYPE_CHECKING:
    from indexer.workspace import Workspace

_SHOWN = (
    PayloadField.DATASET,
    PayloadField.IMAGE_NAME,
    PayloadField.OBJECT_KEY,
    PayloadField.BOX,
    PayloadField.CLASS_NAME,
)
_MAX_MEMBERS = 100
_MAX_NAMED = 5  # members of one group in a line

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Question:
    """A collection at one moment: what every question about groups starts from."""

    collection: Collection
    columns: PointColumns

    def show(self, rows: Iterable[int]) -> list[JSON]:
        """Points in brief, in the order of ``rows``."""
        ids = [str(self.columns.ids[row]) for row in rows]
        found = {point.id: point.payload for point in self.collection.retrieve(ids)}
        return [
            {"id": point_id, **{name.value: found[point_id].get(name) for name in _SHOWN}}
            for point_id in ids
            if point_id in found
        ]


class Groups:
    """What a workspace's points form together; computed once for each revision of a collection.

    Every answer is made of JSON types, as the command line prints it and the api sends it.

    Args:
        workspace: Where collections and their columns are.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def clusters(
        self, name: str | None = None, *, resolution: float = 1.0, on_progress: Progress = ignore_progress
    ) -> list[JSON]:
        """Clusters, largest first: name, size, dominant class, purity and the most typical points.

        Args:
            name: Name of the collection, None for the only one.
            resolution: Above 1 makes more and smaller clusters.
            on_progress: Told of the neighbor graph.
        """
        asked, found = self._ask(name), self.cluster_columns(name, resolution=resolution, on_progress=on_progress)
        return [
            {
                "cluster": number,
                "name": cluster.name,
                "size": cluster.size,
                "dominant_class": cluster.dominant_class,
                "purity": round(cluster.purity, 4),
                "examples": asked.show(cluster.examples),
            }
            for number, cluster in enumerate(found.clusters)
        ]

    def cluster_columns(
        self, name: str | None = None, *, resolution: float = 1.0, on_progress: Progress = ignore_progress
    ) -> Clusters:
        """The cluster of every point, row by row ``Workspace.columns()``."""
        workspace = self._workspace
        collection, graph = workspace.collection(name), workspace.insights.graph(name, on_progress=on_progress)
        columns = workspace.columns(name, with_embeddings=True)
        return workspace.cache.get(
            (collection.name, "clusters", resolution),
            collection.revision,
            lambda: find_clusters(
                graph, columns.embeddings, columns.fields[PayloadField.CLASS_NAME], resolution=resolution
            ),
        )

    def duplicates(
        self,
        name: str | None = None,
        *,
        threshold: float = DEFAULT_THRESHOLD,
        limit: int = 100,
        on_progress: Progress = ignore_progress,
    ) -> list[JSON]:
        """Groups of points that look the same, those with a conflict or a leak first, then the largest."""
        asked = self._ask(name)
        found = self.duplicate_columns(name, threshold=threshold, on_progress=on_progress)
        trouble = found.has_class_conflict.astype(int) + found.is_leak
        groups = np.argsort(-trouble, kind="stable")[:limit]
        order = np.argsort(found.group, kind="stable")
        starts = np.searchsorted(found.group[order], np.arange(len(found.size) + 1))
        return [
            {
                "size": int(found.size[group]),
                "lowest_similarity": round(float(found.lowest_similarity[group]), 6),
                "is_exact": bool(found.is_exact[group]),
                "has_class_conflict": bool(found.has_class_conflict[group]),
                "is_leak": bool(found.is_leak[group]),
                "points": asked.show(order[starts[group] : starts[group + 1]][:_MAX_MEMBERS]),
            }
            for group in groups
        ]

    def duplicate_columns(
        self,
        name: str | None = None,
        *,
        threshold: float = DEFAULT_THRESHOLD,
        on_progress: Progress = ignore_progress,
    ) -> DuplicateColumns:
        """The duplicate group of every point, row by row ``Workspace.columns()``."""
        workspace = self._workspace
        collection, graph = workspace.collection(name), workspace.insights.graph(name, on_progress=on_progress)
        fields = workspace.columns(name).fields
        # Whole images are copies if their files are; objects of equal files need not be, so their embeddings decide.
        has_objects = bool((fields[PayloadField.INSTANCE] != "image").any())
        return workspace.cache.get(
            (collection.name, "duplicates", threshold),
            collection.revision,
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
    ) -> list[JSON]:
        """The points most unlike all others, strangest first, with the reason in words.

        All points are compared; ``selection`` only chooses which to list.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
        """
        selection = check_selection(self._workspace, name, selection or PointFilter())
        asked, found = self._ask(name), self.outlier_columns(name, on_progress=on_progress)
        ranked = found.top(len(asked.columns))
        is_selected = select_rows(asked.collection, asked.columns, selection)
        rows = [int(row) for row in ranked[is_selected[ranked]][:limit]]
        reasons = {str(asked.columns.ids[row]): (found.score[row], describe_outlier(found, row)) for row in rows}
        return [
            {**point, "score": round(float(reasons[point["id"]][0]), 6), "reason": reasons[point["id"]][1]}
            for point in asked.show(rows)
        ]

    def outlier_columns(self, name: str | None = None, *, on_progress: Progress = ignore_progress) -> OutlierColumns:
        """The outlier score of every point, row by row ``Workspace.columns()``."""
        workspace = self._workspace
        collection, graph = workspace.collection(name), workspace.insights.graph(name, on_progress=on_progress)
        return workspace.cache.get((collection.name, "outliers"), collection.revision, lambda: score_outliers(graph))

    def confusion(self, name: str | None = None, *, on_progress: Progress = ignore_progress) -> JSON:
        """Given class against the class of the neighborhood, without any predictions; each cell lists its objects."""
        asked, found = self._ask(name), self.confusion_columns(name, on_progress=on_progress)
        cells = []
        matrix = found.matrix()
        for given, neighborhood in zip(*np.nonzero(matrix), strict=True):
            in_cell = (found.given == given) & (found.neighborhood == neighborhood)
            is_confused = given != neighborhood
            cells.append(
                {
                    "given": found.classes[given],
                    "neighborhood": found.classes[neighborhood],
                    "count": int(matrix[given, neighborhood]),
                    "ids": [str(point_id) for point_id in asked.columns.ids[in_cell]] if is_confused else [],
                }
            )
        cells.sort(key=lambda cell: (cell["given"] == cell["neighborhood"], -cell["count"]))
        return {"classes": list(found.classes), "cells": cells}

    def confusion_columns(
        self, name: str | None = None, *, on_progress: Progress = ignore_progress
    ) -> ConfusionColumns:
        """Given and neighborhood class of every point, row by row ``Workspace.columns()``."""
        workspace = self._workspace
        collection, graph = workspace.collection(name), workspace.insights.graph(name, on_progress=on_progress)
        columns = workspace.columns(name)
        return workspace.cache.get(
            (collection.name, "confusion"),
            collection.revision,
            lambda: confuse_classes(graph, columns.fields[PayloadField.CLASS_NAME], origin=find_origin(columns)),
        )

    def pick(
        self, name: str | None, n_picks: int, *, is_diverse: bool = False, selection: PointFilter | None = None
    ) -> list[JSON]:
        """Points that stand for a collection or a selection of it, or that differ most from each other.

        Args:
            name: Name of the collection, None for the only one.
            n_picks: How many.
            is_diverse: Whether to pick points that differ, instead of points that represent.
            selection: Only from these points, which alone are represented; all if None.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
        """
        selection = check_selection(self._workspace, name, selection or PointFilter())
        columns = self._workspace.columns(name, with_embeddings=True)
        asked = _Question(self._workspace.collection(name), columns)
        is_selected = select_rows(asked.collection, columns, selection)
        rows = None if is_selected.all() else np.flatnonzero(is_selected)  # None saves a copy of all embeddings
        if is_diverse:
            return asked.show(pick_diverse(columns.embeddings, n_picks, rows=rows))
        picked = pick_representatives(columns.embeddings, n_picks, rows=rows)
        stands_for = {str(columns.ids[row]): int(count) for row, count in zip(picked.rows, picked.counts, strict=True)}
        return [{**point, "stands_for": stands_for[point["id"]]} for point in asked.show(picked.rows)]

    def check(self, name: str | None, limits: Limits, *, on_progress: Progress = ignore_progress) -> GateReport:
        """Compare what the insights find with limits, for a gate in continuous integration.

        The labels of the source count: what a person accepted there is wrong until the source has the right class.
        """
        suspects = self._workspace.insights.ranked_suspects(name, on_progress=on_progress)
        duplicates = self.duplicate_columns(name, threshold=CLEAR_SIMILARITY, on_progress=on_progress)
        asked = self._ask(name)
        accepted = read_reviews(asked.collection, ReviewVerdict.ACCEPT)
        undone = [point_id for point_id, review in accepted.items() if not review.is_carried_out]
        return decide(
            suspects,
            duplicates,
            limits,
            known_wrong=np.flatnonzero(np.isin(asked.columns.ids, undone)),
            n_datasets=len(self._workspace.describe(name).datasets),
        )

    def name_findings(self, name: str | None, report: GateReport) -> dict[str, list[str]]:
        """The first findings of each check as people would name them; the copies of a group are joined by " = "."""
        asked = self._ask(name)
        return {
            check.name: [self._name_finding(asked, rows) for rows in check.findings[:N_EXAMPLES]]
            for check in report.checks
        }

    def _name_finding(self, asked: _Question, rows: npt.NDArray[np.int64]) -> str:
        # One of each class and dataset comes first: two points that differ are what makes a conflict or a leak.
        fields = asked.columns.fields
        kinds = zip(fields[PayloadField.CLASS_NAME][rows], fields[PayloadField.DATASET][rows], strict=True)
        first: dict[tuple[str, str], int] = {}
        for kind, row in zip(kinds, rows.tolist(), strict=True):
            first.setdefault(kind, row)
        shown = list(dict.fromkeys([*first.values(), *rows.tolist()]))[:_MAX_NAMED]
        points = asked.collection.retrieve([str(asked.columns.ids[row]) for row in shown])
        n_more = len(rows) - len(shown)
        return " = ".join(map(_name_point, points)) + (f" and {n_more} more" if n_more else "")

    def _ask(self, name: str | None) -> _Question:
        return _Question(self._workspace.collection(name), self._workspace.columns(name))


def _name_point(point: Point) -> str:
    """Dataset, image, object and class of a point, and what a person said about it that the source does not know."""
    keys = (PayloadField.DATASET, PayloadField.IMAGE_NAME, PayloadField.OBJECT_KEY)
    place = " / ".join(str(point.payload[key]) for key in keys if point.payload.get(key))
    name = f"{place} ({point.payload.get(PayloadField.CLASS_NAME)})"
    if not point.payload.get(PayloadField.REVIEW):
        return name
    review = Review.from_point(point)
    if review.verdict is not ReviewVerdict.ACCEPT or review.is_carried_out:
        return name
    return f"{name}, accepted as {review.class_name} by {review.who}, not yet in the source"
