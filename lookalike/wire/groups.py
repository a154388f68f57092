"""Groups of points: clusters, duplicates, outliers, confusion, picks. Pydantic only; nothing here computes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lookalike.wire.base import ListLimit, Offset, Rounded, Share, WireModel
from lookalike.wire.points import PointBrief
from lookalike.wire.selections import FilterModel

Resolution = Annotated[float, Field(ge=0.01, le=100, allow_inf_nan=False)]
Threshold = Annotated[float, Field(ge=0.5, le=1, allow_inf_nan=False)]

_WHY_EMPTY = "why there are none, if there are none"


class OutliersQuery(FilterModel):
    """Which outliers to list."""

    limit: ListLimit = 50


class ClustersQuery(FilterModel):
    """Which clusters to list: those with a point that fits."""

    resolution: Resolution = Field(1.0, description="above 1 makes more and smaller clusters")
    part_of: Annotated[int, Field(ge=0, le=2**31)] | None = Field(
        None, description="only clusters that have more points in the cluster of this number than in any other"
    )
    part_of_resolution: Resolution = Field(1.0, description="resolution of the cluster that they are parts of")


class ClusterPointsQuery(FilterModel):
    """Which points of a cluster to list."""

    resolution: Resolution = Field(1.0, description="that of the list that has the cluster's number")
    offset: Offset = 0
    limit: ListLimit = 10_000


class DuplicatesQuery(FilterModel):
    """Which groups of look-alikes to list: those with a point that fits."""

    threshold: Threshold | None = Field(None, description="lowest cosine similarity; 0.975 if null")
    limit: ListLimit = 100


class ConfusionQuery(FilterModel):
    """Which points to count."""


class PicksQuery(FilterModel):
    """Options of a pick."""

    n: int = Field(20, ge=1, le=100_000)
    diverse: bool = Field(default=False, description="points that differ, not that represent")


class ClusterModel(WireModel):
    """A cluster of similar points."""

    cluster: int
    name: str
    size: int = Field(description="of the whole cluster")
    n_matching: int = Field(description="its points that fit the filter; all without one")
    dominant_class: str | None = Field(description="of the whole cluster")
    purity: Share = Field(description="the dominant class's share of all its labelled points, 0 to 1")
    examples: list[PointBrief] = Field(description="points that fit the filter, most typical of the cluster first")


class ClusterPoints(WireModel):
    """Some points of a cluster."""

    name: str
    size: int = Field(description="of the whole cluster")
    n_matching: int = Field(description="its points that fit the filter, on all pages; all without one")
    ids: list[str] = Field(description="by ascending id")
    next_offset: int | None = Field(description="offset of the next page, null on the last")


class DuplicateGroup(WireModel):
    """Points that look the same."""

    size: int
    lowest_similarity: Rounded = Field(description="cosine of the weakest link that holds the group together")
    is_exact: bool
    has_class_conflict: bool
    is_leak: bool = Field(description="members lie in several datasets, such as train and val")
    points: list[PointBrief] = Field(description="at most 100")


class OutlierModel(PointBrief):
    """A point unlike all others."""

    score: Rounded = Field(description="rank-based, 0 to 1, 1 = strangest")
    reason: str


class ConfusionCell(WireModel):
    """Points of one given class whose neighbors have mostly one other."""

    given: str
    neighborhood: str
    count: int
    ids: list[str] = Field(description="empty where both classes are the same")


class Confusion(WireModel):
    """Given class against the class of the neighborhood; cells without points are left out."""

    classes: list[str]
    cells: list[ConfusionCell]
    why_empty: str | None = Field(default=None, description=_WHY_EMPTY)


class PickModel(PointBrief):
    """A picked point."""

    stands_for: int | None = Field(default=None, description="points that it represents; null for diverse picks")


class Clusters(WireModel):
    """Clusters, largest first."""

    clusters: list[ClusterModel]
    why_empty: str | None = Field(default=None, description=_WHY_EMPTY)


class Duplicates(WireModel):
    """Groups of points that look the same; those with conflicting classes or in several datasets come first."""

    groups: list[DuplicateGroup]
    n_groups: int = Field(description="how many there are with those that the limit cut off")
    why_empty: str | None = Field(default=None, description=_WHY_EMPTY)


class Outliers(WireModel):
    """Outliers, strangest first."""

    outliers: list[OutlierModel]
    n_outliers: int = Field(
        description="how many points that fit stand apart from all others; those that are listed after them do not"
    )
    threshold: Rounded | None = Field(
        description="score from which points stand apart, beyond Tukey's outer fence; null if none does"
    )
    why_empty: str | None = Field(default=None, description=_WHY_EMPTY)


class Picks(WireModel):
    """Picked points, in the order in which they were picked."""

    picks: list[PickModel]
    why_empty: str | None = Field(default=None, description=_WHY_EMPTY)
