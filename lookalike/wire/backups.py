"""Collections taken to a file and back, or to another store. Pydantic only; nothing here computes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lookalike.wire.base import CollectionName, RequestModel, WireModel
from lookalike.wire.paths import AnyPath, ServerPath


class BackupRequest(RequestModel):
    """Write a collection to one file, with its maps and all that people made of it."""

    file: ServerPath = Field(description="an earlier backup there is replaced, another file is not")


class BackedUp(WireModel):
    """The file of a backup."""

    path: AnyPath
    collection: str
    n_points: int
    n_embedded: int = Field(description="points with an embedding")
    n_events: int = Field(description="events of the review log")
    n_maps: int
    n_tags: int = Field(description="how often people gave a tag")
    n_selections: int = Field(description="selections that people named")


class RestoreRequest(RequestModel):
    """Make a collection of a backup."""

    file: ServerPath
    collection: CollectionName | None = Field(default=None, description="the one that was backed up if null")


class Restored(WireModel):
    """The collection that was made of a backup."""

    collection: str
    n_points: int
    n_events: int = Field(description="events of the review log that the data directory did not have")
    n_maps: int
    n_tags: int = Field(description="how often it got a tag that people gave")
    n_selections: int = Field(description="named selections that it did not have")


class MoveRequest(RequestModel):
    """Copy a collection to another store."""

    to: Annotated[str, Field(min_length=1, max_length=4096)] = Field(
        description="address of a Qdrant server, or a data directory on the server's machine"
    )


class Moved(WireModel):
    """The copy of a collection in another store."""

    collection: str
    place: AnyPath
    n_points: int
    n_copied: int = Field(description="points that this request copied; an earlier one had copied the others")
    n_queries: int = Field(description="searches that both stores answered alike")
    n_events: int = Field(description="events of the review log that the other data directory did not have")
    n_maps: int
    n_tags: int = Field(description="how often it got a tag that people gave")
    n_selections: int = Field(description="named selections that it did not have")
