"""From a collection's columns to suspects that can be shown: points, words and evidence."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Point, PointColumns, PointFilter, Progress, ignore_progress
from indexer.embedded_points import EmbeddedPoints
from indexer.insights.class_numbers import Names
from indexer.insights.graph_archive import GraphOfPoints, load_graph, save_graph, search_points
from indexer.insights.neighbor_graph import NeighborGraph
from indexer.insights.shared_origin import SharedOrigin
from indexer.insights.suspects import Method, SuspectColumns, SuspectModel, describe_suspect
from indexer.payload import PayloadField
from indexer.reviewed_suspects import ReviewedSuspects
from indexer.reviews import read_reviews
from indexer.selections import check_selection, explain_empty_selection, select_rows
from indexer.stores.base import Collection

if TYPE_CHECKING:
    from indexer.workspace import Workspace

N_NEIGHBORS: Final = 20
"""Length of the neighbor lists: enough for suspects, UMAP, clusters and duplicates."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A point whose class its neighborhood contradicts.

    Attributes:
        point: The point with its payload.
        suggested_class: What the neighborhood says.
        score: 0 to 1, 1 = most suspicious; a place in a ranking, not a probability.
        reason: The evidence in words.
        evidence: Ids of the neighbors that speak.
        group: Ids of the similar points that the suspicion is about too, this one first, for one verdict on all of
            them; empty for a single point.
    """

    point: Point
    suggested_class: str
    score: float
    reason: str
    evidence: list[str]
    group: list[str]

    def to_json(self) -> dict[str, Any]:
        """The suspect as the command line prints it."""
        payload = self.point.payload
        names = (PayloadField.DATASET, PayloadField.IMAGE_NAME, PayloadField.OBJECT_KEY, PayloadField.BOX)
        return {
            "id": self.point.id,
            **{name.value: payload.get(name) for name in names},
            "class_name": payload.get(PayloadField.CLASS_NAME),
            "suggested_class": self.suggested_class,
            "score": round(self.score, 6),
            "reason": self.reason,
            "evidence": self.evidence,
            "group": self.group,
            "review": payload.get(PayloadField.REVIEW),
        }


@dataclass(frozen=True, slots=True)
class SuspectList:
    """Some suspects of a ranking.

    Attributes:
        suspects: Most suspicious first; similar points with one suspicion are one entry.
        n_ranked: Points that could be ranked.
        n_matching: Entries that fit what was asked for, on all pages.
        why_empty: Why nothing fits what was asked for, None where something does.
    """

    suspects: list[Suspect]
    n_ranked: int
    n_matching: int
    why_empty: str | None


_Fitted = tuple[PointColumns, ReviewedSuspects]  # the points as they are called now, and the model of them


class Insights:
    """What a workspace's points say about each other; computed once for each revision of a collection.

    Args:
        workspace: Where collections and their columns are.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def graph(self, name: str | None = None, *, on_progress: Progress = ignore_progress) -> NeighborGraph:
        """The nearest neighbors of every point, the one source for suspects, maps, clusters and duplicates."""
        return self._graph_of_points(self._workspace.collection(name), on_progress).graph

    def forget(self, collection_name: str) -> None:
        """Delete what is kept on disk of a collection."""
        shutil.rmtree(self._folder(collection_name), ignore_errors=True)

    def _graph_of_points(self, collection: Collection, on_progress: Progress) -> GraphOfPoints:
        return self._workspace.cache.follow(
            (collection.name, "graph"),
            collection.revision,
            lambda earlier: self._follow_points(collection.name, earlier, on_progress),
        )

    def _follow_points(self, name: str, earlier: GraphOfPoints | None, on_progress: Progress) -> GraphOfPoints:
        """The graph of the points now: the one known if it is of them, else brought up to date and kept on disk."""
        path = self._folder(name) / "neighbor_graph.npz"
        known = earlier or load_graph(path)
        # Times of embedding are compared instead of revisions, which change with every label too.
        if known is not None and known.is_of(EmbeddedPoints.of(self._workspace.columns(name)), n_neighbors=N_NEIGHBORS):
            return known
        columns = self._workspace.columns(name, with_embeddings=True)
        known = search_points(
            EmbeddedPoints.of(columns),
            columns.embeddings,
            known=known,
            n_neighbors=N_NEIGHBORS,
            on_progress=on_progress,
        )
        save_graph(path, known)
        return known

    def _folder(self, collection_name: str) -> Path:
        return self._workspace.data_dir / "insights" / collection_name

    def ranked_suspects(
        self, name: str | None = None, *, method: Method = "combined", on_progress: Progress = ignore_progress
    ) -> SuspectColumns:
        """The suspect score of every point under the reviews that stand, row by row ``columns()``.

        A review or another class has the fitted model follow it; only new points or embeddings have it fitted anew.
        """
        return self._rank(name, method, on_progress)[1]

    def _rank(self, name: str | None, method: Method, on_progress: Progress) -> tuple[PointColumns, SuspectColumns]:
        """The ranking, and the points of its rows, which need no longer be those of the collection during a run."""
        collection = self._workspace.collection(name)
        self._workspace.reviews.follow(name)  # verdicts on the same objects in another model's collection
        revision, review_revision = collection.revision, collection.review_revision
        columns, model = self._workspace.cache.follow(
            (collection.name, "suspect model"),
            revision,
            lambda earlier: self._follow_labels(collection, earlier, on_progress),
        )
        return self._workspace.cache.get(
            (collection.name, "suspects", method),
            f"{revision} {review_revision}",
            lambda: (columns, model.rank(read_reviews(collection), method)),
        )

    def _follow_labels(self, collection: Collection, earlier: _Fitted | None, on_progress: Progress) -> _Fitted:
        """The points now with the model known, if it is of them whatever they are called, else with a new one."""
        if earlier is not None:
            (_, model), columns = earlier, self._workspace.columns(collection.name)
            if EmbeddedPoints.of(columns).is_same(model.points):
                model.name_points(columns.fields[PayloadField.CLASS_NAME])
                return columns, model
        columns = self._workspace.columns(collection.name, with_embeddings=True)
        return columns, self._fit(collection, columns, on_progress)

    def _fit(self, collection: Collection, columns: PointColumns, on_progress: Progress) -> ReviewedSuspects:
        points, known = EmbeddedPoints.of(columns), self._graph_of_points(collection, on_progress)
        if not known.is_of(points, n_neighbors=N_NEIGHBORS):  # written to since ``columns`` were read
            known = search_points(points, columns.embeddings, known=known, n_neighbors=N_NEIGHBORS)
        graph = known.graph
        return ReviewedSuspects(
            points,
            columns.fields[PayloadField.CLASS_NAME],
            reviews=read_reviews(collection),
            fit=lambda names, progress: fit_suspects(columns, graph, class_names=names, on_progress=progress),
            on_progress=on_progress,
        )

    def suspects(
        self,
        name: str | None = None,
        *,
        limit: int = 50,
        offset: int = 0,
        selection: PointFilter | None = None,
        method: Method = "combined",
        on_progress: Progress = ignore_progress,
    ) -> SuspectList:
        """The labels that their neighborhood contradicts, most suspicious first.

        All points speak; ``selection`` only chooses whom to list, also of a group.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
        """
        selection = check_selection(self._workspace, name, selection or PointFilter())
        collection = self._workspace.collection(name)
        columns, ranked = self._rank(name, method, on_progress)
        rows = ranked.top(len(columns))
        rows = rows[select_rows(collection, columns, selection)[rows]]
        entries = ranked.group_rows(rows)
        return SuspectList(
            suspects=show_suspects(collection, columns, ranked, entries[offset : offset + limit]),
            n_ranked=int(np.isfinite(ranked.score).sum()),
            n_matching=len(entries),
            why_empty=None if len(rows) else self._explain_no_suspects(collection.name, ranked, selection),
        )

    def suspect_group(self, point_ids: Sequence[str], name: str | None = None) -> list[str]:
        """The points and those in one group of suspects with one of them, each once."""
        columns, ranked = self._rank(name, "combined", ignore_progress)
        groups = ranked.group[np.isin(columns.ids, list(point_ids))]
        rows = np.flatnonzero(np.isin(ranked.group, groups[groups >= 0]))
        return list(dict.fromkeys([*point_ids, *map(str, columns.ids[rows])]))

    def _explain_no_suspects(self, name: str, ranked: SuspectColumns, selection: PointFilter) -> str:
        if ranked.why_empty:
            return ranked.why_empty
        return explain_empty_selection(self._workspace, name, selection) or (
            "no label of this selection is contradicted by its neighborhood"
        )

    def suspect_scores(self, name: str | None = None) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.float32]]:
        """Ids and suspect scores (nan where there is none), row by row ``columns()``."""
        columns, ranked = self._rank(name, "combined", ignore_progress)
        return columns.ids, ranked.score

    def has_suspects(self, name: str | None = None) -> bool:
        """Whether suspects are fitted already, so that asking for them costs next to nothing."""
        collection = self._workspace.collection(name)
        return self._workspace.cache.has((collection.name, "suspect model"), collection.revision)


