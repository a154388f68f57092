"""Selections: the points that a question is about, as a person says them, checked against the collection.

A selection is a ``PointFilter``. It chooses what is listed, picked or exported; what is known of a point is always
computed from all points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from indexer.domain import PointColumns, PointFilter
from indexer.errors import PointNotFoundError, UnknownNameError
from indexer.payload import PayloadField
from indexer.stores.base import Collection, possible_ids

if TYPE_CHECKING:
    from indexer.workspace import Workspace

Mask = npt.NDArray[np.bool_]

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def check_selection(workspace: Workspace, name: str | None, selection: PointFilter) -> PointFilter:
    """Narrow a selection to embedded points, and refuse names that would silently select nothing.

    Args:
        workspace: Where the collection is.
        name: Name of the collection, None for the only one.
        selection: Conditions on its points.

    Raises:
        UnknownNameError: The collection has no such class, dataset or annotator; the message lists those it has.
        PointNotFoundError: Ids are no points of it; the message names the first and says how many.
    """
    described = workspace.describe(name)
    _check_names("class", selection.equals_any.get(PayloadField.CLASS_NAME, ()), described.classes)
    _check_names("dataset", selection.equals_any.get(PayloadField.DATASET, ()), described.datasets)
    if annotators := selection.equals_any.get(PayloadField.ANNOTATED_BY):
        _check_names("annotator", annotators, _count_annotators(workspace, name))
    if selection.ids:
        _check_ids(workspace.collection(name), selection.ids)
    return replace(selection, has_embedding=True)


def explain_empty_selection(workspace: Workspace, name: str | None, selection: PointFilter) -> str | None:
    """Say why a selection holds nothing; None where it holds a point, or there is none to select from."""
    collection, n_points = workspace.collection(name), workspace.describe(name).n_points
    if not n_points or collection.count(replace(selection, has_embedding=True)):
        return None
    if PayloadField.OBJECT_UPDATED_AT not in selection.ranges:
        return f"none of the {n_points:,} points fits this selection"
    is_timed = PointFilter(ranges={PayloadField.OBJECT_UPDATED_AT: (_LONG_AGO, None)}, has_embedding=True)
    n_timed = collection.count(is_timed)
    return f"no label of this selection was edited in that time; {n_timed:,} of {n_points:,} points know when"


def select_rows(collection: Collection, columns: PointColumns, selection: PointFilter) -> Mask:
    """Which rows of a collection's columns a selection of embedded points holds; bool (N,)."""
    in_columns = {field: values for field, values in selection.equals_any.items() if field in columns.fields}
    is_selected = np.ones(len(columns), dtype=np.bool_)
    for field, values in in_columns.items():
        is_selected &= np.isin(columns.fields[field], values)
    # A class or dataset is a look at a column; whatever else is asked, the store knows, which takes longer.
    others = {field: values for field, values in selection.equals_any.items() if field not in in_columns}
    rest = replace(selection, equals_any=others)
    if rest != PointFilter(has_embedding=True):
        ids = [point.id for page in collection.scroll(rest, fields=()) for point in page]
        is_selected &= np.isin(columns.ids, np.asarray(ids, dtype=np.str_))
    return is_selected


def _check_names(kind: str, names: tuple[str, ...], known: Mapping[str, int]) -> None:
    for name in names:
        if name not in known:
            raise UnknownNameError(kind, name, known)


def _count_annotators(workspace: Workspace, name: str | None) -> dict[str, int]:
    collection = workspace.collection(name)
    return workspace.cache.get(
        (collection.name, "annotators"),
        collection.revision,
        lambda: collection.facet(PayloadField.ANNOTATED_BY, PointFilter(has_embedding=True)),
    )


def _check_ids(collection: Collection, ids: tuple[str, ...]) -> None:
    asked = PointFilter(ids=tuple(possible_ids(ids)), has_embedding=True)
    found = {point.id for page in collection.scroll(asked, fields=()) for point in page}
    missing = [point_id for point_id in ids if point_id not in found]
    if missing:
        raise PointNotFoundError(
            f"{len(missing)} of the {len(ids)} ids are no embedded points of collection '{collection.name}', "
            f"the first is '{missing[0]}'; take ids from the same collection"
        )
