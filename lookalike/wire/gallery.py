"""Galleries: points in an order that a person chooses. Pydantic only; nothing here computes."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, Field

from lookalike.wire.base import BoxModel, IdInPath, Limit, Offset, WireModel
from lookalike.wire.names import GalleryOrder
from lookalike.wire.selections import FilterModel


class GalleryQuery(FilterModel):
    """A filter, an order and a page. Points of which the ordered value is unknown come last."""

    order: GalleryOrder = "suspect"
    descending: bool = Field(default=True, description="whether the greatest value comes first")
    similar_to: list[IdInPath] | None = Field(
        default=None, max_length=1000, description="examples for the order by similarity"
    )
    unlike: list[IdInPath] | None = Field(default=None, max_length=1000, description="counter-examples for it")
    offset: Offset = 0
    limit: Limit = 100


class GalleryPointModel(WireModel):
    """A point of a gallery."""

    id: str
    dataset: str
    image_name: str
    object_key: str | None
    box: BoxModel | None
    size_hw: list[int] | None = Field(description="height and width of the box, or else of the image, in px")
    class_name: str | None
    suggested_class: str | None = Field(description="null if the neighborhood agrees, or scores are not computed yet")
    suspect_score: float | None = Field(description="null if it is unknown or not computed yet")
    value: float | None = Field(description="outlier score or similarity, if that is the order")
    tags: list[str]
    updated_at: AwareDatetime | None = Field(description="last edit of the label, where known")
    review: dict[str, Any] | None = Field(description="the verdict that stands, as payloads have it")


class GalleryPage(WireModel):
    """Some points of a gallery, in its order."""

    points: list[GalleryPointModel]
    total: int
    next_offset: int | None = Field(description="offset of the next page, null on the last")
    why_empty: str | None = Field(default=None, description="why there are none, if there are none")