def find_origin(columns: PointColumns) -> SharedOrigin:
    """Which points come from one image, and so do not speak for each other."""
    fields = columns.fields
    # The same file under two names is the same image here, so that its copies are no witnesses either.
    files = [
        pixels_hash or f"{source} {image}"
        for pixels_hash, source, image in zip(
            fields[PayloadField.PIXELS_HASH],
            fields[PayloadField.SOURCE_KEY],
            fields[PayloadField.IMAGE_KEY],
            strict=True,
        )
    ]
    image_index = np.unique(np.asarray(files, dtype=np.str_), return_inverse=True)[1]
    return SharedOrigin.of(len(columns), image_index=image_index)


def fit_suspects(
    columns: PointColumns,
    graph: NeighborGraph,
    *,
    class_names: Names | None = None,
    on_progress: Progress = ignore_progress,
) -> SuspectModel:
    """Fit the suspect scores of all points; neighbors from the same image and exact copies do not vote.

    Args:
        columns: The points with their embeddings.
        graph: Their neighbor graph.
        class_names: object (N,), the classes to judge; those of ``columns`` if None.
        on_progress: Told of the fit.
    """
    return SuspectModel(
        columns.embeddings,
        columns.fields[PayloadField.CLASS_NAME] if class_names is None else class_names,
        origin=find_origin(columns),
        graph=graph,
        on_progress=on_progress,
    )


def show_suspects(
    collection: Collection, columns: PointColumns, ranked: SuspectColumns, entries: Sequence[npt.NDArray[np.int64]]
) -> list[Suspect]:
    """Turn entries of the ranking, rows of a group or of a single point, into points with words and evidence."""
    points = {point.id: point for point in collection.retrieve([str(columns.ids[rows[0]]) for rows in entries])}
    return [
        Suspect(
            point=points[str(columns.ids[row])],
            suggested_class=ranked.classes[ranked.suggested[row]],
            score=float(ranked.score[row]),
            reason=describe_suspect(ranked, int(row)),
            evidence=[str(columns.ids[neighbor]) for neighbor in ranked.evidence[row] if neighbor >= 0],
            group=[str(columns.ids[member]) for member in rows] if len(rows) > 1 else [],
        )
        for row, rows in ((rows[0], rows) for rows in entries)
        if str(columns.ids[row]) in points
    ]
