"""Labels that their neighborhood contradicts. Pydantic only; nothing here computes."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from lookalike.wire.base import BoxModel, IdInPath, ListLimit, Offset, RequestModel, WireModel
from lookalike.wire.names import SuspectMethod
from lookalike.wire.selections import FilterModel


class SuspectsQuery(FilterModel):
    """Which suspects to list."""

    limit: ListLimit = 50
    offset: Offset = 0
    method: SuspectMethod = Field("combined", description="for experts: ridge leaves the nearest points out")


class GroupRequest(RequestModel):
    """Ask for the points that are under the same suspicion as some points."""

    ids: list[IdInPath] = Field(min_length=1, max_length=10_000)


class SuspectModel(WireModel):
    """A point whose class its neighborhood contradicts."""

    id: str
    dataset: str
    image_name: str
    object_key: str | None
    box: BoxModel | None
    class_name: str
    suggested_class: str
    score: float = Field(description="rank-based, 0 to 1, 1 = most suspicious; a ranking, not a verdict")
    reason: str
    evidence: list[str] = Field(description="ids of the neighbors that speak")
    group: list[str] = Field(
        default_factory=list,
        description="ids of similar points under the same suspicion, this one first, for one verdict on all",
    )
    review: dict[str, Any] | None = Field(default=None, description="of a person who skipped it, as payloads have it")


class Suspects(WireModel):
    """Suspects, most suspicious first."""

    suspects: list[SuspectModel]
    n_ranked: int = Field(description="points that could be ranked")
    n_suspects: int = Field(default=0, description="entries without a filter, on all pages; a group is one")
    n_matching: int = Field(default=0, description="entries that the filter leaves, on all pages; a group is one")
    why_empty: str | None = Field(default=None, description="why nothing fits what was asked for")
    next_offset: int | None = None
    review_revision: str = Field(default="", description="of the collection's reviews; all that it counts are in here")
