"""The review that an undo takes back, with those of its group."""

from __future__ import annotations

from typing import Final

from indexer.errors import InvalidOptionsError
from indexer.reviews.log import ReviewHistory
from indexer.reviews.review import Review

_ENDED: Final = "it was taken back, or its point changed or is gone"


def find_undoable(history: ReviewHistory, review_id: str | None, standing: set[str]) -> Review:
    """The review of that id, or the last that stands, if it can be taken back."""
    if review_id is None:
        review_id = next((known for known in reversed(history.reviews) if known in standing), None)
        if review_id is None:
            raise InvalidOptionsError("no review stands that could be taken back")
    review = history.reviews.get(review_id)
    if review is None:
        raise InvalidOptionsError(f"no review '{review_id}'; 'lookalike reviews list' shows them")
    if review_id not in standing:
        later = history.standing.get(review.point_id)
        reason = f"review '{later}' of the same point came after it" if later not in (None, review_id) else _ENDED
        raise InvalidOptionsError(f"review '{review_id}' does not stand any more: {reason}")
    if review_id in history.runs:
        run = history.runs[review_id]
        raise InvalidOptionsError(
            f"review '{review_id}' was written to its source; 'lookalike reviews undo --applied {run}' first"
        )
    return review


def find_others(review: Review, history: ReviewHistory, standing: set[str]) -> list[Review]:
    """The other reviews of the same entry that can be taken back."""
    if review.entry is None:
        return []
    return [
        one
        for one in history.reviews.values()
        if one.entry == review.entry and one.id != review.id and one.id in standing and one.id not in history.runs
    ]
