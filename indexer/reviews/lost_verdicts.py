"""Verdicts that points have lost, or that were taken back meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from indexer.payload import PayloadField
from indexer.reviews.log import ReviewHistory
from indexer.reviews.review import Review
from indexer.stores.base import Collection

_POINTS_PER_READ: Final = 1024


def find_lost(collection: Collection, history: ReviewHistory, point_ids: Iterable[str]) -> dict[str, Review | None]:
    """Find points whose payload differs from what the log says stands: id -> the review they should have.

    A review of another log is left alone.
    """
    lost: dict[str, Review | None] = {}
    ids = iter(point_ids)
    while batch := list(islice(ids, _POINTS_PER_READ)):
        for point in collection.retrieve(batch):
            stored = (point.payload.get(PayloadField.REVIEW) or {}).get("id")
            review = history.find_due(point.id)
            if review is not None and not review.is_about(point.payload):
                review = None
            is_foreign = stored is not None and stored not in history.reviews
            if not is_foreign and stored != (review and review.id):
                lost[point.id] = review
    return lost
