"""Points that resemble nothing, and why they are thought so."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.domain import Point
from indexer.insights.base import Insight, Moment
from indexer.insights.ranks import rank_to_unit
from indexer.neighbors.graph import NeighborGraph
from lookalike.wire import groups as wire

Floats = npt.NDArray[np.float32]

FAR_OUT = 3.0
"""Interquartile ranges from the upper quartile to the outer fence (Tukey, Exploratory Data Analysis, 1977).

``python -m benchmarks.outliers``: .5 to 1.1 % of digits and garments are beyond it, and 49 of 50 strangers that are
planted among them. Of 771 stamps, which all differ, none is. The inner fence (1.5) would take 3 to 5 % of the others.
"""
SMALLEST_DISTANCE = np.float32(1e-4)  # copies would otherwise make their surroundings infinitely dense
BLOCK_ROWS = 65_536


@dataclass(frozen=True)
class OutlierColumns:
    """One row a point.

    Attributes:
        score: float32 (N,), 0..1 by rank of ``distance * factor``, 1 is the strangest; nan if there is no neighbor.
        distance: float32 (N,), mean distance (1 - cosine) to the neighbors.
        factor: float32 (N,), the local outlier factor: how many times as thinly the point's surroundings are settled as
            those of its neighbors. It is about 1 inside a cloud.
        threshold: The score from which on points are far out; inf if none is.
    """

    score: Floats
    distance: Floats
    factor: Floats
    threshold: float

    @property
    def is_far_out(self) -> npt.NDArray[np.bool_]:
        """Whether each point stands apart, bool (N,); the strangest of a calm collection do not."""
        return np.asarray(self.score >= self.threshold)

    def top(self, n_outliers: int) -> npt.NDArray[np.int64]:
        """The strangest points, int64, strangest first."""
        order = np.argsort(-self.score, kind="stable")
        return order[~np.isnan(self.score[order])][:n_outliers]


@dataclass(frozen=True, slots=True)
class Outlier:
    """A point unlike all others.

    Attributes:
        point: The point.
        score: 0 to 1 by rank, 1 is the strangest.
        reason: What is strange about it, in words.
    """

    point: Point
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Outliers:
    """Some outliers.

    Attributes:
        outliers: The strangest first.
        n_outliers: How many points of the selection are far out.
        threshold: The score from which on points are far out, None if none of the collection is.
        why_empty: Why there are none, None if there are some.
    """

    outliers: tuple[Outlier, ...]
    n_outliers: int
    threshold: float | None
    why_empty: str | None


def list_outliers(moment: Moment, question: wire.OutliersQuery) -> Outliers:
    """List the points most unlike all others, strangest first.

    All points are compared; conditions only choose which to list and to count.
    """
    found = outlier_columns(moment)
    ranked = found.top(len(moment.snapshot))
    rows = ranked[moment.is_selected[ranked]][: question.limit]
    outliers = tuple(
        Outlier(point, float(found.score[row]), describe_outlier(found, int(row)))
        for point, row in zip(moment.show(rows), rows, strict=True)
    )
    why = "there is no other point to compare with; an outlier takes at least two points"
    n_outliers = int(np.count_nonzero(found.is_far_out & moment.is_selected))
    threshold = found.threshold if np.isfinite(found.threshold) else None
    return Outliers(outliers, n_outliers, threshold, None if outliers else why)


def outlier_columns(moment: Moment) -> OutlierColumns:
    """The outlier score of every point, row by row the snapshot."""
    return moment.remember("outliers", lambda: score_outliers(moment.graph()))


def score_outliers(graph: NeighborGraph) -> OutlierColumns:
    """Score how far each point lies from its neighbors, absolutely and for its surroundings.

    The distance alone finds pictures of another kind. The local outlier factor (Breunig et al., 2000) finds those that
    stand beside a dense cloud. Planted strangers were found best by their product.

    Args:
        graph: The neighbor graph; all of its k neighbors are used.

    Returns:
        The columns; all nan for fewer than two points.
    """
    if graph.n_neighbors == 0:
        unknown = np.full(graph.n_points, np.nan, dtype=np.float32)
        return OutlierColumns(unknown, unknown.copy(), unknown.copy(), math.inf)
    distances = np.maximum(1 - graph.similarities, SMALLEST_DISTANCE)
    reach = distances[:, -1]
    density = np.empty(graph.n_points, dtype=np.float32)
    for block in _blocks(graph.n_points):
        density[block] = 1 / np.maximum(distances[block], reach[graph.indices[block]]).mean(axis=1)
    factor = np.empty(graph.n_points, dtype=np.float32)
    for block in _blocks(graph.n_points):
        factor[block] = density[graph.indices[block]].mean(axis=1) / density[block]
    distance = np.asarray(distances.mean(axis=1), dtype=np.float32)
    strangeness = distance * factor
    score = rank_to_unit(strangeness)
    return OutlierColumns(score, distance, factor, find_threshold(strangeness, score))


def find_threshold(strangeness: Floats, score: Floats) -> float:
    """Find the score from which on points are far out, beyond Tukey's outer fence of their strangeness.

    Equal values count once: exact copies do not make everything else far out.

    Args:
        strangeness: float32 (N,), at least one.
        score: float32 (N,), its rank.

    Returns:
        The lowest score of a point that is far out; inf if none is.
    """
    lower, upper = np.percentile(np.unique(strangeness), (25, 75))
    fence = upper + FAR_OUT * (upper - lower)
    return float(score[strangeness > fence].min(initial=np.inf))


def describe_outlier(columns: OutlierColumns, i: int) -> str:
    """Say in words what is strange about point ``i``."""
    if np.isnan(columns.score[i]):
        return "there is no other point to compare it with"
    usual = float(np.median(columns.distance))
    far = f"its neighbors are {columns.distance[i] / usual:.1f} times as far away as is usual in the collection"
    return f"{far}, and {columns.factor[i]:.1f} times as far as is usual around them"


def _blocks(n_points: int) -> list[slice]:
    return [slice(start, start + BLOCK_ROWS) for start in range(0, n_points, BLOCK_ROWS)]


OUTLIERS = Insight(list_outliers, wire.OutliersQuery, wire.Outliers, needs_embeddings=False)
