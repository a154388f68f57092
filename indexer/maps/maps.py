"""Maps of a collection: made, kept on disk, and brought up to date without moving what people know."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from indexer.collection.collections import Collections
from indexer.collection.embedded_points import EmbeddedPoints
from indexer.collection.snapshot import Snapshot
from indexer.domain import Progress, ignore_progress
from indexer.maps.alignment import align_map
from indexer.maps.archive import (
    ProjectionHeader,
    StoredProjection,
    delete_replaced,
    list_projection_ids,
    list_projections,
    load_projection,
    save_projection,
)
from indexer.maps.placement import update_map
from indexer.maps.projecting import project_points
from indexer.maps.projectors import PROJECTORS
from indexer.maps.projectors.base import Metric, Projection
from indexer.maps.trust import measure_trust
from indexer.neighbors.graph import NeighborGraph
from indexer.neighbors.graphs import Graphs
from indexer.payload import PayloadField

_MIN_SHARED: Final = 3  # points that two maps must share before one can be turned to match the other


@dataclass(frozen=True, slots=True)
class _WantedMap:
    """The kind of map that is asked for; ``refit`` for a new one although there is one."""

    method: str
    metric: Metric
    refit: bool


class Maps:
    """The maps of a workspace's collections, in one folder per collection.

    Args:
        collections: Where snapshots come from.
        graphs: Who is near to whom.
        data_dir: Where maps are kept.
    """

    def __init__(self, collections: Collections, graphs: Graphs, data_dir: Path) -> None:
        self._collections, self._graphs, self._data_dir = collections, graphs, data_dir

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
        folder = self._folder(self._collections.open(name).name)
        wanted = _WantedMap(method, cast("Metric", metric), refit)

        def answer(snapshot: Snapshot) -> StoredProjection:
            old = find_newest(folder, method, metric)
            if old is not None and not refit and is_map_of(old, snapshot):
                return old
            return self._make(snapshot, wanted, old, on_progress)

        is_new = refit or _find_header(folder, method, metric) is None
        return self._collections.ask(name, answer, with_embeddings=is_new)

    def _make(
        self, snapshot: Snapshot, wanted: _WantedMap, old: StoredProjection | None, on_progress: Progress
    ) -> StoredProjection:
        folder, embeddings = self._folder(snapshot.collection.name), snapshot.embeddings()
        graph = self._graphs.graph(snapshot, on_progress=on_progress) if len(snapshot) > 1 else None
        if old is None or wanted.refit or old.header.method != wanted.method:
            made = project_points(
                embeddings,
                method=wanted.method,
                metric=wanted.metric,
                graph=graph if PROJECTORS.load(wanted.method).uses_graph else None,
                on_progress=on_progress,
            )
            made = made if old is None else match_map(made, snapshot.ids, old)
        else:
            made = extend_map(old, snapshot, on_progress=on_progress)
        saved = save_projection(
            folder,
            made,
            point_ids=snapshot.ids,
            revision=snapshot.revision,
            trust=_measure_trust(made, graph),
            embedded_at=snapshot.points.embedded_at,
        )
        stored = load_projection(folder, saved)
        delete_replaced(folder, stored.header)
        return stored

    def headers(self, name: str | None = None) -> list[ProjectionHeader]:
        """Headers of the collection's projections, newest first."""
        return list_projections(self._folder(self._collections.open(name).name))

    def ids(self, name: str | None = None) -> list[str]:
        """Ids of the collection's projections, newest first; opens no file."""
        return list_projection_ids(self._folder(self._collections.open(name).name))

    def read(self, name: str | None, projection_id: str) -> StoredProjection:
        """One projection.

        Raises:
            ProjectionError: There is none of that id.
        """
        return load_projection(self._folder(self._collections.open(name).name), projection_id)

    def forget(self, collection_name: str) -> None:
        """Delete all maps of a collection."""
        shutil.rmtree(self._folder(collection_name), ignore_errors=True)

    def _folder(self, collection_name: str) -> Path:
        return maps_folder(self._data_dir, collection_name)


def maps_folder(data_dir: Path, collection_name: str) -> Path:
    """Where the maps of a collection are kept."""
    return data_dir / "projections" / collection_name


def find_newest(folder: Path, method: str, metric: str) -> StoredProjection | None:
    """The newest stored map that was asked for with a method and metric, also where PCA stood in for the method."""
    header = _find_header(folder, method, metric)
    return None if header is None else load_projection(folder, header.id)


def _find_header(folder: Path, method: str, metric: str) -> ProjectionHeader | None:
    same = (one for one in list_projections(folder) if (one.requested_method, one.metric) == (method, metric))
    return next(same, None)


def match_map(made: Projection, ids: npt.NDArray[np.str_], old: StoredProjection) -> Projection:
    """Turn and move a new map so that people find their way from the old one."""
    if len(np.intersect1d(old.point_ids, ids)) < _MIN_SHARED:
        return made
    turned = align_map(made.coordinates, ids=ids, onto=old.coordinates, onto_ids=old.point_ids)
    return replace(made, coordinates=turned)


def extend_map(old: StoredProjection, snapshot: Snapshot, *, on_progress: Progress = ignore_progress) -> Projection:
    """Place new and changed points into an existing map; no other point moves.

    Raises:
        ProjectionError: None of the map's points is left as it was.
    """
    header = old.header
    coordinates = update_map(
        old.point_ids,
        old.coordinates,
        ids=snapshot.ids,
        embeddings=snapshot.embeddings(),
        changed_ids=snapshot.ids[find_changed(old, snapshot)],
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


def is_map_of(stored: StoredProjection, snapshot: Snapshot) -> bool:
    """Whether a map was made of exactly these points with these embeddings; labels do not shape it."""
    return len(stored.point_ids) == len(snapshot) and not find_changed(stored, snapshot).any()


def find_changed(stored: StoredProjection, snapshot: Snapshot) -> npt.NDArray[np.bool_]:
    """Which points are new to a map or have another embedding than it was made of; bool (N,)."""
    if stored.embedded_at is None:
        embedded_at, made_at = snapshot.fields[PayloadField.EMBEDDED_AT], stored.header.created_at
        # A file of an older version tells no more: a point embedded while it was made passes for unchanged.
        is_newer = (text is not None and datetime.fromisoformat(text) > made_at for text in embedded_at)
        is_known = np.isin(snapshot.ids, stored.point_ids)
        return np.fromiter(is_newer, dtype=np.bool_, count=len(snapshot)) | ~is_known
    of_map = EmbeddedPoints(np.char.encode(stored.point_ids, "utf-8"), stored.embedded_at)
    return snapshot.points.find_in(of_map) < 0


def _measure_trust(made: Projection, graph: NeighborGraph | None) -> npt.NDArray[np.float32] | None:
    if graph is None or graph.n_neighbors == 0:
        return None
    return measure_trust(made.coordinates, neighbor_indices=graph.indices)
