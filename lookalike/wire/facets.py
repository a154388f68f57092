"""Facets: properties by which a collection can be narrowed. Pydantic only; nothing here computes."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from lookalike.wire.base import CountedName, ListLimit, WireModel
from lookalike.wire.selections import FilterModel


class FacetsQuery(FilterModel):
    """A filter to count under."""

    limit: ListLimit = Field(default=10_000, description="values of a facet at most")


class EditedSpan(WireModel):
    """When the labels of some points were last edited."""

    earliest: datetime
    latest: datetime
    n_known: int = Field(description="points of which it is known")


class Facets(WireModel):
    """Counts of the points of each value, under all conditions of the filter but the facet's own.

    Values are the most frequent first. A value that no point has under the filter is there with 0. The empty name
    stands for points without a class, dataset or annotator.
    """

    n_points: int = Field(description="points of the collection")
    n_matching: int = Field(description="points that fit the whole filter")
    class_name: list[CountedName]
    dataset: list[CountedName]
    tags: list[CountedName]
    annotated_by: list[CountedName]
    review: list[CountedName] = Field(description="unjudged, accepted, dismissed, skipped")
    edited: EditedSpan | None = Field(description="null if it is known of none")
    scores: list[int] | None = Field(
        description="points per twentieth of the suspect score; null until scores are computed"
    )
    why_empty: str | None = Field(default=None, description="why no point fits, if none does")
