"""The wire models: what the api takes and gives. Pydantic only; nothing here computes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

BoxModel = Annotated[list[int], Field(min_length=4, max_length=4, description="left, top, right, bottom; half-open px")]


class WireModel(BaseModel):
    """Base of every wire model: unknown fields in a request are refused."""

    model_config = ConfigDict(extra="forbid")


class Problem(WireModel):
    """An error, application/problem+json (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class Health(WireModel):
    """That the api lives."""

    status: Literal["ok"]
    version: str


class CatalogueEntry(WireModel):
    """One name that may be said, with a sentence about it."""

    name: str
    description: str


class Catalogue(WireModel):
    """Every name that requests may use."""

    source_formats: list[CatalogueEntry]
    embedders: list[CatalogueEntry]
    models: list[dict[str, Any]]
    projection_methods: list[CatalogueEntry]
    export_formats: list[CatalogueEntry]


class CountedName(WireModel):
    """A value and how many points have it."""

    name: str
    count: int


class CollectionInfo(WireModel):
    """One collection with its counts."""

    name: str
    embedder: str
    dimension: int
    crops: str
    revision: str
    n_points: int = Field(description="points with an embedding")
    n_images: int = Field(description="source images known, also those without objects")
    classes: list[CountedName]
    datasets: list[CountedName]
    has_text_search: bool = False


class PointModel(WireModel):
    """One point."""

    id: str
    class_name: str | None
    dataset: str
    image_name: str
    object_key: str | None
    box: BoxModel | None
    payload: dict[str, Any]


class PointPage(WireModel):
    """Some points of a listing."""

    points: list[PointModel]
    next_offset: int | None = Field(description="offset of the next page, null on the last")
    total: int


class FilterModel(WireModel):
    """Conditions that all must hold; a list accepts any of its values."""

    class_name: list[str] | None = None
    dataset: list[str] | None = None
    instance: list[Literal["image", "object"]] | None = None
    tags: list[str] | None = None
    image_name: list[str] | None = None
    annotated_by: list[str] | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None


class NeighborsRequest(WireModel):
    """Search similar points; several ids search around their mean."""

    ids: list[str] = Field(min_length=1, max_length=1000)
    limit: int = Field(default=20, ge=1, le=1000)
    filter: FilterModel | None = None
    exclude_same_image: bool = False


class NeighborModel(WireModel):
    """One neighbor."""

    point: PointModel
    score: float = Field(description="cosine similarity, higher is nearer")


class Neighbors(WireModel):
    """Neighbors, nearest first."""

    neighbors: list[NeighborModel]


class ProjectionInfo(WireModel):
    """One projection: a map of exactly the points it was made of."""

    id: str
    method: str = Field(description="method that made it")
    requested_method: str
    metric: str
    n_points: int
    created_at: datetime
    note: str | None = Field(default=None, description="for example that PCA stands in, and why")
    is_current: bool = Field(description="false once points were added, moved or deleted since")
    classes: list[CountedName] = Field(description="indexed by the class numbers of the binary map")


class ProjectRequest(WireModel):
    """Make a projection."""

    method: str = "umap"
    metric: Literal["cosine", "euclidean"] = "cosine"


class MapRow(WireModel):
    """A point by its row in one projection's map."""

    row: int
    point: PointModel


class RowsRequest(WireModel):
    """Ask for the rows of points in one projection's map."""

    ids: list[str] = Field(max_length=100_000)


class RowOfPoint(WireModel):
    """Where a point is in one projection's map."""

    row: int
    id: str


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


class Suspects(WireModel):
    """Suspects, most suspicious first."""

    suspects: list[SuspectModel]
    n_ranked: int = Field(description="points that could be ranked")
    why_empty: str | None = None
    next_offset: int | None = None
