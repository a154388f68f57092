"""Points and classes found by what they are called: file name, id, class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.collection.collections import Collections
from indexer.collection.revision_cache import RevisionCache
from indexer.domain import Point, PointFilter
from indexer.payload import PayloadField
from indexer.stores.base import Collection

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
        classes: Class -> points, the first so many; those that begin with the text first.
        points: The first points whose file name or id fits; exact ones first, then those that begin with the text.
        n_classes: How many classes fit in all.
        n_points: How many points fit in all.
    """

    classes: dict[str, int]
    points: list[Point]
    n_classes: int
    n_points: int


@dataclass(frozen=True, slots=True)
class _ImageNames:
    """The image names of the embedded points.

    Attributes:
        ids: Unicode array (N,), ascending.
        names: Names, each once, in lower case.
        numbers: int64 (N,), which name a point has.
    """

    ids: npt.NDArray[np.str_]
    names: Sequence[str]
    numbers: npt.NDArray[np.int64]


class Finding:
    """Finds by name; the names of a collection are read once for each of its revisions.

    Args:
        collections: Where the points are.
    """

    def __init__(self, collections: Collections) -> None:
        self._collections = collections
        self._names = RevisionCache(_MAX_COLLECTIONS)

    def find(self, name: str | None, text: str, *, limit: int) -> Found:
        """Find classes and points by a text, in whatever case.

        Args:
            name: Name of the collection, None for the only one.
            text: A part of a file name or of a class, or the beginning of an id.
            limit: Most points shown.
        """
        wanted = text.strip().casefold()
        described = self._collections.describe(name)
        if not wanted:
            return Found({}, [], 0, 0)
        classes = {one: count for one, count in described.classes.items() if wanted in one.casefold() and one}
        ordered = sorted(classes, key=lambda one: (_rank(one.casefold(), wanted), -classes[one], one))[:_MAX_CLASSES]
        ids = self._find_ids(name, wanted)
        shown = self._collections.open(name).retrieve([str(one) for one in ids[:limit]])
        return Found({one: classes[one] for one in ordered}, shown, len(classes), len(ids))

    def _find_ids(self, name: str | None, wanted: str) -> npt.NDArray[np.str_]:
        known = self._image_names(name)
        ranks = np.array([_rank(one, wanted) for one in known.names], dtype=np.int64)
        of_points = ranks[known.numbers]
        if _ID.fullmatch(wanted):
            first = int(np.searchsorted(known.ids, wanted))
            after = int(np.searchsorted(known.ids, f"{wanted}~"))
            of_points[first:after] = _EXACT if len(wanted) == _ID_CHARS else _BEGINS
        rows = np.flatnonzero(of_points < _NO_RANK)
        order = np.lexsort((known.numbers[rows], of_points[rows]))
        return known.ids[rows[order]]

    def _image_names(self, name: str | None) -> _ImageNames:
        collection = self._collections.open(name)
        return self._names.get(collection.name, collection.revision, lambda: _read_names(collection))


def _read_names(collection: Collection) -> _ImageNames:
    columns = collection.read_columns([PayloadField.IMAGE_NAME], where=_EMBEDDED)
    given = [str(name or "").casefold() for name in columns.fields[PayloadField.IMAGE_NAME]]
    names, numbers = np.unique(np.array(given, dtype=np.object_), return_inverse=True)
    return _ImageNames(columns.ids, names.tolist(), numbers.astype(np.int64))


def _rank(name: str, wanted: str) -> int:
    if wanted not in name:
        return _NO_RANK
    if name == wanted or name.rpartition("/")[2].partition(".")[0] == wanted:
        return _EXACT
    return _BEGINS if name.startswith(wanted) else _CONTAINS
