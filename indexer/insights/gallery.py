"""Points of a selection in an order that a person chooses, page by page, with what is said of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from indexer.collection.collections import Collections
from indexer.collection.revision_cache import RevisionCache
from indexer.collection.search import mean_direction
from indexer.collection.snapshot import Snapshot
from indexer.domain import Embeddings, InstanceKind, Point, PointFilter, Progress, ignore_progress
from indexer.errors import InvalidOptionsError, PointNotFoundError
from indexer.insights.facets import ANY_SCORE, STATES, Facets, ReviewState, ScoreSpan
from indexer.insights.insights import Insights
from indexer.insights.outliers import outlier_columns
from indexer.insights.suspects.suspects import Suspects
from indexer.payload import PayloadField

Floats: TypeAlias = npt.NDArray[np.float64]

_SIZE_FIELDS: Final = (PayloadField.BOX, PayloadField.IMAGE_SIZE_HW, PayloadField.IMAGE_NAME)
_ORDERED_STATES: Final = (ReviewState.SKIPPED, ReviewState.ACCEPTED, ReviewState.DISMISSED)


class GalleryOrder(StrEnum):
    """Orders of a gallery. Points of which the value is unknown come last, equal ones by id."""

    SUSPECT = "suspect"
    CLASS = "class"
    DATASET = "dataset"
    SUGGESTED = "suggested"
    FILE = "file"
    SIZE = "size"
    OUTLIER = "outlier"
    SIMILARITY = "similarity"
    REVIEW = "review"
    TAGS = "tags"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class GalleryQuestion:
    """Conditions and order of a gallery.

    Attributes:
        selection: Conditions on points.
        scores: Suspect scores; anything but ``ANY_SCORE`` has them computed.
        order: The order.
        is_descending: Whether the greatest value comes first.
        examples: Ids of points; similarity is to their mean.
        counter_examples: Ids of points that similarity leads away from.
    """

    selection: PointFilter
    scores: ScoreSpan = ANY_SCORE
    order: GalleryOrder = GalleryOrder.SUSPECT
    is_descending: bool = True
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GalleryPoint:
    """A point of a gallery.

    Attributes:
        point: The point with its payload.
        suggested_class: The class that its neighborhood says; None if it agrees, or scores are not computed.
        suspect_score: 0 to 1, None if it is unknown or not computed.
        value: What it is ordered by, if that is a number that is computed.
    """

    point: Point
    suggested_class: str | None
    suspect_score: float | None
    value: float | None


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """Some points of a gallery.

    Attributes:
        points: The points in their order.
        n_matching: Points on all pages.
    """

    points: tuple[GalleryPoint, ...]
    n_matching: int


@dataclass(frozen=True, slots=True)
class _Sides:
    """Columns that a snapshot does not have: row by row, None if a point has no such field."""

    sizes_px: Floats
    names: Floats


class Gallery:
    """Galleries of a workspace's collections; an order is computed once per snapshot and its reviews.

    Args:
        collections: Where snapshots come from.
        facets: Which points fit.
        suspects: Scores and suggested classes.
        insights: Outliers.
    """

    def __init__(self, collections: Collections, facets: Facets, suspects: Suspects, insights: Insights) -> None:
        self._collections, self._facets, self._suspects, self._insights = collections, facets, suspects, insights
        self._ranks = RevisionCache(max_entries=16)
        self._sides = RevisionCache(max_entries=2)

    def page(
        self,
        name: str | None,
        question: GalleryQuestion,
        *,
        offset: int,
        limit: int,
        on_progress: Progress = ignore_progress,
    ) -> GalleryPage:
        """The points ``offset .. offset + limit`` of a gallery.

        Args:
            name: Name of the collection, None for the only one.
            question: Which points, in which order.
            offset: Place of the first one.
            limit: How many at most.
            on_progress: Told of insights that are computed for the order.

        Raises:
            UnknownNameError, PointNotFoundError: The selection or an example names what is not there.
            InvalidOptionsError: An order by similarity has no example.
            SnapshotOutdatedError: Points were written again and again.
        """

        def answer(snapshot: Snapshot) -> GalleryPage:
            fits = self._facets.rows(snapshot, question.selection, question.scores)
            values = self._values(snapshot, question, on_progress)
            signed = -values if question.is_descending else values
            rows = np.flatnonzero(fits)
            rows = rows[np.argsort(signed[rows], kind="stable")]  # nan comes last
            return GalleryPage(self._show(snapshot, rows[offset : offset + limit], values, question.order), len(rows))

        needs_embeddings = question.order in (GalleryOrder.SIMILARITY, GalleryOrder.OUTLIER) or (
            question.order in (GalleryOrder.SUSPECT, GalleryOrder.SUGGESTED) and not self._suspects.has_model(name)
        )
        if question.order is GalleryOrder.SIMILARITY and not question.examples:
            raise InvalidOptionsError("an order by similarity takes at least one example; name points in similar_to")
        return self._collections.ask(name, answer, with_embeddings=needs_embeddings)

    def _show(
        self, snapshot: Snapshot, rows: npt.NDArray[np.int64], values: Floats, order: GalleryOrder
    ) -> tuple[GalleryPoint, ...]:
        """The points of some rows with their scores, as far as these are computed."""
        ranked = self._suspects.rank(snapshot).columns if self._suspects.is_fitted(snapshot) else None
        is_number = order in (GalleryOrder.OUTLIER, GalleryOrder.SIMILARITY)
        return tuple(
            GalleryPoint(
                point=point,
                suggested_class=None
                if ranked is None or ranked.suggested[row] < 0
                else ranked.classes[ranked.suggested[row]],
                suspect_score=None if ranked is None else _known(ranked.score[row]),
                value=_known(values[row]) if is_number else None,
            )
            for point, row in zip(snapshot.show(rows), rows, strict=True)
        )

    def _values(self, snapshot: Snapshot, question: GalleryQuestion, on_progress: Progress) -> Floats:
        """The values that order the points, float64 (N,), nan if one is unknown."""
        collection, order = snapshot.collection, question.order
        if order in (GalleryOrder.SUSPECT, GalleryOrder.SUGGESTED):
            self._suspects.rank(
                snapshot, on_progress=on_progress
            )  # follows the reviews, before their revision is asked
        make: Mapping[GalleryOrder, Callable[[], Floats]] = {
            GalleryOrder.SUSPECT: lambda: self._suspects.rank(snapshot).columns.score.astype(np.float64),
            GalleryOrder.SUGGESTED: lambda: self._suggested(snapshot),
            GalleryOrder.CLASS: lambda: _rank_values(snapshot, PayloadField.CLASS_NAME),
            GalleryOrder.DATASET: lambda: _rank_values(snapshot, PayloadField.DATASET),
            GalleryOrder.FILE: lambda: self._read_sides(snapshot).names,
            GalleryOrder.SIZE: lambda: self._read_sides(snapshot).sizes_px,
            GalleryOrder.OUTLIER: lambda: outlier_columns(
                self._insights.moment(snapshot, on_progress=on_progress)
            ).score.astype(np.float64),
            GalleryOrder.SIMILARITY: lambda: _similarities(snapshot, question),
            GalleryOrder.REVIEW: lambda: _rank_states(self._facets.review_states(snapshot)),
            GalleryOrder.TAGS: lambda: _rank_texts(
                [", ".join(tags) if tags else "" for tags in snapshot.fields[PayloadField.TAGS]]
            ),
            GalleryOrder.UPDATED: lambda: snapshot.edited_at,
        }
        examples = (question.examples, question.counter_examples) if order is GalleryOrder.SIMILARITY else ()
        revision = (snapshot.key, collection.review_revision)
        return self._ranks.get((collection.name, order, examples), revision, make[order])

    def _suggested(self, snapshot: Snapshot) -> Floats:
        """Places of the suggested classes among the classes; nan for none."""
        ranked = self._suspects.rank(snapshot).columns
        return np.where(ranked.suggested < 0, np.nan, ranked.suggested)

    def _read_sides(self, snapshot: Snapshot) -> _Sides:
        """Sizes and file names of all points, read once per snapshot.

        Raises:
            SnapshotOutdatedError: Points were written since.
        """

        def read() -> _Sides:
            found = snapshot.collection.read_columns(_SIZE_FIELDS, where=PointFilter(has_embedding=True))
            snapshot.require_newest()
            boxes, sizes, names = (found.fields[field] for field in _SIZE_FIELDS)
            is_image = snapshot.fields[PayloadField.INSTANCE] == InstanceKind.IMAGE.value
            areas = [
                _area(None if whole else box, size) for whole, box, size in zip(is_image, boxes, sizes, strict=True)
            ]
            return _Sides(np.array(areas, np.float64), _rank_texts([name or "" for name in names]))

        return self._sides.get(snapshot.collection.name, snapshot.key, read)


def _area(box: list[int] | None, size_hw: list[int] | None) -> float:
    """Area of a box, or else of an image, in px; nan if neither is known."""
    if box is not None:
        left, top, right, bottom = box
        return float((right - left) * (bottom - top))
    return float("nan") if size_hw is None else float(size_hw[0] * size_hw[1])


def _rank_values(snapshot: Snapshot, field: PayloadField) -> Floats:
    """Places of a field's values in their order; nan for points without the field."""
    column = snapshot.values(field)
    places = np.array([np.nan if value == "" else place for place, value in enumerate(column.values)], np.float64)
    return places[column.numbers]


