"""Points taken out of a collection, and brought in. Pydantic only; nothing here computes."""

from __future__ import annotations

from pydantic import Field

from lookalike.wire.base import CollectionName, RequestModel, WireModel
from lookalike.wire.paths import AnyPath, ServerPath
from lookalike.wire.selections import FilterModel


class ExportRequest(RequestModel):
    """Write points to files, on the server's machine or to be fetched from it."""

    folder: ServerPath | None = Field(default=None, description="null for one file to be fetched")
    format: str = Field(default="parquet", max_length=100)
    filter: FilterModel | None = None


class Exported(WireModel):
    """The files that an export wrote."""

    path: AnyPath = Field(
        description="the file, or the folder where the format has several; just the name of a file to be fetched"
    )
    n_points: int
    format: str
    left_out: dict[str, int] = Field(description="why points have no place in the format, and how many")
    download: str | None = Field(
        default=None, description="path in this api from which the file can be fetched for an hour; null if in a folder"
    )


class ImportRequest(RequestModel):
    """Bring the embeddings of a folder into a collection."""

    folder: ServerPath
    collection: CollectionName | None = Field(default=None, description="made of the model's name if null")


class Imported(WireModel):
    """The points that an import wrote."""

    collection: str
    n_points: int
    n_removed: int = Field(description="points of an earlier import of the folder that it no longer holds")
    maps: list[str] = Field(description="methods of the maps that the folder holds")
    stale_files: list[str] = Field(description="map files that belong to other points")
