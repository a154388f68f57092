"""The reviews that stand, kept in memory; after a verdict only the points that it was about are read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.collection.revision_cache import RevisionCache
from indexer.payload import PayloadField
from indexer.reviews.review import Review, read_reviews
from indexer.stores.base import Collection


@dataclass(frozen=True, slots=True)
class _Known:
    """Reviews by point id, and revisions of their collection that were read before them."""

    revision: str
    review_revision: str
    reviews: Mapping[str, Review]


class StandingReviews:
    """The reviews that stand in collections; safe for several threads."""

    def __init__(self) -> None:
        self._known = RevisionCache(max_entries=16)

    def of(self, collection: Collection) -> Mapping[str, Review]:
        """The reviews that stand with a collection's points, by point id; not to be written to."""
        revision, review_revision = collection.revision, collection.review_revision

        def advance(earlier: _Known | None) -> _Known:
            reviews = None if earlier is None or earlier.revision != revision else _follow(collection, earlier)
            return _Known(revision, review_revision, read_reviews(collection) if reviews is None else reviews)

        return self._known.follow(collection.name, (revision, review_revision), advance).reviews


def _follow(collection: Collection, known: _Known) -> Mapping[str, Review] | None:
    """The reviews by now, from those of before; None if it is not known what changed since."""
    changed = collection.reviewed_since(known.review_revision)
    if changed is None:
        return None
    reviews = {point_id: review for point_id, review in known.reviews.items() if point_id not in changed}
    points = collection.retrieve(sorted(changed))
    return reviews | {point.id: Review.from_point(point) for point in points if PayloadField.REVIEW in point.payload}
