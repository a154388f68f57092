"""Maps of collections, named projections in paths. Pydantic only; nothing here computes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from lookalike.wire.base import CountedName, PointId, RequestModel, WireModel
from lookalike.wire.names import MapColumn, Metric
from lookalike.wire.points import PointModel
from lookalike.wire.selections import FilterModel


class MatchesQuery(FilterModel):
    """Which rows of a map are asked for."""


class ProjectionInfo(WireModel):
    """One projection: a map of exactly the points it was made of."""

    id: str
    method: str = Field(description="method that made it")
    requested_method: str
    metric: str
    n_points: int
    created_at: datetime
    note: str | None = Field(default=None, description="for example that PCA stands in, and why")
    is_current: bool = Field(description="false once points were added, moved or deleted since")
    classes: list[CountedName] = Field(
        description="most frequent first, indexed by the class numbers of the binary map; '' holds unlabelled points"
    )
    version: str = Field(default="", description="say it as ?v= of the map; changes whenever the map's bytes do")
    has_scores: bool = Field(default=False, description="whether the map carries suspect scores already")
    seed: int = Field(default=0, description="seed of everything random")
    revision: str = Field(default="", description="the collection's revision when the points were read")
    parameters: dict[str, float] = Field(default_factory=dict, description="what else shaped the map")
    mean_trust: float | None = Field(
        default=None, description="share of a point's true neighbors that are its neighbors on the map, on average"
    )


class ProjectRequest(RequestModel):
    """Make a projection."""

    method: str = Field(default="umap", max_length=100)
    metric: Metric = "cosine"
    refit: bool = Field(default=False, description="make a new map although one can be brought up to date")


class MapRow(WireModel):
    """A point by its row in one projection's map."""

    row: int
    point: PointModel
    trust: float | None = Field(default=None, description="share of its true neighbors that are near it on this map")


class RowsRequest(RequestModel):
    """Ask for the rows of points in one projection's map."""

    ids: list[PointId] = Field(max_length=100_000)


class RowOfPoint(WireModel):
    """Where a point is in one projection's map."""

    row: int
    id: str


class MapColumnInfo(WireModel):
    """Meaning of the values of a column of a map; it stands in the column's head."""

    name: MapColumn
    kind: Literal["category", "number"]
    categories: list[CountedName] = Field(
        default_factory=list, description="indexed by the values, most frequent first; '' holds points without one"
    )
    least: datetime | None = Field(default=None, description="moment of the value 0, if values are moments")
    greatest: datetime | None = Field(default=None, description="moment of the value 254")
