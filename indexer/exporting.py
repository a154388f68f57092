"""A collection, or a selection of it, written in one of the export formats."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from indexer.domain import PointFilter, Progress, ignore_progress
from indexer.exports import EXPORTS
from indexer.exports.base import Export, ExportedMap
from indexer.payload import PayloadField
from indexer.selections import check_selection
from indexer.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote.

    Attributes:
        path: The file, or the folder where the format has several.
        n_points: Points in it.
    """

    path: Path
    n_points: int


def export_collection(
    workspace: Workspace,
    name: str | None,
    folder: Path,
    *,
    export_format: str = "parquet",
    selection: PointFilter | None = None,
    on_progress: Progress = ignore_progress,
) -> Exported:
    """Write the embedded points of a collection: every payload field, and place and trust on the newest map.

    Args:
        workspace: Where the collection is.
        name: Name of the collection, None for the only one.
        folder: Where the files go; made if need be.
        export_format: Name in ``EXPORTS``.
        selection: Only these points; all if None.
        on_progress: Told of the points done.

    Raises:
        UnknownNameError, PointNotFoundError: There is no such format, or the selection names what is not there.
        InvalidOptionsError: The folder cannot be written.
    """
    write: Export = EXPORTS.load(export_format)
    collection = workspace.collection(name)
    selection = check_selection(workspace, name, selection or PointFilter())
    # A path into a field is no field of its own.
    fields = [field for field in PayloadField if "." not in field]
    points = collection.read_columns(fields, with_embeddings=True, where=selection)
    headers = workspace.maps.headers(name)
    newest = None
    if headers:
        stored = workspace.maps.read(name, headers[0].id)
        newest = ExportedMap.of_points(
            points.ids,
            method=stored.header.method,
            metric=stored.header.metric,
            map_ids=stored.point_ids,
            map_coordinates=stored.coordinates,
            map_trust=stored.trust,
        )
    path = write(folder, points, newest_map=newest, spec=collection.spec, on_progress=on_progress)
    return Exported(path, len(points))