def _rank_texts(texts: list[str]) -> Floats:
    """Places of texts in their order; nan for empty ones."""
    known, numbers = np.unique(np.array(texts, dtype=object).astype(str), return_inverse=True)
    places = np.where(known == "", np.nan, np.arange(len(known), dtype=np.float64))
    return places[numbers]


def _rank_states(states: npt.NDArray[np.int8]) -> Floats:
    """Places of review states, positions in ``STATES``; nan for points that nobody judged."""
    places = [_ORDERED_STATES.index(state) if state in _ORDERED_STATES else np.nan for state in STATES]
    return np.array(places, np.float64)[states]


def _similarities(snapshot: Snapshot, question: GalleryQuestion) -> Floats:
    """Cosine of each point to the direction of the examples."""
    embeddings = snapshot.embeddings()
    examples, others = (
        _embeddings_of(snapshot, embeddings, ids) for ids in (question.examples, question.counter_examples)
    )
    direction = mean_direction(examples, others)
    return np.asarray(embeddings @ (direction / np.linalg.norm(direction)), dtype=np.float64)


def _embeddings_of(snapshot: Snapshot, embeddings: Embeddings, ids: tuple[str, ...]) -> Embeddings:
    rows = snapshot.rows_of(ids)
    for point_id, row in zip(ids, rows, strict=True):
        if row < 0:
            raise PointNotFoundError(f"collection '{snapshot.collection.name}' has no embedded point '{point_id}'")
    return embeddings[rows]


def _known(value: np.floating | float) -> float | None:
    return None if np.isnan(value) else float(value)
