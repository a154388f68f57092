"""Selections: the points that a question is about, as a person says them, checked against the collection.

A selection is a ``PointFilter``. It chooses what is listed, picked or exported; what is known of a point is always
computed from all points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.collection.collections import Collections
from indexer.collection.snapshot import COLUMN_FIELDS, Snapshot
from indexer.domain import PointFilter
from indexer.errors import PointNotFoundError, UnknownNameError
from indexer.payload import PayloadField
from indexer.stores.base import Collection, possible_ids
from lookalike.counting import count_text

Mask = npt.NDArray[np.bool_]

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_ALL = PointFilter(has_embedding=True)

KINDS: Final = {
    PayloadField.CLASS_NAME: "class",
    PayloadField.DATASET: "dataset",
    PayloadField.TAGS: "tag",
    PayloadField.ANNOTATED_BY: "annotator",
}
"""Fields whose values people choose by name, each with the word for one value."""


def check_selection(collections: Collections, name: str | None, selection: PointFilter) -> PointFilter:
    """Narrow a selection to embedded points, and refuse names that would silently select nothing.

    Args:
        collections: Where the collection is.
        name: Name of the collection, None for the only one.
        selection: Conditions on its points.

    Raises:
        UnknownNameError: The collection has no such class, dataset, tag or annotator; the message lists those it has.
        PointNotFoundError: Ids are no points of it; the message names the first and says how many.
    """
    for field, kind in KINDS.items():
        if (names := selection.equals_any.get(field)) and not _are_known(collections.open(name), field, names):
            _check_names(kind, names, collections.count_values(field, name))
    if selection.ids:
        collection = collections.open(name)
        _check_ids(collection, selection.ids, _find_embedded(collection, selection.ids))
    return replace(selection, has_embedding=True)


def check_selection_of(snapshot: Snapshot, selection: PointFilter) -> PointFilter:
    """As ``check_selection``, for a question that is answered from a snapshot."""
    for field, kind in KINDS.items():
        if names := selection.equals_any.get(field):
            _check_names(kind, names, snapshot.values(field).count())
    if selection.ids:
        is_there = snapshot.rows_of(selection.ids) >= 0
        known = {point_id for point_id, is_known in zip(selection.ids, is_there, strict=True) if is_known}
        _check_ids(snapshot.collection, selection.ids, known)
    return replace(selection, has_embedding=True)


def describe_misfit(n_points: int) -> str:
    """Say that a selection holds none of the points of a collection."""
    if n_points == 1:
        return "the only point does not fit the filter"
    return f"none of the {n_points:,} points fits the filter"


def explain_empty_selection(collections: Collections, name: str | None, selection: PointFilter) -> str | None:
    """Say why a selection holds nothing; None if it holds a point, or if there is none to select from."""
    collection, n_points = collections.open(name), collections.describe(name).n_points
    if not n_points or collection.count(replace(selection, has_embedding=True)):
        return None
    if PayloadField.OBJECT_UPDATED_AT not in selection.ranges:
        return describe_misfit(n_points)
    is_timed = PointFilter(ranges={PayloadField.OBJECT_UPDATED_AT: (_LONG_AGO, None)}, has_embedding=True)
    n_timed = collection.count(is_timed)
    why = "nothing that fits the filter was edited in that time"
    return f"{why}; {n_timed:,} of {count_text(n_points, 'point')} know when"


def select_rows(snapshot: Snapshot, selection: PointFilter) -> Mask:
    """Which rows of a snapshot a selection of embedded points holds; bool (N,).

    Raises:
        SnapshotOutdatedError: The store has to be asked, and points were written since the snapshot.
    """
    is_selected = np.ones(len(snapshot), dtype=np.bool_)
    for field, values in selection.equals_any.items():
        if field in snapshot.fields:
            is_selected &= snapshot.values(field).mark(values)
    if (span := selection.ranges.get(PayloadField.OBJECT_UPDATED_AT)) is not None:
        is_selected &= _mark_span(snapshot.edited_at, *span)
    if selection.ids is not None:
        is_selected &= _mark_rows(snapshot, selection.ids)
    if (rest := conditions_of_store(selection)) is not None:
        is_selected &= _ask_store(snapshot, rest)
    return is_selected


def conditions_of_store(selection: PointFilter) -> PointFilter | None:
    """The conditions of a selection of embedded points that a snapshot cannot tell; None if it can tell all."""
    others = {name: values for name, values in selection.equals_any.items() if name not in COLUMN_FIELDS}
    ranges = {name: span for name, span in selection.ranges.items() if name != PayloadField.OBJECT_UPDATED_AT}
    rest = replace(selection, equals_any=others, ranges=ranges, ids=None)
    return None if rest == _ALL else rest


def _ask_store(snapshot: Snapshot, where: PointFilter) -> Mask:
    """Which rows fit conditions that the snapshot cannot tell.

    What is refused is asked for and left out: it is little as a rule, such as the points that were judged.
    """
    is_found = np.ones(len(snapshot), dtype=np.bool_)
    if (wanted := replace(where, none_of={})) != _ALL:
        is_found &= _mark_found(snapshot, wanted)
    for field, values in where.none_of.items():
        is_found &= ~_mark_found(snapshot, replace(_ALL, equals_any={field: values}))
    snapshot.require_newest()
    return is_found


def _mark_found(snapshot: Snapshot, where: PointFilter) -> Mask:
    return _mark_rows(snapshot, [point.id for page in snapshot.collection.scroll(where, fields=()) for point in page])


def _mark_span(moments: npt.NDArray[np.float64], least: datetime | None, greatest: datetime | None) -> Mask:
    """Which moments, seconds since 1970, lie in a span, both ends included; an unknown one lies in none."""
    is_inside = ~np.isnan(moments)
    if least is not None:
        is_inside &= moments >= least.timestamp()
    if greatest is not None:
        is_inside &= moments <= greatest.timestamp()
    return is_inside


def _mark_rows(snapshot: Snapshot, ids: list[str] | tuple[str, ...]) -> Mask:
    rows = snapshot.rows_of(ids)
    is_marked = np.zeros(len(snapshot), dtype=np.bool_)
    is_marked[rows[rows >= 0]] = True
    return is_marked


def _check_names(kind: str, names: tuple[str, ...], known: Mapping[str, int]) -> None:
    for name in names:
        if name not in known:
            raise UnknownNameError(kind, name, known)


def _are_known(collection: Collection, field: str, names: tuple[str, ...]) -> bool:
    """Whether each name has an embedded point; counting all names for a list of them takes longer."""
    filters = (PointFilter(equals_any={field: (one,)}, has_embedding=True) for one in names)
    return all(collection.count(one) for one in filters)


def _find_embedded(collection: Collection, ids: tuple[str, ...]) -> set[str]:
    asked = PointFilter(ids=tuple(possible_ids(ids)), has_embedding=True)
    return {point.id for page in collection.scroll(asked, fields=()) for point in page}


def _check_ids(collection: Collection, ids: tuple[str, ...], known: set[str]) -> None:
    missing = [point_id for point_id in ids if point_id not in known]
    if missing:
        if len(ids) == 1:
            told = f"'{ids[0]}' is no embedded point of collection '{collection.name}'"
        else:
            verb = "is no embedded point" if len(missing) == 1 else "are no embedded points"
            of_all = f"{len(missing):,} of the {len(ids):,} ids"
            told = f"{of_all} {verb} of collection '{collection.name}', the first is '{missing[0]}'"
        raise PointNotFoundError(f"{told}; take ids from the same collection")
