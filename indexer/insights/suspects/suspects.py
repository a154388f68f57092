"""From a snapshot to suspects that can be shown: points, words and evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import numpy as np

from indexer.collection.class_numbers import Names
from indexer.collection.collections import Collections
from indexer.collection.embedded_points import EmbeddedPoints
from indexer.collection.revision_cache import RevisionCache
from indexer.collection.selections import (
    check_selection_of,
    conditions_of_store,
    explain_empty_selection,
    select_rows,
)
from indexer.collection.snapshot import Rows, Snapshot
from indexer.domain import Point, PointFilter, Progress, ignore_progress
from indexer.errors import IndexerError, InvalidOptionsError, PointNotFoundError
from indexer.insights.suspects import Method, SuspectColumns, SuspectModel, describe_suspect
from indexer.insights.suspects.reviewed import ReviewedSuspects
from indexer.neighbors.graph import NeighborGraph
from indexer.neighbors.graphs import Graphs
from indexer.neighbors.shared_origin import SharedOrigin
from indexer.payload import PayloadField
from indexer.reviews.review import Review
from indexer.reviews.reviews import Reviews
from indexer.reviews.suggestions import Suggestion


@dataclass(frozen=True, slots=True)
class Suspect:
    """A point whose class its neighborhood contradicts.

    Attributes:
        point: The point with its payload.
        suggested_class: What the neighborhood says.
        score: 0 to 1, 1 = most suspicious; a place in a ranking, not a probability.
        reason: The evidence in words.
        evidence: Ids of the neighbors that speak.
        group: Ids of the similar points that the suspicion is about too, this one first. One verdict is for all of
            them. Empty for a single point.
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
        n_suspects: Entries without a selection.
        n_matching: Entries that fit what was asked for, on all pages.
        why_empty: Why nothing fits what was asked for, None where something does.
    """

    suspects: list[Suspect]
    n_ranked: int
    n_suspects: int
    n_matching: int
    why_empty: str | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The suspect scores of a snapshot under the reviews that stood.

    Attributes:
        columns: The scores, row by row the snapshot.
        reviews: The reviews, by point id.
    """

    columns: SuspectColumns
    reviews: Mapping[str, Review]


@dataclass(frozen=True, slots=True)
class _FittedModel:
    """A model of some points, whatever they are called; one caller at a time names and ranks them."""

    reviewed: ReviewedSuspects
    lock: Lock

    @property
    def points(self) -> EmbeddedPoints:
        return self.reviewed.points

    def rank(self, class_names: Names, reviews: Mapping[str, Review], method: Method, on_progress: Progress) -> Ranking:
        with self.lock:
            self.reviewed.name_points(class_names)
            return Ranking(self.reviewed.rank(reviews, method, on_progress=on_progress), reviews)


