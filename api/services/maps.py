"""Projections as maps: the binary map, its columns, and which point is in which row."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from api.services.map_blocks import (
    GONE,
    NO_SCORE,
    NOWHERE,
    UInt8s,
    UInt16s,
    pack_map,
    pack_positions,
    quantise_scores,
    scale_to_square,
    shuffle_rows,
)
from api.services.map_columns import find_places, number_classes
from api.services.points import to_point_model, to_scores, to_selection
from indexer.collection.collections import Collections
from indexer.collection.revision_cache import RevisionCache
from indexer.collection.snapshot import Snapshot
from indexer.errors import InvalidOptionsError, ProjectionError, SnapshotOutdatedError
from indexer.insights.facets import Facets
from indexer.insights.suspects.suspects import Suspects
from indexer.maps.archive import ProjectionHeader, StoredProjection
from indexer.maps.maps import Maps, is_map_of
from indexer.payload import PayloadField
from lookalike.errors import UnknownPathNameError
from lookalike.wire.base import CountedName
from lookalike.wire.maps import MapRow, ProjectionInfo, RowOfPoint
from lookalike.wire.selections import FilterModel

_ID_BYTES: Final = "S36"  # a quarter of what numpy's text takes
_NEVER_CHANGES: Final = "the rows of a projection are fixed when it is made"


@dataclass(frozen=True, slots=True)
class MapRows:
    """The part of a map that never changes, in row order.

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
    """The part of a map that changes with the collection, in row order.

    Attributes:
        numbers: uint16 (N,), class numbers, ``GONE`` for deleted points.
        counts: What the numbers mean, most frequent first.
        is_current: Whether the map shows exactly the collection's points, none embedded anew since.
    """

    numbers: UInt16s
    counts: list[CountedName]
    is_current: bool


@dataclass(frozen=True, slots=True)
class MapVersion:
    """Changes whenever the bytes of a map do.

    Attributes:
        numbering: Short text, equal only if the class numbers mean the same.
        state: Short text, equal only if all else is equal, too.
    """

    numbering: str
    state: str

    def __str__(self) -> str:
        return f"{self.numbering}-{self.state}"

    def has_numbering_of(self, other: str) -> bool:
        """Whether class numbers mean what they mean in the version ``other``; text of another form claims nothing."""
        numbering, separator, _ = other.partition("-")
        return not separator or numbering == self.numbering


@dataclass(frozen=True, slots=True)
class PackedMap:
    """A binary map as it is sent.

    Attributes:
        body: See ``lookalike.wire``.
        version: What ``ProjectionInfo.version`` calls these bytes; None if reviews changed in the meantime.
    """

    body: bytes
    version: str | None


