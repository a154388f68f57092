"""Points between the store and the wire: filters in, wire models out, and listings by page."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from indexer.collection.collections import ATTEMPTS
from indexer.collection.revision_cache import RevisionCache
from indexer.collection.snapshot import narrow
from indexer.domain import Neighbor, Point, PointFilter
from indexer.errors import PointNotFoundError, SnapshotOutdatedError
from indexer.insights.facets import ReviewState, ScoreSpan, choose_reviews
from indexer.payload import PayloadField
from indexer.stores.base import Collection
from lookalike.wire.neighbors import NeighborModel
from lookalike.wire.points import PointModel, PointPage
from lookalike.wire.selections import FilterModel


def to_point_model(point: Point | Neighbor, *, with_shape: bool = True) -> PointModel:
    """A point for the wire; listings leave the shape out, which may be thousands of numbers."""
    payload = point.payload
    box = payload.get(PayloadField.BOX)
    return PointModel(
        id=point.id,
        class_name=payload.get(PayloadField.CLASS_NAME),
        dataset=payload.get(PayloadField.DATASET, ""),
        image_name=payload.get(PayloadField.IMAGE_NAME, ""),
        object_key=payload.get(PayloadField.OBJECT_KEY),
        box=None if box is None else list(box),
        payload={name: value for name, value in payload.items() if with_shape or name != PayloadField.SHAPE},
    )


def to_neighbor_model(neighbor: Neighbor) -> NeighborModel:
    """A neighbor for the wire."""
    return NeighborModel(point=to_point_model(neighbor, with_shape=False), score=neighbor.score)


def to_selection(wanted: FilterModel | None) -> PointFilter:
    """The selection that a request's filter describes but for suspect scores, not yet checked against a collection.

    Routes call ``Services.ask``, which heeds scores, too.
    """
    wanted = wanted or FilterModel()
    lists = {
        PayloadField.CLASS_NAME: wanted.class_name,
        PayloadField.DATASET: wanted.dataset,
        PayloadField.INSTANCE: wanted.instance,
        PayloadField.TAGS: wanted.tags,
        PayloadField.IMAGE_NAME: wanted.image_name,
        PayloadField.ANNOTATED_BY: wanted.annotated_by,
    }
    span = (wanted.updated_after, wanted.updated_before)
    selection = PointFilter(
        equals_any={field.value: tuple(values) for field, values in lists.items() if values is not None},
        ranges={} if span == (None, None) else {PayloadField.OBJECT_UPDATED_AT.value: span},
        ids=None if wanted.ids is None else tuple(wanted.ids),
    )
    if wanted.review is None:
        return selection
    return choose_reviews(selection, tuple(ReviewState(state) for state in wanted.review))


def to_scores(wanted: FilterModel) -> ScoreSpan:
    """The suspect scores that a request's filter accepts."""
    return wanted.score_from, wanted.score_to


def require_point(collection: Collection, point_id: str) -> Point:
    """The point of that id.

    Raises:
        PointNotFoundError: There is none.
    """
    found = collection.retrieve([point_id])
    if not found:
        raise PointNotFoundError(f"no point '{point_id}' in collection '{collection.name}'; it may have been deleted")
    return found[0]


class PointListings:
    """Pages of points; the ids of the listings asked for last are kept, so that paging costs one read."""

    def __init__(self) -> None:
        self._ids = RevisionCache(max_entries=8)

    def page(self, collection: Collection, where: PointFilter, *, offset: int, limit: int) -> PointPage:
        """The points ``offset .. offset + limit`` of those that match, by ascending id.

        Raises:
            SnapshotOutdatedError: Points were written again and again.
        """
        question = (collection.name, repr(where))
        for _ in range(ATTEMPTS):
            ids = self._ids.get(question, collection.revision, lambda: _matching_ids(collection, where))
            wanted = [point_id.decode() for point_id in ids[offset : offset + limit]]
            points = _read_matching(collection, where, wanted)
            if len(points) == len(wanted):
                next_offset = offset + limit if offset + limit < len(ids) else None
                models = [to_point_model(point, with_shape=False) for point in points]
                return PointPage(points=models, next_offset=next_offset, total=len(ids))
            self._ids.forget(question)  # some are gone, or match no more
        raise SnapshotOutdatedError(collection.name)


def _read_matching(collection: Collection, where: PointFilter, ids: list[str]) -> list[Point]:
    """The points among some that match now, by ascending id."""
    if not ids:
        return []
    return [point for page in collection.scroll(narrow(where, ids)) for point in page]


def _matching_ids(collection: Collection, where: PointFilter) -> npt.NDArray[np.bytes_]:
    """Ids as bytes (N,), a quarter of what numpy's text takes."""
    return np.array([point.id for page in collection.scroll(where, fields=()) for point in page], dtype="S36")