class Suspects:
    """The suspects of a workspace's collections; a model is fitted once for as long as embeddings stay.

    Args:
        collections: Where snapshots come from.
        graphs: Who is near to whom.
        reviews: What people decided.
    """

    def __init__(self, collections: Collections, graphs: Graphs, reviews: Reviews) -> None:
        self._collections, self._graphs, self._reviews = collections, graphs, reviews
        self._models = RevisionCache(max_entries=8)
        self._rankings = RevisionCache(max_entries=16)
        self._anticipating = Lock()

    def find(
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

        All points speak; ``selection`` only chooses which are listed, also of a group.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
            SnapshotOutdatedError: Points were written again and again.
        """
        wanted = selection or PointFilter()

        def answer(snapshot: Snapshot) -> SuspectList:
            selected = check_selection_of(snapshot, wanted)
            is_selected = select_rows(snapshot, selected)
            ranking = self.rank(snapshot, method=method, on_progress=on_progress)
            all_rows = ranking.columns.top(len(snapshot))
            rows = all_rows[is_selected[all_rows]]
            entries = ranking.columns.group_rows(rows)
            shown = entries.take(offset, offset + limit)
            return SuspectList(
                suspects=_show_suspects(snapshot, ranking, shown, conditions_of_store(selected)),
                n_ranked=int(np.isfinite(ranking.columns.score).sum()),
                n_suspects=ranking.columns.count_entries(all_rows),
                n_matching=len(entries),
                why_empty=None if len(rows) else self._explain_no_suspects(snapshot, ranking.columns, selected),
            )

        return self._collections.ask(name, answer, with_embeddings=not self.has_model(name))

    def suggest(
        self, name: str | None, point_ids: Sequence[str], *, on_progress: Progress = ignore_progress
    ) -> dict[str, Suggestion]:
        """The class that each of some points should rather have, by id.

        Raises:
            PointNotFoundError: One of the points does not exist.
            InvalidOptionsError: Nothing speaks against the class of one of them.
        """

        def answer(snapshot: Snapshot) -> dict[str, Suggestion]:
            ranked, rows = self.rank(snapshot, on_progress=on_progress).columns, snapshot.rows_of(point_ids)
            return {
                point_id: _suggest(snapshot, ranked, row, point_id)
                for point_id, row in zip(point_ids, rows, strict=True)
            }

        return self._collections.ask(name, answer, with_embeddings=not self.has_model(name))

    def group_of(self, point_ids: Sequence[str], name: str | None = None) -> list[str]:
        """Some points and those in one group of suspects with one of them, each once."""

        def answer(snapshot: Snapshot) -> list[str]:
            ranked, rows = self.rank(snapshot).columns, snapshot.rows_of(point_ids)
            groups = ranked.group[rows[rows >= 0]]
            members = np.flatnonzero(np.isin(ranked.group, groups[groups >= 0]))
            return list(dict.fromkeys([*point_ids, *map(str, snapshot.ids[members])]))

        return self._collections.ask(name, answer, with_embeddings=not self.has_model(name))

    def rank(
        self, snapshot: Snapshot, *, method: Method = "combined", on_progress: Progress = ignore_progress
    ) -> Ranking:
        """The suspect score of every point of a snapshot under the reviews that stand.

        A review or another class has the fitted model follow it; only new points or embeddings have it fitted anew.

        Raises:
            SnapshotOutdatedError: Embeddings are needed and were written since.
        """
        collection = snapshot.collection
        self._reviews.follow(collection.name)  # verdicts on the same objects in another model's collection
        review_revision = collection.review_revision  # before the reviews: one that comes meanwhile has a newer one
        model = self._models.follow(
            collection.name, snapshot.key, lambda earlier: self._follow(snapshot, earlier, on_progress)
        )
        return self._rankings.get(
            (collection.name, method),
            (snapshot.key, review_revision),
            lambda: model.rank(
                snapshot.fields[PayloadField.CLASS_NAME], self._reviews.by_point(collection), method, on_progress
            ),
        )

    def anticipate(self, name: str) -> None:
        """Rank anew what somebody asked for before, so that the next one who asks waits less.

        While one verdict is followed so, the ones after it are not. They wait until somebody asks.
        """
        if not self._rankings.has_any((name, "combined")) or not self._anticipating.acquire(blocking=False):
            return
        try:
            snapshot = self._collections.snapshot(name)
            if self.is_fitted(snapshot):
                self.rank(snapshot)
        except IndexerError:
            pass  # the next one who asks is told
        finally:
            self._anticipating.release()

    def is_fitted(self, snapshot: Snapshot) -> bool:
        """Whether a snapshot's points can be ranked at next to no cost."""
        return self._models.has(snapshot.collection.name, snapshot.key)

    def has_model(self, name: str | None) -> bool:
        """Whether there is a model, of whichever points: the next one may need no embeddings."""
        return self._models.has_any(self._collections.open(name).name)

    def _follow(self, snapshot: Snapshot, earlier: _FittedModel | None, on_progress: Progress) -> _FittedModel:
        """The model known if it is of these points, whatever they are called, else a new one."""
        if earlier is not None and snapshot.points.is_same(earlier.points):
            return earlier
        embeddings, graph = snapshot.embeddings(), self._graphs.graph(snapshot, on_progress=on_progress)
        assert len(embeddings) == graph.n_points
        return _FittedModel(
            ReviewedSuspects(
                snapshot.points,
                snapshot.fields[PayloadField.CLASS_NAME],
                reviews=self._reviews.by_point(snapshot.collection),
                fit=lambda names, progress: fit_suspects(snapshot, graph, class_names=names, on_progress=progress),
                on_progress=on_progress,
            ),
            Lock(),
        )

    def _explain_no_suspects(self, snapshot: Snapshot, ranked: SuspectColumns, selection: PointFilter) -> str:
        if ranked.why_empty:
            return ranked.why_empty
        is_whole = replace(selection, has_embedding=True) == PointFilter(has_embedding=True)
        whose = "no label" if is_whole else "no label that fits the filter"
        return explain_empty_selection(self._collections, snapshot.collection.name, selection) or (
            f"{whose} is contradicted by its neighborhood"
        )


def find_origin(snapshot: Snapshot) -> SharedOrigin:
    """Which points come from one image, and so do not speak for each other."""
    fields = snapshot.fields
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
    return SharedOrigin.of(len(snapshot), image_index=image_index)


def fit_suspects(
    snapshot: Snapshot,
    graph: NeighborGraph,
    *,
    class_names: Names,
    on_progress: Progress = ignore_progress,
) -> SuspectModel:
    """Fit the suspect scores of all points; neighbors from the same image and exact copies do not vote.

    Args:
        snapshot: The points.
        graph: Their neighbor graph.
        class_names: object (N,), the classes to judge.
        on_progress: Told of the fit.
    """
    return SuspectModel(
        snapshot.embeddings(), class_names, origin=find_origin(snapshot), graph=graph, on_progress=on_progress
    )


def _suggest(snapshot: Snapshot, ranked: SuspectColumns, row: int, point_id: str) -> Suggestion:
    if row < 0:
        raise PointNotFoundError(f"collection '{snapshot.collection.name}' has no embedded point '{point_id}'")
    if ranked.suggested[row] < 0:
        raise InvalidOptionsError(
            f"nothing speaks against the class of point '{point_id}'; name the right one (--class)"
        )
    return Suggestion(
        class_name=ranked.classes[ranked.suggested[row]],
        given_class=snapshot.fields[PayloadField.CLASS_NAME][row],
        embedded_at=snapshot.fields[PayloadField.EMBEDDED_AT][row],
    )


def _show_suspects(
    snapshot: Snapshot, ranking: Ranking, entries: Sequence[Rows], where: PointFilter | None
) -> list[Suspect]:
    """Turn entries of a ranking, rows of a group or of a single point, into points with words and evidence."""
    ranked, heads = ranking.columns, np.array([rows[0] for rows in entries], dtype=np.int64)
    return [
        Suspect(
            point=_with_review(point, ranking.reviews.get(point.id)),
            suggested_class=ranked.classes[ranked.suggested[row]],
            score=float(ranked.score[row]),
            reason=describe_suspect(ranked, int(row)),
            evidence=[str(snapshot.ids[neighbor]) for neighbor in ranked.evidence[row] if neighbor >= 0],
            group=[str(snapshot.ids[member]) for member in rows] if len(rows) > 1 else [],
        )
        for point, row, rows in zip(snapshot.show(heads, where), heads, entries, strict=True)
    ]


def _with_review(point: Point, review: Review | None) -> Point:
    """A point with the review that the ranking knows, whatever was decided since."""
    payload = {name: value for name, value in point.payload.items() if name != PayloadField.REVIEW}
    return Point(point.id, payload if review is None else payload | {PayloadField.REVIEW.value: review.to_payload()})
