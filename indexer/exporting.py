"""A collection, or a selection of it, written in one of the export formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.domain import PointColumns, PointFilter, Progress, ignore_progress
from indexer.errors import StoreUnavailableError
from indexer.exports import EXPORTS, WITHOUT_INSIGHTS
from indexer.exports.base import Export, ExportedMap
from indexer.payload import PayloadField
from indexer.selections import check_selection
from indexer.stores.base import Collection
from indexer.workspace import Workspace

_COMPUTED: Final = frozenset(
    {PayloadField.SUSPECT_SCORE, PayloadField.SUGGESTED_CLASS, PayloadField.CLUSTER, PayloadField.OUTLIER_SCORE}
)
_MIN_POINTS: Final = 5  # the smallest cluster; a rank among fewer says nothing
_DECIMALS: Final = 6  # as the command line prints scores

_Column = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote.

    Attributes:
        path: The file, or the folder where the format has several.
        n_points: Points in it.
        left_out: Why points have no place in the format -> how many.
    """

    path: Path
    n_points: int
    left_out: Mapping[str, int] = field(default_factory=dict)


def export_collection(
    workspace: Workspace,
    name: str | None,
    folder: Path,
    *,
    export_format: str = "parquet",
    selection: PointFilter | None = None,
    on_progress: Progress = ignore_progress,
) -> Exported:
    """Write the embedded points of a collection: payload fields, insights, and place and trust on the newest map.

    Insights are those of all points, whatever is selected. One that cannot be computed, for example suspects where
    there are no classes, is no column of the export.

    Args:
        workspace: Where the collection is.
        name: Name of the collection, None for the only one.
        folder: Where the files go; made if need be.
        export_format: Name in ``EXPORTS``.
        selection: Only these points; all if None.
        on_progress: Told of the insights computed and the points done.

    Raises:
        UnknownNameError, PointNotFoundError: There is no such format, or the selection names what is not there.
        InvalidOptionsError: The folder takes no files, or holds something else under the same names.
        ExportError: The disk is full or broken.
        StoreUnavailableError: Points were written while the insights were computed.
    """
    write: Export = EXPORTS.load(export_format)
    collection = workspace.collection(name)
    selection = check_selection(workspace, name, selection or PointFilter())
    # A path into a field is no field of its own.
    fields = [field for field in PayloadField if "." not in field and field not in _COMPUTED]
    points = collection.read_columns(fields, with_embeddings=True, where=selection)
    if export_format not in WITHOUT_INSIGHTS:
        points = _with_insights(workspace, collection.name, points, on_progress)
    newest = _find_places(workspace, collection.name, points)
    written = write(
        folder,
        points,
        newest_map=newest,
        spec=collection.spec,
        empty_images=_find_empty_images(collection, selection),
        on_progress=on_progress,
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


def _with_insights(
    workspace: Workspace, collection_name: str, points: PointColumns, on_progress: Progress
) -> PointColumns:
    """The points with what insights say of them, None for a point that came after they were computed."""
    ids, insights = _compute_insights(workspace, collection_name, on_progress)
    _, rows, known = np.intersect1d(points.ids, ids, assume_unique=True, return_indices=True)
    fields = dict(points.fields)
    for name, values in insights.items():
        fields[name] = np.full(len(points), None, dtype=object)
        fields[name][rows] = values[known]
    return replace(points, fields={name: fields[name] for name in PayloadField if name in fields})


def _compute_insights(
    workspace: Workspace, name: str, on_progress: Progress
) -> tuple[npt.NDArray[np.str_], Mapping[PayloadField, _Column]]:
    """Ids and columns, row by row, of all points of a collection; only the columns that can be computed.

    Raises:
        StoreUnavailableError: Points were written meanwhile, so that rows need not be those of the same points.
    """
    collection = workspace.collection(name)
    revision = collection.revision
    columns = workspace.columns(name, with_embeddings=True)
    if len(columns) < _MIN_POINTS:
        return columns.ids, {}
    ranked = workspace.insights.ranked_suspects(name, on_progress=on_progress)
    labels = workspace.groups.cluster_columns(name, on_progress=on_progress).labels
    outliers = workspace.groups.outlier_columns(name, on_progress=on_progress)
    if collection.revision != revision:
        raise StoreUnavailableError(f"points of collection '{name}' changed while they were judged; export again")
    insights: dict[PayloadField, _Column] = {
        PayloadField.CLUSTER: _to_column(labels, labels >= 0),
        PayloadField.OUTLIER_SCORE: _to_scores(outliers.score),
    }
    if ranked.why_empty is None:
        classes = np.array([*ranked.classes, None], dtype=object)  # where there is no suggestion, -1 finds None
        insights[PayloadField.SUGGESTED_CLASS] = classes[ranked.suggested]
        insights[PayloadField.SUSPECT_SCORE] = _to_scores(ranked.score)
    return columns.ids, insights


def _to_scores(scores: npt.NDArray[np.float32]) -> _Column:
    """float32 (N,) as Python's numbers, object (N,); None where there is none."""
    return _to_column(np.round(scores.astype(np.float64), _DECIMALS), ~np.isnan(scores))


def _to_column(values: npt.NDArray[np.generic], is_known: npt.NDArray[np.bool_]) -> _Column:
    column = values.astype(object)
    column[~is_known] = None
    return column


def _find_places(workspace: Workspace, name: str, points: PointColumns) -> ExportedMap | None:
    headers = workspace.maps.headers(name)
    if not headers:
        return None
    stored = workspace.maps.read(name, headers[0].id)
    return ExportedMap.of_points(
        points.ids,
        method=stored.header.method,
        metric=stored.header.metric,
        map_ids=stored.point_ids,
        map_coordinates=stored.coordinates,
        map_trust=stored.trust,
    )
