"""Columns of values that a map's dots are coloured by, each from one snapshot of the collection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from api.services.map_blocks import GONE, pack_column, quantise_scores
from api.services.maps import ProjectionMaps
from indexer.collection.collections import Collections
from indexer.collection.snapshot import Snapshot
from indexer.insights.clusters import cluster_columns
from indexer.insights.insights import Insights
from indexer.insights.outliers import outlier_columns
from indexer.insights.suspects.suspects import Suspects
from indexer.payload import PayloadField
from lookalike.wire.base import CountedName
from lookalike.wire.maps import MapColumnInfo
from lookalike.wire.names import MapColumn

Floats = npt.NDArray[np.float32]
MAX_CATEGORIES = GONE
"""Numbers of categories have 16 bits, of which the last stands for none."""


class MapValues:
    """Values of the points of maps, in the order of their rows.

    Args:
        collections: Where snapshots come from.
        maps: Which point is in which row.
        suspects: Scores of points.
        insights: Clusters and outliers.
    """

    def __init__(self, collections: Collections, maps: ProjectionMaps, suspects: Suspects, insights: Insights) -> None:
        self._collections, self._maps, self._suspects, self._insights = collections, maps, suspects, insights

    def column(self, collection: str, projection_id: str, name: MapColumn, *, resolution: float = 1.0) -> bytes:
        """One column as ``lookalike.wire`` describes it, computed if need be.

        Args:
            collection: Name of the collection.
            projection_id: Which of its projections.
            name: Which column.
            resolution: For clusters: above 1 makes more and smaller ones.

        Raises:
            UnknownPathNameError: There is no such projection.
        """
        rows = self._maps.rows(collection, projection_id)
        if name == "trust":  # a fact of the map, which needs no points
            return pack_column(MapColumnInfo(name=name, kind="number"), quantise_scores(rows.trust))

        def answer(snapshot: Snapshot) -> bytes:
            places = self._maps.places_of(snapshot, projection_id)
            if name in ("dataset", "cluster"):
                numbers, counted = self._categories(snapshot, name, resolution)
                info = MapColumnInfo(name=name, kind="category", categories=counted)
                return pack_column(info, np.append(numbers, np.uint16(GONE))[places])
            scores, least, greatest = self._numbers(snapshot, name)
            info = MapColumnInfo(name=name, kind="number", least=least, greatest=greatest)
            return pack_column(info, quantise_scores(np.append(scores, np.float32(np.nan))[places]))

        return self._collections.ask(collection, answer, with_embeddings=name == "cluster")

    def picture(
        self, collection: str, projection_id: str, size_px: int, colors: Sequence[tuple[int, int, int]]
    ) -> bytes:
        """The map as PNG; see ``draw_density``.

        Args:
            collection: Name of the collection.
            projection_id: Which of its projections.
            size_px: Width and height.
            colors: Of the classes, most frequent first; the rest are grey.

        Raises:
            UnknownPathNameError: There is no such projection.
        """
        from api.services.density_picture import draw_density  # brings what makes pictures, which few ask for

        rows = self._maps.rows(collection, projection_id)

        def answer(snapshot: Snapshot) -> bytes:
            numbers = self._maps.class_numbers(snapshot, projection_id)
            is_there = numbers != GONE
            return draw_density(rows.positions[is_there], numbers[is_there], size_px, colors)

        return self._collections.ask(collection, answer)

    def _categories(
        self, snapshot: Snapshot, name: MapColumn, resolution: float
    ) -> tuple[npt.NDArray[np.uint16], list[CountedName]]:
        """The category of each point of a snapshot, uint16 (N,), and what the numbers mean, most frequent first."""
        if name == "cluster":
            found = cluster_columns(self._insights.moment(snapshot), resolution)
            counted = [CountedName(name=one.name, count=one.size) for one in found.clusters[:MAX_CATEGORIES]]
            labels = found.labels
            return np.where((labels < 0) | (labels >= MAX_CATEGORIES), GONE, labels).astype(np.uint16), counted
        values = snapshot.values(PayloadField.DATASET)
        counts = {name: count for name, count in values.count().items() if count}
        places = {name: place for place, name in enumerate(list(counts)[:MAX_CATEGORIES])}
        numbers = np.array([places.get(value, GONE) for value in values.values], np.uint16)
        return numbers[values.numbers], [CountedName(name=name, count=counts[name]) for name in places]

    def _numbers(self, snapshot: Snapshot, name: MapColumn) -> tuple[Floats, datetime | None, datetime | None]:
        """The value of each point of a snapshot, float32 (N,) in 0..1, nan for none; the moments at 0 and 1, if any."""
        if name == "score":
            return self._suspects.rank(snapshot).columns.score, None, None
        if name == "outlier":
            return outlier_columns(self._insights.moment(snapshot)).score, None, None
        return _scale_moments(snapshot.edited_at)


def _scale_moments(moments: npt.NDArray[np.float64]) -> tuple[Floats, datetime | None, datetime | None]:
    known = moments[~np.isnan(moments)]
    if not len(known):
        return np.full(len(moments), np.nan, np.float32), None, None
    least, greatest = float(known.min()), float(known.max())
    scaled = (moments - least) / ((greatest - least) or 1.0)
    return scaled.astype(np.float32), datetime.fromtimestamp(least, UTC), datetime.fromtimestamp(greatest, UTC)
