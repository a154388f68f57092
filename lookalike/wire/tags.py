"""Tags that people give to points. Pydantic only; nothing here computes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lookalike.wire.base import IdInPath, RequestModel, WireModel

TagName = Annotated[str, Field(min_length=1, max_length=200)]


class PointTagsRequest(RequestModel):
    """Give tags to points and take others away."""

    ids: list[IdInPath] = Field(min_length=1, max_length=100_000)
    add: list[TagName] = Field(default_factory=list, max_length=100)
    remove: list[TagName] = Field(default_factory=list, max_length=100, description="a tag of the source stays")


class ChangedTags(WireModel):
    """Answer to a request for tags."""

    n_changed: int = Field(description="points that have other tags by now")