class ProjectionMaps:
    """The projections of a workspace as maps; each answer is about one snapshot.

    Args:
        collections: Where snapshots come from.
        suspects: Scores of points.
        maps: The projections.
        facets: Which points fit a filter.
    """

    def __init__(self, collections: Collections, suspects: Suspects, maps: Maps, facets: Facets) -> None:
        self._collections, self._suspects, self._maps, self._facets = collections, suspects, maps, facets
        self._places = RevisionCache(max_entries=4)
        self._rows = RevisionCache(max_entries=8)
        self._classes = RevisionCache(max_entries=8)
        self._packed = RevisionCache(max_entries=4)

    def infos(self, collection: str) -> list[ProjectionInfo]:
        """All projections of a collection, newest first; one that is replaced meanwhile is left out."""
        known, found = self._maps.ids(collection), []
        if not known:
            return []  # nothing to read points for
        snapshot = self._collections.snapshot(collection)
        for projection_id in known:
            with contextlib.suppress(UnknownPathNameError):
                found.append(self._describe(snapshot, projection_id))
        return found

    def info(self, collection: str, projection_id: str) -> ProjectionInfo:
        """One projection.

        Raises:
            UnknownPathNameError: There is none of that id.
        """
        self.rows(collection, projection_id)  # a wrong id is refused before anything is read
        return self._describe(self._collections.snapshot(collection), projection_id)

    def _describe(self, snapshot: Snapshot, projection_id: str) -> ProjectionInfo:
        rows = self.rows(snapshot.collection.name, projection_id)
        header, classes = rows.header, self._classes_of(snapshot, projection_id)
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
            version=str(self._version_of(snapshot, projection_id)),
            has_scores=self._suspects.is_fitted(snapshot),
            seed=header.seed,
            revision=header.revision,
            parameters=dict(header.parameters),
            mean_trust=rows.mean_trust,
        )

    def rows(self, collection: str, projection_id: str) -> MapRows:
        """Which point is in which row, and where.

        Raises:
            UnknownPathNameError: There is no such projection.
        """
        self._require(collection, projection_id)  # asked every time: a newer map may have taken its place
        question = (collection, projection_id)
        return self._rows.get(question, _NEVER_CHANGES, lambda: self._load(collection, projection_id))

    def packed_map(self, collection: str, projection_id: str, version: str | None = None) -> PackedMap:
        """The binary map; never waits for suspect scores.

        Args:
            collection: Name of the collection.
            projection_id: Id of the projection.
            version: The version that the caller knows, whose class numbers it will read.

        Raises:
            UnknownPathNameError: There is no such projection.
            SnapshotOutdatedError: Class numbers mean something else than in the caller's version.
        """
        self.rows(collection, projection_id)
        snapshot = self._collections.snapshot(collection)
        now = self._version_of(snapshot, projection_id)
        if version is not None and not now.has_numbering_of(version):
            raise SnapshotOutdatedError(collection)
        body: bytes = self._packed.get(
            (collection, projection_id), (now, snapshot.key), lambda: self._pack(snapshot, projection_id)
        )
        # If reviews changed while the map was packed, the bytes belong to neither version for sure.
        is_settled = now == self._version_of(snapshot, projection_id)
        return PackedMap(body, str(now) if is_settled else None)

    def match_bits(self, collection: str, projection_id: str, wanted: FilterModel) -> bytes:
        """Which rows fit a filter, one bit each, the lowest bit of a byte first; a deleted point fits none.

        Raises:
            UnknownPathNameError: There is no such projection.
            UnknownNameError, PointNotFoundError: The filter names what is not there.
        """
        self.rows(collection, projection_id)
        selection, scores = to_selection(wanted), to_scores(wanted)

        def answer(snapshot: Snapshot) -> bytes:
            places = self.places_of(snapshot, projection_id)
            fits = np.append(self._facets.rows(snapshot, selection, scores), False)  # -1, for a deleted point, fits not
            return np.packbits(fits[places], bitorder="little").tobytes()

        return self._facets.ask(collection, scores, answer)

    def places_of(self, snapshot: Snapshot, projection_id: str) -> npt.NDArray[np.int64]:
        """The snapshot's row of each of a map's points, int64 (N,); -1 for those that it does not have.

        Raises:
            UnknownPathNameError: There is no such projection.
        """
        name = snapshot.collection.name
        rows = self.rows(name, projection_id)
        return self._places.get((name, projection_id), snapshot.key, lambda: _find_rows(rows, snapshot.points.ids))

    def class_numbers(self, snapshot: Snapshot, projection_id: str) -> UInt16s:
        """The number of each row's class, uint16 (N,), most frequent first; ``GONE`` for deleted points."""
        return self._classes_of(snapshot, projection_id).numbers

    def points_of_rows(self, collection: str, projection_id: str, rows: Sequence[int]) -> list[MapRow]:
        """The points of some rows; rows of deleted points are left out.

        Raises:
            UnknownPathNameError: There is no such projection.
            InvalidOptionsError: There is no such row.
        """
        ids = {row: self.id_of_row(collection, projection_id, row) for row in rows}
        found = {point.id: point for point in self._collections.open(collection).retrieve(list(ids.values()))}
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
            ids: Of the length of a uuid each, as ``lookalike.wire.base.PointId`` makes sure.

        Raises:
            UnknownPathNameError: There is no such projection.
        """
        rows = self.rows(collection, projection_id)
        wanted = np.array([point_id.encode() for point_id in ids], dtype=_ID_BYTES)
        found = find_places(wanted, rows.ids, ascending=rows.by_id)
        return [RowOfPoint(row=int(row), id=point_id) for point_id, row in zip(ids, found, strict=True) if row >= 0]

    def positions_of_rows(self, collection: str, projection_id: str, other: tuple[str, str]) -> bytes:
        """Where a map has the points of another one, row by row the other.

        Args:
            collection: Name of the collection.
            projection_id: Which of its projections says where points are.
            other: Collection and projection that say which points are asked for.

        Raises:
            UnknownPathNameError: There is no such projection.
        """
        rows = self.rows(collection, projection_id)
        places = _find_rows(self.rows(*other), rows.ids, ascending=rows.by_id)
        is_more = self.places_of(self._collections.snapshot(collection), projection_id) >= 0  # a deleted point is none
        is_more[places[places >= 0]] = False
        nowhere = np.full((1, 2), NOWHERE, np.uint16)
        return pack_positions(np.concatenate([rows.positions, nowhere])[places], int(is_more.sum()))

    def renumbering(self, collection: str, projection_id: str, other_id: str) -> bytes:
        """The row that a map has for each row of another map of its collection, int32; -1 for points that it lacks.

        Raises:
            UnknownPathNameError: There is no such projection.
        """
        rows = self.rows(collection, projection_id)
        places = _find_rows(self.rows(collection, other_id), rows.ids, ascending=rows.by_id)
        return places.astype("<i4").tobytes()

    def _require(self, collection: str, projection_id: str) -> None:
        known = self._maps.ids(collection)
        if projection_id not in known:
            raise UnknownPathNameError("projection", projection_id, known)

    def _read(self, collection: str, projection_id: str) -> StoredProjection:
        try:
            return self._maps.read(collection, projection_id)
        except ProjectionError:
            self._require(collection, projection_id)  # replaced since its id was looked up
            raise

    def _load(self, collection: str, projection_id: str) -> MapRows:
        stored = self._read(collection, projection_id)
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

    def _version_of(self, snapshot: Snapshot, projection_id: str) -> MapVersion:
        names = [counted.name for counted in self._classes_of(snapshot, projection_id).counts]
        # Reviews change scores and nothing else.
        reviews = snapshot.collection.review_revision
        state = (projection_id, snapshot.revision, reviews, self._suspects.is_fitted(snapshot))
        return MapVersion(_hash(names), _hash(state))

    def _classes_of(self, snapshot: Snapshot, projection_id: str) -> MapClasses:
        question = (snapshot.collection.name, projection_id)
        return self._classes.get(question, snapshot.key, lambda: self._number_classes(snapshot, projection_id))

    def _number_classes(self, snapshot: Snapshot, projection_id: str) -> MapClasses:
        name = snapshot.collection.name
        places = self.places_of(snapshot, projection_id)
        is_there = places >= 0
        numbers = np.full(len(places), GONE, np.uint16)
        names = snapshot.fields[PayloadField.CLASS_NAME][places[is_there]]
        numbers[is_there], counts = number_classes(names)
        return MapClasses(numbers, counts, is_map_of(self._read(name, projection_id), snapshot))

    def _row_scores(self, snapshot: Snapshot, projection_id: str) -> UInt8s:
        ranked = self._suspects.rank(snapshot).columns
        places = self.places_of(snapshot, projection_id)
        row_scores = np.full(len(places), NO_SCORE, np.uint8)
        row_scores[places >= 0] = quantise_scores(ranked.score)[places[places >= 0]]
        return row_scores

    def _pack(self, snapshot: Snapshot, projection_id: str) -> bytes:
        rows = self.rows(snapshot.collection.name, projection_id)
        classes = self._classes_of(snapshot, projection_id)
        if self._suspects.is_fitted(snapshot):
            scores = self._row_scores(snapshot, projection_id)
        else:
            scores = np.full(len(rows.ids), NO_SCORE, np.uint8)
        return pack_map(rows.positions, classes.numbers, scores, n_classes=len(classes.counts))


def _hash(value: object) -> str:
    return hashlib.blake2b(repr(value).encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()


def _find_rows(
    rows: MapRows, ids: npt.NDArray[np.bytes_], *, ascending: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.int64]:
    """The place of each of a map's points in ``ids``, as ``find_places`` tells it, int64 (N,); -1 for none."""
    places = np.empty(len(rows.ids), np.int64)
    # Asked in ascending order, a million ids take 0.3 s; in row order, which jumps about in memory, ten times that.
    places[rows.by_id] = find_places(rows.ids[rows.by_id], ids, ascending=ascending)
    return places
