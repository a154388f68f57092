"""Collections. Pydantic only; nothing here computes."""

from __future__ import annotations

from pydantic import Field

from lookalike.wire.base import CountedName, WireModel
from lookalike.wire.paths import AnyPath


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
    has_text_search: bool = False


class CollectionStatus(CollectionInfo):
    """A collection with the maps that are kept of it."""

    projections: list[str] = Field(description="ids, newest first")


class Status(WireModel):
    """Content of a data directory."""

    data_dir: AnyPath
    collections: list[CollectionStatus]
    engines: str = Field(description="what runs networks on the server's machine, in words")
    faults: list[str] = Field(description="why collections cannot be read, one sentence each")
