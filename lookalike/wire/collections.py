"""Collections. Pydantic only; nothing here computes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from lookalike.wire.base import CountedName, Limit, RequestModel, WireModel
from lookalike.wire.paths import AnyPath
from lookalike.wire.points import PointModel
from lookalike.wire.selections import FilterModel


class CollectionInfo(WireModel):
    """One collection with its counts."""

    name: str
    embedder: str
    dimension: int
    crops: str
    revision: str
    review_revision: str = Field(default="", description="changes with every verdict, of which revision takes no note")
    n_points: int = Field(description="points with an embedding")
    n_images: int = Field(description="source images known, also those without objects")
    classes: list[CountedName]
    datasets: list[CountedName]
    has_text_search: bool | None = Field(default=None, description="whether words find pictures; null if unknown")
    display_name: str = Field(default="", description="what people call it: its project's name, or a given one")
    indexed_at: datetime | None = Field(default=None, description="end of the last whole index run; null if unknown")
    class_colors: dict[str, str] = Field(
        default_factory=dict, description="#rrggbb of every class, its project's where that can be seen"
    )


class RenameRequest(RequestModel):
    """Call a collection something else; its name in paths stays."""

    display_name: Annotated[str, Field(max_length=1000)] = Field(description="empty for that of its project")


class FindQuery(FilterModel):
    """A text, and the filter of the points that are searched."""

    text: str = Field(min_length=1, max_length=1000, description="part of a name, or beginning of an id")
    limit: Limit = 20


class FoundByName(WireModel):
    """Classes and points whose name, file name or id fits a text."""

    classes: list[CountedName] = Field(description="the first 50, those that begin with the text first")
    points: list[PointModel] = Field(description="the best first")
    n_classes: int = Field(description="how many classes fit in all")
    n_points: int = Field(description="how many points fit in all")
    n_classes_outside: int = Field(description="how many more classes fit, of which no point fits the filter")
    n_points_outside: int = Field(description="how many more points fit that are outside the filter")


class CollectionStatus(CollectionInfo):
    """A collection with the maps that are kept of it."""

    projections: list[str] = Field(description="ids, newest first")


class Status(WireModel):
    """Content of a data directory."""

    data_dir: AnyPath
    collections: list[CollectionStatus]
    engines: str = Field(description="what runs networks on the server's machine, in words")
    faults: list[str] = Field(description="why collections cannot be read, one sentence each")
