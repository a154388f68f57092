"""Maps of a collection: made, kept on disk, and brought up to date without moving what people know."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import numpy.typing as npt

from indexer.domain import PointColumns, Progress, ignore_progress
from indexer.embedded_points import EmbeddedPoints
from indexer.insights.neighbor_graph import NeighborGraph
from indexer.payload import PayloadField
from indexer.projections import PROJECTORS
from indexer.projections.alignment import align_map
from indexer.projections.archive import (
    ProjectionHeader,
    StoredProjection,
    delete_replaced,
    list_projection_ids,
    list_projections,
    load_projection,
    save_projection,
)
from indexer.projections.base import Metric, Projection
from indexer.projections.placement import update_map
from indexer.projections.projecting import project_points
from indexer.projections.trust import measure_trust

if TYPE_CHECKING:
    from indexer.workspace import Workspace

_MIN_SHARED: Final = 3  # points that two maps must share before one can be turned to match the other


class Maps:
    """The maps of a workspace's collections, in one folder a collection.

    Args:
        workspace: Where collections and their columns are.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def make(
        self,
        name: str | None = None,
        *,
        method: str = "umap",
        metric: str = "cosine",
        refit: bool = False,
        on_progress: Progress = ignore_progress,
    ) -> StoredProjection:
        """Make the map of a collection, or bring the one there is up to date without moving its points.

        A map where PCA stood in for the method is made anew when points changed, by the method once there are enough.
        What the new map replaces is deleted, except the one before it.

        Args:
            name: Name of the collection, None for the only one.
            method: Name in ``PROJECTORS``.
            metric: ``cosine`` or ``euclidean``.
            refit: Whether to make a new map although there is one, turned and scaled to match it.
            on_progress: Told of every stage.

        Raises:
            UnknownNameError: There is no such method or metric.
            TooFewPointsError: There are fewer than two points.
        """
        PROJECTORS[method]  # an unknown name is refused before anything is read
        collection = self._workspace.collection(name)
        folder, revision = self._folder(collection.name), collection.revision
        old = find_newest(folder, method, metric)
        if old is not None and not refit and is_map_of(old, self._workspace.columns(name)):
            return old
        columns = self._workspace.columns(name, with_embeddings=True)
        graph = self._workspace.insights.graph(name, on_progress=on_progress) if len(columns) > 1 else None
        if old is None or refit or old.header.method != method:
            made = project_points(
                columns.embeddings,
                method=method,
                metric=cast("Metric", metric),
                # t-SNE looks at three times more neighbors than the graph has, and searches its own.
                graph=graph if method == "umap" else None,
                on_progress=on_progress,
            )
            made = made if old is None else match_map(made, columns.ids, old)
        else:
            made = extend_map(old, columns, on_progress=on_progress)
        trust = _measure_trust(made, graph)
        saved = save_projection(
            folder,
            made,
            point_ids=columns.ids,
            revision=revision,
            trust=trust,
            embedded_at=EmbeddedPoints.of(columns).embedded_at,
        )
        stored = load_projection(folder, saved)
        delete_replaced(folder, stored.header)
        return stored

    def headers(self, name: str | None = None) -> list[ProjectionHeader]:
        """Headers of the collection's projections, newest first."""
        return list_projections(self._folder(self._workspace.collection(name).name))

    def ids(self, name: str | None = None) -> list[str]:
        """Ids of the collection's projections, newest first; opens no file."""
        return list_projection_ids(self._folder(self._workspace.collection(name).name))

    def read(self, name: str | None, projection_id: str) -> StoredProjection:
        """One projection.

        Raises:
            ProjectionError: There is none of that id.
        """
        return load_projection(self._folder(self._workspace.collection(name).name), projection_id)

    def is_current(self, name: str | None, projection_id: str) -> bool:
        """Whether a map shows exactly the collection's points, none of them embedded anew since.

        Raises:
            ProjectionError: There is none of that id.
        """
        return is_map_of(self.read(name, projection_id), self._workspace.columns(name))

    def forget(self, collection_name: str) -> None:
        """Delete all maps of a collection."""
        shutil.rmtree(self._folder(collection_name), ignore_errors=True)

    def _folder(self, collection_name: str) -> Path:
        return self._workspace.data_dir / "projections" / collection_name


def find_newest(folder: Path, method: str, metric: str) -> StoredProjection | None:
    """The newest stored map that was asked for with a method and metric, also where PCA stood in for the method."""
    for header in list_projections(folder):
        if header.requested_method == method and header.metric == metric:
            return load_projection(folder, header.id)
    return None


def match_map(made: Projection, ids: npt.NDArray[np.str_], old: StoredProjection) -> Projection:
    """Turn and move a new map so that people find their way from the old one."""
    if len(np.intersect1d(old.point_ids, ids)) < _MIN_SHARED:
        return made
    turned = align_map(made.coordinates, ids=ids, onto=old.coordinates, onto_ids=old.point_ids)
    return replace(made, coordinates=turned)


def extend_map(old: StoredProjection, columns: PointColumns, *, on_progress: Progress = ignore_progress) -> Projection:
    """Place new and changed points into an existing map; no other point moves.

    Raises:
        ProjectionError: None of the map's points is left as it was.
    """
    header = old.header
    coordinates = update_map(
        old.point_ids,
        old.coordinates,
        ids=columns.ids,
        embeddings=columns.embeddings,
        changed_ids=columns.ids[find_changed(old, columns)],
        on_progress=on_progress,
    )
    return Projection(
        coordinates=coordinates,
        method=header.method,
        requested_method=header.requested_method,
        metric=header.metric,
        seed=header.seed,
        note=header.note,
        parameters=header.parameters,
    )


def is_map_of(stored: StoredProjection, columns: PointColumns) -> bool:
    """Whether a map was made of exactly these points with these embeddings; labels do not shape it."""
    return len(stored.point_ids) == len(columns) and not find_changed(stored, columns).any()


def find_changed(stored: StoredProjection, columns: PointColumns) -> npt.NDArray[np.bool_]:
    """Which points are new to a map or have another embedding than it was made of; bool (N,)."""
    if stored.embedded_at is None:
        embedded_at, made_at = columns.fields[PayloadField.EMBEDDED_AT], stored.header.created_at
        # A file of an older version tells no more: a point embedded while it was made passes for unchanged.
        is_newer = (text is not None and datetime.fromisoformat(text) > made_at for text in embedded_at)
        is_known = np.isin(columns.ids, stored.point_ids)
        return np.fromiter(is_newer, dtype=np.bool_, count=len(columns)) | ~is_known
    of_map = EmbeddedPoints(np.char.encode(stored.point_ids, "utf-8"), stored.embedded_at)
    return EmbeddedPoints.of(columns).find_in(of_map) < 0


def _measure_trust(made: Projection, graph: NeighborGraph | None) -> npt.NDArray[np.float32] | None:
    if graph is None or graph.n_neighbors == 0:
        return None
    return measure_trust(made.coordinates, neighbor_indices=graph.indices)
