"""Facets: counts of the points of each class, dataset, tag and so on, under a filter.

As in facet search, each facet is counted under all conditions but its own. So its counts tell the result of another
choice there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from indexer.collection.collections import Collections
from indexer.collection.revision_cache import RevisionCache
from indexer.collection.selections import (
    KINDS,
    check_selection_of,
    describe_misfit,
    explain_empty_selection,
    select_rows,
)
from indexer.collection.snapshot import Snapshot
from indexer.domain import PointFilter
from indexer.payload import PayloadField
from indexer.reviews.review import ReviewVerdict
from indexer.reviews.reviews import Reviews

if TYPE_CHECKING:
    from indexer.insights.suspects.suspects import Suspects

T = TypeVar("T")
Mask: TypeAlias = npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.NDArray[np.int8]
ScoreSpan: TypeAlias = tuple[float | None, float | None]
"""Least and greatest suspect score, both included; None for open. No store knows it, so no ``PointFilter`` has it."""

ANY_SCORE: Final[ScoreSpan] = (None, None)
N_BINS: Final = 20
"""Bins of the histogram of suspect scores, which are 0 to 1."""


class ReviewState(StrEnum):
    """States of a point towards the people who review."""

    UNJUDGED = "unjudged"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    SKIPPED = "skipped"


STATES: Final = tuple(ReviewState)
_REVIEW: Final = PayloadField.REVIEW_VERDICT
_SCORE: Final = "score"
_VERDICTS: Final = {
    ReviewState.ACCEPTED: ReviewVerdict.ACCEPT,
    ReviewState.DISMISSED: ReviewVerdict.DISMISS,
    ReviewState.SKIPPED: ReviewVerdict.SKIP,
}
_NUMBERS: Final = {verdict: STATES.index(state) for state, verdict in _VERDICTS.items()}


@dataclass(frozen=True, slots=True)
class EditedSpan:
    """When the labels of some points were last edited.

    Attributes:
        earliest: The earliest edit.
        latest: The latest edit.
        n_known: Points of which it is known.
    """

    earliest: datetime
    latest: datetime
    n_known: int


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Counts of points under a filter; those of a facet leave its own condition out.

    Attributes:
        n_points: Points of the collection.
        n_matching: Points that fit all conditions.
        values: Payload field -> value -> count, most frequent first; values that no point has are there with 0.
        reviews: Review state -> count.
        edited: Times of edit; None if none is known.
        scores: Points per bin of the suspect score, ``N_BINS``; None if scores are not computed yet.
        why_empty: Why no point fits, None if one does.
    """

    n_points: int
    n_matching: int
    values: Mapping[str, Mapping[str, int]]
    reviews: Mapping[ReviewState, int]
    edited: EditedSpan | None
    scores: list[int] | None
    why_empty: str | None


def choose_reviews(selection: PointFilter, states: tuple[ReviewState, ...]) -> PointFilter:
    """Narrow a selection to points in one of some review states."""
    field = PayloadField.REVIEW_VERDICT.value
    if ReviewState.UNJUDGED not in states:
        verdicts = tuple(_VERDICTS[state].value for state in states)
        return replace(selection, equals_any={**selection.equals_any, field: verdicts})
    refused = tuple(verdict.value for state, verdict in _VERDICTS.items() if state not in states)
    return replace(selection, none_of={**selection.none_of, field: refused}) if refused else selection


