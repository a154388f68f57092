"""Searches for similar points. Pydantic only; nothing here computes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lookalike.wire.base import IdInPath, ListLimit, RequestModel, WireModel
from lookalike.wire.points import PointModel
from lookalike.wire.selections import FilterModel


class NeighborsRequest(RequestModel):
    """Search similar points.

    Several ids search around their mean. With counter-examples, that is twice their mean minus the mean of these.
    Neither examples nor counter-examples are among the answers.
    """

    ids: list[IdInPath] = Field(min_length=1, max_length=1000)
    limit: ListLimit = 20
    filter: FilterModel | None = None
    exclude_same_image: bool = False
    unlike: list[IdInPath] = Field(default_factory=list, max_length=1000, description="counter-examples")
    one_per_image: bool = Field(default=False, description="whether each image has its nearest point only")
    diverse: bool = Field(default=False, description="whether answers differ from each other; the nearest is first")


class BoxRequest(RequestModel):
    """Search by a box of the image that a point is of."""

    id: IdInPath = Field(description="the point whose image it is")
    box: list[Annotated[int, Field(ge=-(2**31), le=2**31)]] = Field(
        min_length=4, max_length=4, description="left, top, right, bottom; half-open px"
    )
    limit: ListLimit = 20
    filter: FilterModel | None = None


class TextRequest(RequestModel):
    """Search by words."""

    text: str = Field(min_length=1, max_length=1000)
    limit: ListLimit = 20
    filter: FilterModel | None = None


class SearchModel(WireModel):
    """The network that images and words are embedded by."""

    embedder: str
    is_loaded: bool = Field(description="whether it is in memory; else the first search loads it, which takes seconds")


class NeighborModel(WireModel):
    """One neighbor."""

    point: PointModel
    score: float = Field(description="cosine similarity, higher is nearer")


class Neighbors(WireModel):
    """Neighbors, nearest first."""

    neighbors: list[NeighborModel]
    why_empty: str | None = Field(default=None, description="why there are none, if there are none")
