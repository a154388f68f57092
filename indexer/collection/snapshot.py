"""One moment of a collection: what every question is answered from.

Ids, fields and embeddings of a snapshot belong together row by row, whatever is written meanwhile. A point's whole
payload is not part of it: that is read from the store and compared. If the point is not what it was, the question is
asked again.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from threading import Lock
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from indexer.collection.embedded_points import EmbeddedPoints
from indexer.collection.value_columns import ValueColumn, read_moments
from indexer.domain import Embeddings, Point, PointColumns, PointFilter
from indexer.errors import SnapshotOutdatedError
from indexer.payload import PayloadField
from indexer.stores.base import Collection

Ids = npt.NDArray[np.str_]
Column = npt.NDArray[np.object_]
Rows = npt.NDArray[np.int64]

COLUMN_FIELDS: Final = (
    PayloadField.ANNOTATED_BY,
    PayloadField.CLASS_NAME,
    PayloadField.DATASET,
    PayloadField.EMBEDDED_AT,
    PayloadField.IMAGE_KEY,
    PayloadField.INSTANCE,
    PayloadField.OBJECT_UPDATED_AT,
    PayloadField.PIXELS_HASH,
    PayloadField.SOURCE_KEY,
    PayloadField.TAGS,
)
"""Payload fields that a snapshot knows of every point."""

_EMBEDDED: Final = PointFilter(has_embedding=True)
_numbers = count()


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All points of a collection that have an embedding, as they were at one moment.

    Attributes:
        collection: The collection, which may have been written to since.
        revision: Its revision when the points were read.
        ids: Unicode array (N,), ascending.
        fields: Each of ``COLUMN_FIELDS`` -> object array (N,), None where a point has no such field.
        key: Different for every snapshot, also for two of one revision. What is computed from a snapshot is kept
            under its key, because rows mean nothing without their ids.
    """

    collection: Collection
    revision: str
    ids: Ids = field(repr=False)
    fields: Mapping[str, Column] = field(repr=False)
    key: Hashable = field(default_factory=lambda: next(_numbers))
    _embeddings: list[Embeddings] = field(default_factory=list, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _values: dict[str, ValueColumn] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, collection: Collection, revision: str, *, with_embeddings: bool = False) -> Self:
        """Read a collection as it is now.

        Args:
            collection: The collection.
            revision: Its revision, asked before: a point that is written meanwhile has a newer one.
            with_embeddings: Whether to read embeddings in the same pass; they can be had later, too.
        """
        columns = collection.read_columns(COLUMN_FIELDS, with_embeddings=with_embeddings, where=_EMBEDDED)
        embeddings = [columns.embeddings] if with_embeddings else []
        return cls(collection, revision, columns.ids, columns.fields, _embeddings=embeddings)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def points(self) -> EmbeddedPoints:
        """Which embedding each point has, row by row."""
        return EmbeddedPoints.of(self.ids, self.fields[PayloadField.EMBEDDED_AT])

    def values(self, name: str) -> ValueColumn:
        """The values of one of ``COLUMN_FIELDS`` as numbers, made once."""
        with self._lock:
            if name not in self._values:
                make = ValueColumn.of_lists if name == PayloadField.TAGS else ValueColumn.of
                self._values[name] = make(self.fields[name])
            return self._values[name]

    @cached_property
    def edited_at(self) -> npt.NDArray[np.float64]:
        """When each label was last edited, float64 (N,), seconds since 1970; nan where that is unknown."""
        return read_moments(self.fields[PayloadField.OBJECT_UPDATED_AT])

    @property
    def has_embeddings(self) -> bool:
        """Whether ``embeddings`` answers at once."""
        return bool(self._embeddings)

    def embeddings(self) -> Embeddings:
        """The embeddings, float32 (N, D), row by row ``ids``; read once.

        Raises:
            SnapshotOutdatedError: They were not read yet and points have come, gone or been embedded anew since.
        """
        with self._lock:
            if not self._embeddings:
                self._embeddings.append(self._read_embeddings())
            return self._embeddings[0]

    def rows_of(self, ids: Sequence[str]) -> Rows:
        """The row of each id, int64 (n,); -1 for an id that is not in the snapshot."""
        return self.points.find_rows(ids)

    def show(self, rows: Sequence[int] | Rows, where: PointFilter | None = None) -> list[Point]:
        """The points of some rows with their whole payload, in that order.

        Args:
            rows: Row numbers, each once.
            where: Conditions by which the rows were chosen, if the snapshot cannot tell them by itself.

        Raises:
            SnapshotOutdatedError: One of the points is gone, is not what it was, or fits the conditions no more.
        """
        ids = [str(self.ids[row]) for row in rows]
        found = {point.id: point.payload for point in self._retrieve(ids, where)}
        for point_id, row in zip(ids, rows, strict=True):
            if point_id not in found or not self._is_row(int(row), found[point_id]):
                raise SnapshotOutdatedError(self.collection.name)
        return [Point(point_id, found[point_id]) for point_id in ids]

    def require_newest(self) -> None:
        """Check that nothing was written since, so that what the store says now is true of the snapshot.

        Raises:
            SnapshotOutdatedError: Something was.
        """
        if self.collection.revision != self.revision:
            raise SnapshotOutdatedError(self.collection.name)

    def require_same(self, columns: PointColumns, rows: Rows) -> None:
        """Check that points read otherwise are the snapshot's.

        Args:
            columns: M points, with ``COLUMN_FIELDS`` among their fields.
            rows: int64, the rows that they should be, in ascending order.

        Raises:
            SnapshotOutdatedError: They are others, or are not what they were.
        """
        is_same = np.array_equal(columns.ids, self.ids[rows]) and all(
            np.array_equal(columns.fields[name], self.fields[name][rows]) for name in COLUMN_FIELDS
        )
        if not is_same:
            raise SnapshotOutdatedError(self.collection.name)

    def _retrieve(self, ids: list[str], where: PointFilter | None) -> list[Point]:
        if where is None or not ids:
            return self.collection.retrieve(ids)
        return [point for page in self.collection.scroll(narrow(where, ids)) for point in page]

    def _is_row(self, row: int, payload: Mapping[str, Any]) -> bool:
        return all(payload.get(name) == self.fields[name][row] for name in COLUMN_FIELDS)

    def _read_embeddings(self) -> Embeddings:
        columns = self.collection.read_columns([PayloadField.EMBEDDED_AT], with_embeddings=True, where=_EMBEDDED)
        later = EmbeddedPoints.of(columns.ids, columns.fields[PayloadField.EMBEDDED_AT])
        # Where a point does not tell when it was embedded, only an equal revision says that it was not embedded anew.
        is_unwritten = np.array_equal(columns.ids, self.ids) and self.collection.revision == self.revision
        if not (later.is_same(self.points) or is_unwritten):
            raise SnapshotOutdatedError(self.collection.name)
        return columns.embeddings


def narrow(where: PointFilter, ids: Sequence[str]) -> PointFilter:
    """The conditions ``where`` on some points; those that it names itself must be among them or not matter."""
    return replace(where, ids=tuple(ids))
