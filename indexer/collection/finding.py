"""Points and classes found by what they are called: file name, id, class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from indexer.collection.revision_cache import RevisionCache
from indexer.collection.selections import Mask
from indexer.collection.snapshot import Rows, Snapshot
from indexer.domain import Point, PointFilter
from indexer.errors import SnapshotOutdatedError
from indexer.payload import PayloadField

_ID_CHARS: Final = 36
_ID: Final = re.compile(r"[0-9a-f]{4}[0-9a-f-]{0,32}")
_MAX_CLASSES: Final = 50
_MAX_COLLECTIONS: Final = 4
_EMBEDDED: Final = PointFilter(has_embedding=True)
_EXACT, _BEGINS, _CONTAINS, _NO_RANK = range(4)


@dataclass(frozen=True, slots=True)
class Found:
    """Classes and points that fit a text.

    Attributes:
        classes: Class -> points that are searched, the first so many; those that begin with the text first.
        points: The first points whose file name or id fits; exact ones first, then those that begin with the text.
        n_classes: How many classes of searched points fit in all.
        n_points: How many searched points fit in all.
        n_classes_outside: How many other classes fit.
        n_points_outside: How many other points fit.
    """

    classes: dict[str, int]
    points: list[Point]
    n_classes: int
    n_points: int
    n_classes_outside: int
    n_points_outside: int


@dataclass(frozen=True, slots=True)
class _ImageNames:
    """The image names of a snapshot.

    Attributes:
        names: Names, each once, in lower case.
        numbers: int64 (N,), which name a row has.
    """

    names: Sequence[str]
    numbers: Rows


class Finding:
    """Finds by name; the names of a snapshot are read once."""

    def __init__(self) -> None:
        self._names = RevisionCache(_MAX_COLLECTIONS)

    def find(self, snapshot: Snapshot, text: str, *, is_searched: Mask, limit: int) -> Found:
        """Find classes and points by a text, in whatever case.

        Args:
            snapshot: The points of a collection.
            text: A part of a file name or of a class, or the beginning of an id.
            is_searched: bool (N,), the rows to find; others that fit are counted.
            limit: Most points shown.

        Raises:
            SnapshotOutdatedError: Points were written since.
        """
        wanted = text.strip().casefold()
        if not wanted:
            return Found({}, [], 0, 0, 0, 0)
        counts = snapshot.values(PayloadField.CLASS_NAME).count(is_searched)
        fitting = {one: count for one, count in counts.items() if one and wanted in one.casefold()}
        classes = {one: count for one, count in fitting.items() if count}
        ordered = sorted(classes, key=lambda one: (_rank(one.casefold(), wanted), -classes[one], one))[:_MAX_CLASSES]
        known = self._names.get(snapshot.collection.name, snapshot.key, lambda: _read_names(snapshot))
        found = _find_rows(snapshot, known, wanted)
        rows = found[is_searched[found]]
        return Found(
            classes={one: classes[one] for one in ordered},
            points=snapshot.show(rows[:limit]),
            n_classes=len(classes),
            n_points=len(rows),
            n_classes_outside=len(fitting) - len(classes),
            n_points_outside=len(found) - len(rows),
        )


def _read_names(snapshot: Snapshot) -> _ImageNames:
    """The names of all rows; points that came since have none here.

    Raises:
        SnapshotOutdatedError: A point is gone since.
    """
    columns = snapshot.collection.read_columns([PayloadField.IMAGE_NAME], where=_EMBEDDED)
    given = [str(name or "").casefold() for name in columns.fields[PayloadField.IMAGE_NAME]]
    names, numbers = np.unique(np.array(given, dtype=np.object_), return_inverse=True)
    if not np.array_equal(columns.ids, snapshot.ids):
        rows = snapshot.rows_of(columns.ids.tolist())
        is_known = rows >= 0
        if np.count_nonzero(is_known) < len(snapshot):
            raise SnapshotOutdatedError(snapshot.collection.name)
        numbers = numbers[is_known]  # both are in the order of ids
    return _ImageNames(names.tolist(), numbers.astype(np.int64))


def _find_rows(snapshot: Snapshot, known: _ImageNames, wanted: str) -> Rows:
    """The rows whose file name or id fits, the best first."""
    ranks = np.array([_rank(one, wanted) for one in known.names], dtype=np.int64)
    of_rows = ranks[known.numbers]
    if _ID.fullmatch(wanted):
        first = int(np.searchsorted(snapshot.ids, wanted))
        after = int(np.searchsorted(snapshot.ids, f"{wanted}~"))
        of_rows[first:after] = _EXACT if len(wanted) == _ID_CHARS else _BEGINS
    rows = np.flatnonzero(of_rows < _NO_RANK)
    return rows[np.lexsort((known.numbers[rows], of_rows[rows]))]


def _rank(name: str, wanted: str) -> int:
    if wanted not in name:
        return _NO_RANK
    if name == wanted or name.rpartition("/")[2].partition(".")[0] == wanted:
        return _EXACT
    return _BEGINS if name.startswith(wanted) else _CONTAINS
