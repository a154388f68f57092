"""Data sets of a Supervisely project: a path for each, though the server's names repeat and may hold ``/``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from indexer.sources.supervisely_answers import Row


class Dataset(NamedTuple):
    """A data set.

    Attributes:
        id: The server's id.
        path: Names from the top, joined by ``/``; no two are equal.
        parent_id: The data set that it lies in.
        n_images: How many images it holds, as the server counts.
    """

    id: int
    path: str
    parent_id: int | None
    n_images: int | None


def read_datasets(rows: Mapping[int, Row]) -> dict[int, Dataset]:
    """The data sets of a list by id, sorted by path.

    A ``/`` within a name becomes ``%2F``. Where paths are equal all the same, each gets its id: ``cam #22``.
    """
    paths = {row_id: "/".join(_names_from_top(row_id, rows)) for row_id in rows}
    times = Counter(paths.values())
    found = [
        Dataset(
            row_id,
            paths[row_id] if times[paths[row_id]] == 1 else f"{paths[row_id]} #{row_id}",
            _parent_of(row),
            count_of(row, "imagesCount", "itemsCount"),
        )
        for row_id, row in rows.items()
    ]
    return {one.id: one for one in sorted(found, key=lambda one: (one.path, one.id))}


def select_below(datasets: Mapping[int, Dataset], root_id: int) -> list[int]:
    """A data set and those nested in it, by id."""
    wanted = {root_id}
    while below := {one.id for one in datasets.values() if one.parent_id in wanted} - wanted:
        wanted |= below
    return [one for one in datasets if one in wanted]


def count_of(row: Row, *names: str) -> int | None:
    """The first count that a row has under one of the names; servers write counts as numbers or as texts."""
    for name in names:
        try:
            return int(row[name])
        except (KeyError, TypeError, ValueError):
            continue
    return None


def _names_from_top(row_id: int, rows: Mapping[int, Row]) -> Sequence[str]:
    names: list[str] = []
    above: int | None = row_id
    seen: set[int] = set()
    while above is not None and above in rows and above not in seen:
        seen.add(above)
        name = str(rows[above].get("name"))
        names.append(name.replace("%2F", "%252F").replace("/", "%2F"))
        above = _parent_of(rows[above])
    return names[::-1]


def _parent_of(row: Row) -> int | None:
    return count_of(row, "parentId")
