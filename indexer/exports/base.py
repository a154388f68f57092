"""The contract of exports: what they take and give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol, Self

import numpy as np
import numpy.typing as npt

from indexer.domain import CollectionSpec, PointColumns, Progress, ignore_progress

MAP_COLUMNS: Final = ("x", "y", "trust")
"""Columns of a point's place on the map."""


class InsightColumn(StrEnum):
    """Columns that an export computes; no payload holds them."""

    SUSPECT_SCORE = "suspect_score"
    SUGGESTED_CLASS = "suggested_class"
    CLUSTER = "cluster"
    OUTLIER_SCORE = "outlier_score"


@dataclass(frozen=True, slots=True)
class ExportedMap:
    """Where the exported points are on a projection.

    Attributes:
        method: Method of the projection, for example ``umap``.
        metric: Its metric.
        coordinates: float32 (N, 2), row by row the exported points; NaN where a point is not on the map.
        trust: float32 (N,), the share of a point's true neighbors that are its neighbors on the map. NaN if a point is
            not on the map or its trust was not measured.
    """

    method: str
    metric: str
    coordinates: npt.NDArray[np.float32]
    trust: npt.NDArray[np.float32]

    @classmethod
    def of_points(
        cls,
        ids: npt.NDArray[np.str_],
        *,
        method: str,
        metric: str,
        map_ids: npt.NDArray[np.str_],
        map_coordinates: npt.NDArray[np.float32],
        map_trust: npt.NDArray[np.float32] | None = None,
    ) -> Self:
        """Look up the places of the points ``ids`` on a map that has points of its own.

        Args:
            ids: Unicode array (N,), the points to be exported.
            method: Method of the projection.
            metric: Its metric.
            map_ids: Unicode array (M,), the points of the projection.
            map_coordinates: float32 (M, 2).
            map_trust: float32 (M,), if it was measured.
        """
        coordinates = np.full((len(ids), 2), np.nan, np.float32)
        _, rows, map_rows = np.intersect1d(ids, map_ids, assume_unique=True, return_indices=True)
        coordinates[rows] = map_coordinates[map_rows]
        trust = np.full(len(ids), np.nan, np.float32)
        if map_trust is not None:
            trust[rows] = map_trust[map_rows]
        return cls(method, metric, coordinates, trust)


def tabulate_map(newest_map: ExportedMap | None, n_points: int) -> npt.NDArray[np.float32]:
    """The ``MAP_COLUMNS`` of all exported points, float32 (n_points, 3); NaN if there is nothing."""
    if newest_map is None:
        return np.full((n_points, len(MAP_COLUMNS)), np.nan, np.float32)
    return np.column_stack([newest_map.coordinates, newest_map.trust])


@dataclass(frozen=True, slots=True)
class Written:
    """The files that an export wrote.

    Attributes:
        path: The file, or the folder where the format has several.
        left_out: Why points have no place in the format -> how many.
    """

    path: Path
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WantedExport:
    """The content of an export and its place.

    Attributes:
        folder: Where the files go; made if need be.
        points: What is exported: all payload fields and insights that are wanted, and embeddings (N, D).
        newest_map: Places on the newest projection, if there is one.
        spec: What made the embeddings, where the format has a place for it.
        empty_images: Source images that hold no object, for formats that list images.
        is_portable: Whether the files go to another machine, where paths of this one say nothing.
        on_progress: Told of the points done.
    """

    folder: Path
    points: PointColumns
    newest_map: ExportedMap | None = None
    spec: CollectionSpec | None = None
    empty_images: PointColumns | None = None
    is_portable: bool = False
    on_progress: Progress = ignore_progress


class Export(Protocol):
    """Writes points in one format; what ``EXPORTS`` loads."""

    def __call__(self, wanted: WantedExport) -> Written:
        """Write the points; files of an earlier export are replaced, each at once.

        Raises:
            InvalidOptionsError: The folder takes no files, or holds something else under the same names.
            ExportError: The disk is full or broken.
        """
        ...
