"""Conditions that choose points. Pydantic only; nothing here computes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BeforeValidator, Field

from lookalike.wire.base import IdInPath, RequestModel, WireModel
from lookalike.wire.names import InstanceKind, ReviewState

FilterText = Annotated[str, Field(max_length=1000)]
"""Some text; having a limit makes pydantic refuse lone surrogates too, which JSON can write but no store can keep."""

Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_RFC_3339: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}.*", re.ASCII | re.DOTALL)


def _check_time(value: Any) -> Any:
    """Refuse numbers, which would be taken for seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC_3339.fullmatch(value)):
        return value
    raise ValueError("is no time; write one such as 2026-01-31T12:00:00Z")


Time = Annotated[AwareDatetime, BeforeValidator(_check_time)]


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
    updated_after: Time | None = Field(default=None, description="last edited at or after, where known")
    updated_before: Time | None = None
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
