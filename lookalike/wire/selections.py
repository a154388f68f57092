"""Conditions that choose points. Pydantic only; nothing here computes."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from lookalike.wire.base import IdInPath, RequestModel, WireModel
from lookalike.wire.names import InstanceKind, ReviewState

FilterText = Annotated[str, Field(max_length=1000)]
"""Some text; having a limit makes pydantic refuse lone surrogates too, which JSON can write but no store can keep."""

Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class FilterModel(RequestModel):
    """Conditions that all must hold; a list accepts any of its values.

    An empty text accepts points that have no class, dataset or annotator.
    """

    class_name: list[FilterText] | None = Field(default=None, max_length=1000)
    dataset: list[FilterText] | None = Field(default=None, max_length=1000)
    instance: list[InstanceKind] | None = Field(default=None, max_length=2)
    tags: list[FilterText] | None = Field(default=None, max_length=1000)
    image_name: list[FilterText] | None = Field(default=None, max_length=1000)
    annotated_by: list[FilterText] | None = Field(default=None, max_length=1000)
    updated_after: AwareDatetime | None = Field(default=None, description="last edited at or after, where known")
    updated_before: AwareDatetime | None = None
    review: list[ReviewState] | None = Field(default=None, max_length=4)
    score_from: Score | None = Field(default=None, description="least suspect score; has scores computed")
    score_to: Score | None = Field(default=None, description="greatest suspect score; has scores computed")
    ids: list[IdInPath] | None = Field(default=None, max_length=100_000, description="only these points")


class SelectionRequest(RequestModel):
    """Keep a selection under a name."""

    name: str = Field(min_length=1, max_length=200)
    ids: list[IdInPath] = Field(min_length=1, max_length=100_000)


class SavedSelection(WireModel):
    """A selection that somebody named."""

    name: str
    ids: list[str] = Field(description="as it was saved; some points may have been deleted since")
