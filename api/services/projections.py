"""Projections as maps: the binary map, its columns, and which point is in which row."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from api.errors import UnknownPathNameError
from api.schemas import CountedName, MapRow, ProjectionInfo, RowOfPoint
from api.services.map_blocks import (
    GONE,
    NO_SCORE,
    UInt8s,
    UInt16s,
    pack_map,
    quantise_scores,
    scale_to_square,
    shuffle_rows,
)
from api.services.map_columns import find_places, number_classes
from api.services.points import to_point_model
from indexer.column_cache import RevisionCache
from indexer.errors import InvalidOptionsError
from indexer.payload import PayloadField
from indexer.projections.archive import ProjectionHeader
from indexer.workspace import Workspace

_ID_BYTES: Final = "S36"  # a quarter of what numpy's text takes
_NEVER_CHANGES: Final = "the rows of a projection are fixed when it is made"


@dataclass(frozen=True, slots=True)
class MapRows:
    """What never changes of a map, in row order.

    Attributes:
        header: How the projection came about.
        ids: Bytes (N,), the point of each row.
        by_id: int64 (N,), rows in ascending order of id.
        positions: uint16 (N, 2).
        trust: float32 (N,), share of true neighbors kept; nan where it was not measured.
        mean_trust: Their mean, None where it was not measured.
    """

    header: ProjectionHeader
    ids: npt.NDArray[np.bytes_]
    by_id: npt.NDArray[np.int64]
    positions: UInt16s
    trust: npt.NDArray[np.float32]
    mean_trust: float | None


@dataclass(frozen=True, slots=True)
class MapClasses:
    """What changes of a map with the collection, in row order.

    Attributes:
        numbers: uint16 (N,), class numbers, ``GONE`` for deleted points.
        counts: What the numbers mean, most frequent first.
        is_current: Whether the map shows exactly the collection's points, none embedded anew since.
    """

    numbers: UInt16s
    counts: list[CountedName]
    is_current: bool


@dataclass(frozen=True, slots=True)
class PackedMap:
    """A binary map as it is sent.

    Attributes:
        body: See ``api.schemas``.
        version: What ``ProjectionInfo.version`` calls these bytes; None if points changed in the meantime.
    """

    body: bytes
    version: str | None


class ProjectionMaps:
    """The maps of a workspace's projections.

    Args:
        workspace: Where projections and points are.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._rows = RevisionCache(max_entries=8)
        self._classes = RevisionCache(max_entries=8)
        self._maps = RevisionCache(max_entries=4)

    def infos(self, collection: str) -> list[ProjectionInfo]:
        """All projections of a collection, newest first; one that is replaced meanwhile is left out."""
        found = []
        for projection_id in self._workspace.maps.ids(collection):
            with contextlib.suppress(UnknownPathNameError):
                found.append(self.info(collection, projection_id))
        return found

    def info(self, collection: str, projection_id: str) -> ProjectionInfo:
        """One projection.

        Raises:
            UnknownPathNameError: There is none of that id.
        """
        rows = self.rows(collection, projection_id)
        header = rows.header
        classes = self._classes_of(collection, projection_id)
        return ProjectionInfo(
            id=header.id,
            method=header.method,
            requested_method=header.requested_method,
            metric=header.metric,
            n_points=header.n_points,
            created_at=header.created_at,
            note=header.note or None,
            is_current=classes.is_current,
            classes=classes.counts,
            version=self.version(collection, projection_id),
            has_scores=self.has_scores(collection),
            mean_trust=rows.mean_trust,
        )

    def rows(self, collection: str, projection_id: str) -> MapRows:
        """Which point is in which row, and where.

        Raises:
            UnknownPathNameError: There is no such projection.
        """
        known = self._workspace.maps.ids(collection)
        if projection_id not in known:  # asked every time: a newer map may have taken its place
            raise UnknownPathNameError("projection", projection_id, known)
        question = (collection, projection_id)
        return self._rows.get(question, _NEVER_CHANGES, lambda: self._load(collection, projection_id))

    def version(self, collection: str, projection_id: str) -> str:
        """Short text that changes whenever the bytes of a map do."""
        points = self._workspace.collection(collection)
        # Reviews change scores and nothing else.
        state = repr((projection_id, points.revision, points.review_revision, self.has_scores(collection)))
        return hashlib.blake2b(state.encode(), digest_size=8).hexdigest()

    def has_scores(self, collection: str) -> bool:
        """Whether suspect scores are known without computing them."""
        return self._workspace.insights.has_suspects(collection)

    def packed_map(self, collection: str, projection_id: str) -> PackedMap:
        """The binary map; never waits for suspect scores.

        Raises:
            UnknownPathNameError: There is no such projection.
        """
        question, version = (collection, projection_id), self.version(collection, projection_id)
        body: bytes = self._maps.get(question, version, lambda: self._pack(collection, projection_id))
        # Where points changed while they were packed, the bytes belong to neither version for sure.
        is_settled = version == self.version(collection, projection_id)
        return PackedMap(body, version if is_settled else None)

    def score_bytes(self, collection: str, projection_id: str) -> bytes:
        """The suspect score of each row, one byte each, computed if need be.

        Raises:
            UnknownPathNameError: There is no such projection.
        """
        return self._row_scores(collection, projection_id).tobytes()

    def trust_bytes(self, collection: str, projection_id: str) -> bytes:
        """The trust of each row, one byte each as scores are.

        Raises:
            UnknownPathNameError: There is no such projection.
        """
        return quantise_scores(self.rows(collection, projection_id).trust).tobytes()

    def points_of_rows(self, collection: str, projection_id: str, rows: Sequence[int]) -> list[MapRow]:
        """The points of some rows; rows of deleted points are left out.

        Raises:
            UnknownPathNameError: There is no such projection.
            InvalidOptionsError: There is no such row.
        """
        ids = {row: self.id_of_row(collection, projection_id, row) for row in rows}
        found = {point.id: point for point in self._workspace.collection(collection).retrieve(list(ids.values()))}
        trust = self.rows(collection, projection_id).trust
        return [
            MapRow(
                row=row,
                point=to_point_model(found[point_id], with_shape=False),
                trust=None if np.isnan(trust[row]) else round(float(trust[row]), 4),
            )
            for row, point_id in ids.items()
            if point_id in found
        ]

    def id_of_row(self, collection: str, projection_id: str, row: int) -> str:
        """The id of the point in a row.

        Raises:
            UnknownPathNameError: There is no such projection.
            InvalidOptionsError: There is no such row.
        """
        ids = self.rows(collection, projection_id).ids
        if not 0 <= row < len(ids):
            raise InvalidOptionsError(f"no row {row} in a map of {len(ids)} points; rows start at 0")
        return str(ids[row].decode())

    def rows_of_points(self, collection: str, projection_id: str, ids: Sequence[str]) -> list[RowOfPoint]:
        """The rows of some points; ids that the map does not know are left out.

        Args:
            collection: Name of the collection.
            projection_id: Which of its projections.
            ids: Of the length of a uuid each, as ``api.schemas.PointId`` makes sure.

        Raises:
            UnknownPathNameError: There is no such projection.
        """
        rows = self.rows(collection, projection_id)
        wanted = np.array([point_id.encode() for point_id in ids], dtype=_ID_BYTES)
        found = find_places(wanted, rows.ids, ascending=rows.by_id)
        return [RowOfPoint(row=int(row), id=point_id) for point_id, row in zip(ids, found, strict=True) if row >= 0]

    def _load(self, collection: str, projection_id: str) -> MapRows:
        stored = self._workspace.maps.read(collection, projection_id)
        order = shuffle_rows(stored.header.n_points, projection_id)
        ids = stored.point_ids[order].astype(_ID_BYTES)
        unknown = np.full(stored.header.n_points, np.nan, np.float32)
        return MapRows(
            header=stored.header,
            ids=ids,
            by_id=np.argsort(ids),
            positions=scale_to_square(stored.coordinates[order]),
            trust=unknown if stored.trust is None else stored.trust[order],
            mean_trust=stored.mean_trust,
        )

    def _classes_of(self, collection: str, projection_id: str) -> MapClasses:
        revision = self._workspace.collection(collection).revision
        question = (collection, projection_id)
        return self._classes.get(question, revision, lambda: self._number_classes(collection, projection_id))

    def _number_classes(self, collection: str, projection_id: str) -> MapClasses:
        rows, columns = self.rows(collection, projection_id), self._workspace.columns(collection)
        places = _find_rows(rows, columns.ids)
        is_there = places >= 0
        numbers = np.full(len(places), GONE, np.uint16)
        names = columns.fields[PayloadField.CLASS_NAME][places[is_there]]
        numbers[is_there], counts = number_classes(names)
        return MapClasses(numbers, counts, self._workspace.maps.is_current(collection, projection_id))

    def _row_scores(self, collection: str, projection_id: str) -> UInt8s:
        # Looked up by id, because during a run the points judged need not be those of the newest columns.
        ids, scores = self._workspace.insights.suspect_scores(collection)
        places = _find_rows(self.rows(collection, projection_id), ids)
        row_scores = np.full(len(places), NO_SCORE, np.uint8)
        row_scores[places >= 0] = quantise_scores(scores)[places[places >= 0]]
        return row_scores

    def _pack(self, collection: str, projection_id: str) -> bytes:
        rows, classes = self.rows(collection, projection_id), self._classes_of(collection, projection_id)
        if self.has_scores(collection):
            scores = self._row_scores(collection, projection_id)
        else:
            scores = np.full(len(rows.ids), NO_SCORE, np.uint8)
        return pack_map(rows.positions, classes.numbers, scores, n_classes=len(classes.counts))


def _find_rows(rows: MapRows, ids: npt.NDArray[np.str_]) -> npt.NDArray[np.int64]:
    """Where the points of a map's rows are in ascending ids, int64 (N,); -1 for those that are not."""
    places = np.empty(len(rows.ids), np.int64)
    # Asked in ascending order, a million ids take 0.3 s; in row order, which jumps about in memory, ten times that.
    places[rows.by_id] = find_places(rows.ids[rows.by_id], ids.astype(_ID_BYTES))
    return places
