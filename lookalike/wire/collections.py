"""Collections. Pydantic only; nothing here computes."""

from __future__ import annotations

from pydantic import Field

from lookalike.wire.base import CountedName, WireModel


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
