"""A collection, or a selection of it, written in one of the export formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.collection.collections import Collections
from indexer.collection.selections import check_selection, check_selection_of, select_rows
from indexer.collection.snapshot import Snapshot
from indexer.domain import PointColumns, PointFilter, Progress, ignore_progress
from indexer.exports import EXPORTS, WITHOUT_INSIGHTS
from indexer.exports.base import Export, ExportedMap, InsightColumn, WantedExport
from indexer.insights.clusters import cluster_columns
from indexer.insights.insights import Insights
from indexer.insights.outliers import outlier_columns
from indexer.insights.suspects.suspects import Suspects
from indexer.maps.maps import Maps
from indexer.payload import PayloadField
from indexer.stores.base import Collection

_FIELDS: Final = tuple(field for field in PayloadField if "." not in field)  # a path into a field is no field
_ORDER: Final = (*(field for field in _FIELDS if field is not PayloadField.REVIEW), *InsightColumn, PayloadField.REVIEW)
_MIN_POINTS: Final = 5  # the smallest cluster; a rank among fewer says nothing
_DECIMALS: Final = 6  # as the command line prints scores

_Column = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Exported:
    """The file that an export wrote, with what is in it.

    Attributes:
        path: The file, or the folder where the format has several.
        n_points: Points in it.
        left_out: Why points have no place in the format -> how many.
    """

    path: Path
    n_points: int
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportParts:
    """The parts that an export asks: for points, what is said of them, and their places.

    Attributes:
        collections: Where the points are.
        suspects: Which labels are doubtful.
        insights: Clusters and outliers.
        maps: Places on the newest map.
    """

    collections: Collections
    suspects: Suspects
    insights: Insights
    maps: Maps


def export_collection(  # noqa: PLR0913 - an export has that many sides
    parts: ExportParts,
    name: str | None,
    folder: Path,
    *,
    export_format: str = "parquet",
    selection: PointFilter | None = None,
    is_portable: bool = False,
    on_progress: Progress = ignore_progress,
) -> Exported:
    """Write the embedded points of a collection: payload fields, insights, and place and trust on the newest map.

    Insights are those of all points, whatever is selected. One that cannot be computed, for example suspects without
    classes, is no column of the export.

    Args:
        parts: What is asked.
        name: Name of the collection, None for the only one.
        folder: Where the files go; made if need be.
        export_format: Name in ``EXPORTS``.
        selection: Only these points; all if None.
        is_portable: Whether the files go to another machine, so that images are named as in their sources.
        on_progress: Told of the insights computed and the points done.

    Raises:
        UnknownNameError, PointNotFoundError: There is no such format, or the selection names what is not there.
        InvalidOptionsError: The folder takes no files, or holds something else under the same names.
        ExportError: The disk is full or broken.
        SnapshotOutdatedError: Points were written again and again while the insights were computed.
    """
    write: Export = EXPORTS.load(export_format)
    collection, wanted = parts.collections.open(name), selection or PointFilter()
    if export_format in WITHOUT_INSIGHTS:
        points = _read_points(collection, check_selection(parts.collections, name, wanted))
    else:
        points = parts.collections.ask(
            name, lambda snapshot: _judge_points(parts, snapshot, wanted, on_progress), with_embeddings=True
        )
    newest = _find_places(parts.maps, collection.name, points)
    written = write(
        WantedExport(
            folder,
            points,
            newest_map=newest,
            spec=collection.spec,
            empty_images=_find_empty_images(collection, wanted),
            is_portable=is_portable,
            on_progress=on_progress,
        )
    )
    return Exported(written.path, len(points) - sum(written.left_out.values()), written.left_out)


def _find_empty_images(collection: Collection, selection: PointFilter) -> PointColumns:
    """The selected source images that are read and hold no object, as training needs them too.

    An image whose objects were all skipped holds some, and is none of them.
    """
    fields = [
        PayloadField.SOURCE_KEY,
        PayloadField.DATASET,
        PayloadField.IMAGE_KEY,
        PayloadField.IMAGE_LOCATOR,
        PayloadField.IMAGE_SIZE_HW,
        PayloadField.N_INSTANCES,
        PayloadField.SKIPPED,
    ]
    records = collection.read_columns(fields, where=replace(selection, has_embedding=False))
    counts, skipped = records.fields[PayloadField.N_INSTANCES], records.fields[PayloadField.SKIPPED]
    is_empty = np.array([count == 0 and not why for count, why in zip(counts, skipped, strict=True)], dtype=np.bool_)
    return PointColumns(
        records.ids[is_empty], records.embeddings, {name: values[is_empty] for name, values in records.fields.items()}
    )


def _read_points(collection: Collection, selection: PointFilter) -> PointColumns:
    return collection.read_columns(_FIELDS, with_embeddings=True, where=selection)


def _judge_points(
    parts: ExportParts, snapshot: Snapshot, selection: PointFilter, on_progress: Progress
) -> PointColumns:
    """The selected points with what insights say of them.

    Raises:
        SnapshotOutdatedError: The points are not those that the insights are about.
    """
    selection = check_selection_of(snapshot, selection)
    rows = np.flatnonzero(select_rows(snapshot, selection))
    insights = _compute_insights(parts, snapshot, on_progress)
    points = _read_points(snapshot.collection, selection)
    snapshot.require_same(points, rows)
    fields = dict(points.fields)
    fields.update({field: values[rows] for field, values in insights.items()})
    return replace(points, fields={name: fields[name] for name in _ORDER if name in fields})


def _compute_insights(parts: ExportParts, snapshot: Snapshot, on_progress: Progress) -> Mapping[str, _Column]:
    """Columns, row by row the snapshot; only those that can be computed."""
    if len(snapshot) < _MIN_POINTS:
        return {}
    ranking = parts.suspects.rank(snapshot, on_progress=on_progress)
    ranked = ranking.columns
    moment = parts.insights.moment(snapshot, on_progress=on_progress)
    labels, outliers = cluster_columns(moment).labels, outlier_columns(moment)
    reviews = np.full(len(snapshot), None, dtype=object)  # those that the ranking knows, whatever was decided since
    for row, review in zip(snapshot.rows_of(list(ranking.reviews)), ranking.reviews.values(), strict=True):
        if row >= 0:
            reviews[row] = review.to_payload()
    insights: dict[str, _Column] = {
        PayloadField.REVIEW: reviews,
        InsightColumn.CLUSTER: _to_column(labels, labels >= 0),
        InsightColumn.OUTLIER_SCORE: _to_scores(outliers.score),
    }
    if ranked.why_empty is None:
        classes = np.array([*ranked.classes, None], dtype=object)  # -1, for no suggestion, finds None
        insights[InsightColumn.SUGGESTED_CLASS] = classes[ranked.suggested]
        insights[InsightColumn.SUSPECT_SCORE] = _to_scores(ranked.score)
    return insights


def _to_scores(scores: npt.NDArray[np.float32]) -> _Column:
    """float32 (N,) as Python's numbers, object (N,); None for no score."""
    return _to_column(np.round(scores.astype(np.float64), _DECIMALS), ~np.isnan(scores))


def _to_column(values: npt.NDArray[np.generic], is_known: npt.NDArray[np.bool_]) -> _Column:
    column = values.astype(object)
    column[~is_known] = None
    return column


def _find_places(maps: Maps, name: str, points: PointColumns) -> ExportedMap | None:
    headers = maps.headers(name)
    if not headers:
        return None
    stored = maps.read(name, headers[0].id)
    return ExportedMap.of_points(
        points.ids,
        method=stored.header.method,
        metric=stored.header.metric,
        map_ids=stored.point_ids,
        map_coordinates=stored.coordinates,
        map_trust=stored.trust,
    )