class Facets:
    """The facets of a workspace's collections.

    Args:
        collections: Where snapshots come from.
        suspects: Scores of points.
        reviews: What people decided.
    """

    def __init__(self, collections: Collections, suspects: Suspects, reviews: Reviews) -> None:
        self._collections, self._suspects, self._reviews = collections, suspects, reviews
        self._states = RevisionCache(max_entries=8)

    def count(self, name: str | None, selection: PointFilter, scores: ScoreSpan = ANY_SCORE) -> FacetCounts:
        """Count the values of every facet under a filter.

        Args:
            name: Name of the collection, None for the only one.
            selection: Conditions on points.
            scores: Suspect scores; anything but ``ANY_SCORE`` has them computed.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
        """
        return self.ask(name, scores, lambda snapshot: self._count(snapshot, selection, scores))

    def rows(self, snapshot: Snapshot, selection: PointFilter, scores: ScoreSpan = ANY_SCORE) -> Mask:
        """Which rows of a snapshot fit; bool (N,).

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
        """
        fits = np.ones(len(snapshot), dtype=np.bool_)
        for one in self._conditions(snapshot, check_selection_of(snapshot, selection), scores).values():
            fits &= one
        return fits

    def select(self, name: str | None, selection: PointFilter, scores: ScoreSpan) -> PointFilter:
        """Put a span of suspect scores into a selection, as the ids of the points that have them.

        Raises:
            UnknownNameError, PointNotFoundError: The selection names what is not there.
        """
        if scores == ANY_SCORE:
            return selection

        def answer(snapshot: Snapshot) -> PointFilter:
            ids = snapshot.ids[self.rows(snapshot, selection, scores)]
            return replace(selection, ids=tuple(ids.tolist()))

        return self.ask(name, scores, answer)

    def review_states(self, snapshot: Snapshot) -> Numbers:
        """The review state of each row, int8 (N,), positions in ``STATES``."""
        collection = snapshot.collection
        self._reviews.follow(collection.name)
        revision = collection.review_revision  # before the reviews: one that comes meanwhile has a newer one

        def read() -> Numbers:
            reviews, states = self._reviews.by_point(collection), np.zeros(len(snapshot), np.int8)
            rows = snapshot.rows_of(list(reviews))
            numbers = np.array([_NUMBERS[review.verdict] for review in reviews.values()], np.int8)
            states[rows[rows >= 0]] = numbers[rows >= 0]
            return states

        return self._states.get(collection.name, (snapshot.key, revision), read)

    def ask(self, name: str | None, scores: ScoreSpan, answer: Callable[[Snapshot], T]) -> T:
        """Answer a question about the points with some suspect scores from one snapshot."""
        needs_fit = scores != ANY_SCORE and not self._suspects.has_model(name)
        return self._collections.ask(name, answer, with_embeddings=needs_fit)

    def _count(self, snapshot: Snapshot, selection: PointFilter, scores: ScoreSpan) -> FacetCounts:
        conditions = self._conditions(snapshot, check_selection_of(snapshot, selection), scores)
        n_missed = np.zeros(len(snapshot), np.int8)
        for fits in conditions.values():
            n_missed += ~fits

        def others(facet: str) -> Mask:
            """Which rows fit all conditions but the facet's own."""
            own = ~conditions[facet] if facet in conditions else np.zeros(len(snapshot), np.bool_)
            return np.equal(n_missed, own)

        n_matching = int(np.count_nonzero(n_missed == 0))
        states = np.bincount(self.review_states(snapshot)[others(_REVIEW)], minlength=len(STATES))
        return FacetCounts(
            n_points=len(snapshot),
            n_matching=n_matching,
            values={field.value: snapshot.values(field).count(others(field)) for field in KINDS},
            reviews=dict(zip(STATES, states.tolist(), strict=True)),
            edited=_find_span(snapshot.edited_at[others(PayloadField.OBJECT_UPDATED_AT)]),
            scores=self._count_scores(snapshot, others(_SCORE)) if self._suspects.is_fitted(snapshot) else None,
            why_empty=None if n_matching else self._explain(snapshot, selection),
        )

    def _conditions(self, snapshot: Snapshot, selection: PointFilter, scores: ScoreSpan) -> dict[str, Mask]:
        """Which rows fit, bool (N,), by the facet that a condition belongs to; those of no facet are one more."""
        found: dict[str, Mask] = {}
        rest = dict(selection.equals_any)
        for field in KINDS:
            if field in rest:
                found[field] = snapshot.values(field).mark(rest.pop(field))
        if _REVIEW in rest or _REVIEW in selection.none_of:
            found[_REVIEW] = self._mark_reviews(snapshot, rest.pop(_REVIEW, None), selection.none_of.get(_REVIEW, ()))
        if PayloadField.OBJECT_UPDATED_AT in selection.ranges:
            only = PointFilter(ranges=selection.ranges, has_embedding=True)
            found[PayloadField.OBJECT_UPDATED_AT] = select_rows(snapshot, only)
        if rest or selection.ids is not None:
            found["rest"] = select_rows(snapshot, PointFilter(equals_any=rest, ids=selection.ids, has_embedding=True))
        if scores != ANY_SCORE:
            found[_SCORE] = _mark_scores(self._suspects.rank(snapshot).columns.score, *scores)
        return found

    def _mark_reviews(self, snapshot: Snapshot, wanted: tuple[str, ...] | None, refused: tuple[str, ...]) -> Mask:
        states = self.review_states(snapshot)
        is_refused = np.isin(states, [_NUMBERS[ReviewVerdict(verdict)] for verdict in refused])
        if wanted is None:
            return ~is_refused
        return np.isin(states, [_NUMBERS[ReviewVerdict(verdict)] for verdict in wanted]) & ~is_refused

    def _count_scores(self, snapshot: Snapshot, is_counted: Mask) -> list[int]:
        found = self._suspects.rank(snapshot).columns.score[is_counted]
        counts: list[int] = np.histogram(found[~np.isnan(found)], bins=N_BINS, range=(0, 1))[0].tolist()
        return counts

    def _explain(self, snapshot: Snapshot, selection: PointFilter) -> str:
        if not len(snapshot):
            return "the collection has no points yet"
        why = explain_empty_selection(self._collections, snapshot.collection.name, selection)
        return why or describe_misfit(len(snapshot))


def _mark_scores(scores: npt.NDArray[np.float32], least: float | None, greatest: float | None) -> Mask:
    """Which scores lie in a span, both ends included; a point without a score lies in none."""
    return (scores >= (least or 0.0)) & (scores <= (1.0 if greatest is None else greatest))


def _find_span(moments: npt.NDArray[np.float64]) -> EditedSpan | None:
    known = moments[~np.isnan(moments)]
    if not len(known):
        return None
    earliest, latest = (datetime.fromtimestamp(float(one), UTC) for one in (known.min(), known.max()))
    return EditedSpan(earliest, latest, len(known))
