"""Points whose object got another id: they go with their vectors and verdicts, so that nothing is embedded again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexer.domain import Point
from indexer.payload import PayloadField
from indexer.stores.base import Collection

_POINTS_PER_WRITE = 512


@dataclass(frozen=True, slots=True)
class PointMove:
    """A point that gets another id.

    Attributes:
        before: Its id.
        after: The id that it gets.
        object_key: The key that its object has now.
    """

    before: str
    after: str
    object_key: str


def move_points(collections: Iterable[Collection], moves: Sequence[PointMove]) -> None:
    """Give points of every collection another id; a point that is not there, or went already, is left out.

    The new point is written before the old one is deleted, so that a kill loses nothing.
    """
    for collection in collections:
        for start in range(0, len(moves), _POINTS_PER_WRITE):
            _move(collection, {move.before: move for move in moves[start : start + _POINTS_PER_WRITE]})


def _move(collection: Collection, moves: Mapping[str, PointMove]) -> None:
    found = collection.retrieve(list(moves), with_embeddings=True)
    points = []
    for point in found:
        move = moves[point.id]
        payload = {**point.payload, PayloadField.OBJECT_KEY.value: move.object_key}
        points.append(Point(move.after, payload, point.embedding))
    if points:
        collection.upsert(points)
        collection.delete([point.id for point in found])
