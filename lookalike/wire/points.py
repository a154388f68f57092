"""Points. Pydantic only; nothing here computes."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from lookalike.wire.base import BoxModel, Limit, Offset, WireModel
from lookalike.wire.selections import FilterModel


class PointModel(WireModel):
    """One point."""

    id: str
    class_name: str | None
    dataset: str
    image_name: str
    object_key: str | None
    box: BoxModel | None
    payload: dict[str, Any]


class PointPage(WireModel):
    """Some points of a listing."""

    points: list[PointModel]
    next_offset: int | None = Field(description="offset of the next page, null on the last")
    total: int


class PointBrief(WireModel):
    """A point in brief, as members of groups are shown."""

    id: str
    dataset: str | None
    image_name: str | None
    object_key: str | None
    box: BoxModel | None
    class_name: str | None


class PointsQuery(FilterModel):
    """A filter and a page."""

    offset: Offset = 0
    limit: Limit = 100


class EmbeddingsQuery(FilterModel):
    """Which embeddings to send; ``lookalike.wire`` describes the answer."""

    offset: Offset = 0
    limit: int = Field(4096, ge=1, le=65_536)
    revision: str | None = Field(
        default=None, max_length=200, description="that of the first page; 409 if points changed since"
    )
