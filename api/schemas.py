"""The wire models: what the api takes and gives. Pydantic only; nothing here computes.

Paths below ``/api/v1``, where C is a collection's name and P a projection's id; errors are ``Problem`` documents:

    GET  health, catalogue, collections, collections/C
    GET  collections/C/points?offset&limit&FILTER   -> PointPage     FILTER: the fields of FilterModel, lists repeated
    GET  collections/C/points/ID                    -> PointModel
    GET  collections/C/points/ID/crop?size          -> image/jpeg    longest side at most size px, never enlarged
    GET  images/ID?collection&annotation&size       -> image/jpeg    annotation = object | all | none
    POST collections/C/neighbors                    -> Neighbors     takes NeighborsRequest
    POST collections/C/neighbors/image              -> Neighbors     multipart: file, box "l,t,r,b", limit, class_name
    POST collections/C/neighbors/text               -> Neighbors     takes TextRequest; needs a model with a text tower
    GET  collections/C/suspects?limit&offset&method&FILTER -> Suspects
    GET  collections/C/clusters?resolution          -> list[ClusterModel], largest first
    GET  collections/C/duplicates?threshold&limit   -> list[DuplicateGroup], conflicts and leaks first
    GET  collections/C/outliers?limit&FILTER        -> list[OutlierModel], strangest first
    GET  collections/C/confusion                    -> Confusion
    GET  collections/C/picks?n&diverse&FILTER       -> list[PickModel]
    GET  collections/C/check?max_suspects&max_duplicate_conflicts&max_leaks -> CheckReport
    GET  collections/C/reviews?verdict              -> list[ReviewModel], newest first
    POST collections/C/reviews                      -> list[ReviewModel], takes ReviewRequest; all points or none
    POST collections/C/reviews/undo                 -> UndoneReview  takes UndoRequest
    GET  collections/C/reviews/log?verdict&offset&limit -> list[LoggedReview], newest first, also those taken back
    POST collections/C/reviews/apply                -> AppliedReviews takes ApplyRequest; writes to the sources
    POST collections/C/reviews/restore              -> RestoredFiles takes RestoreRequest; takes such a run back
    GET  collections/C/projections                  -> list[ProjectionInfo], newest first
    POST collections/C/projections                  -> 202 RunInfo   takes ProjectRequest
    GET  collections/C/projections/P                -> ProjectionInfo
    GET  collections/C/projections/P/map?v          -> binary map, see below
    GET  collections/C/projections/P/columns/score  -> uint8 (n_points,), the map's score column, computed if need be
    GET  collections/C/projections/P/columns/trust  -> uint8 (n_points,), the share of true neighbors that a row kept
    GET  collections/C/projections/P/rows?rows=1,2  -> list[MapRow], at most 1000; rows of deleted points are left out
    POST collections/C/projections/P/rows           -> list[RowOfPoint]  takes RowsRequest; unknown ids are left out
    GET  collections/C/projections/P/rows/ROW/crop?size -> image/jpeg
    GET  runs, runs/ID                              -> list[RunInfo], RunInfo
    POST runs                                       -> 202 RunInfo   takes ProjectRun or IndexRun
    DELETE runs/ID                                  -> RunInfo       asks it to stop

The binary map is little endian. Header, 16 bytes: ``b"LKM1"``, uint32 n_points, uint32 block_rows (65536),
uint32 n_classes. Then blocks of ``k <= block_rows`` rows, each: uint16 x[k], uint16 y[k], uint16 class[k],
uint8 score[k], zero bytes up to a multiple of 4. Rows are in a random order fixed for the projection's life, so that
every prefix is a fair sample. x grows to the right and y upwards, in a square, with the projection's own aspect.
``class`` indexes ``ProjectionInfo.classes``; 65535 marks a point deleted since the projection was made, which is not
to be drawn. ``score`` is the suspect score times 254, and 255 for none. A first paint never waits for suspects: while
they are not computed yet every score byte is 255 and ``ProjectionInfo.has_scores`` is false; fetch ``columns/score``
then. With ``?v=`` and ``ProjectionInfo.version`` the map may be kept for ever; without, its ETag revalidates it.
``columns/trust`` is like ``score``: the share of a point's true neighbors that are near it on the map.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

BoxModel = Annotated[list[int], Field(min_length=4, max_length=4, description="left, top, right, bottom; half-open px")]


# Every text, list and number of a request has bounds, so that a request costs what it holds and no more.
_UUID = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"

PointId = Annotated[str, Field(min_length=36, max_length=36, pattern=_UUID, description="uuid of a point")]
IdInPath = Annotated[str, Field(max_length=100, description="uuid of a point; none has another name")]
CollectionName = Annotated[str, Field(max_length=255, description="name of a collection")]
ClassName = Annotated[str, Field(max_length=1000)]
Offset = Annotated[int, Field(ge=0, le=2**53)]
Limit = Annotated[int, Field(ge=1, le=1000)]


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
    review_revision: str = Field(default="", description="changes with every verdict, of which revision takes no note")
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


FilterText = Annotated[str, Field(max_length=1000)]
"""Some text; having a limit makes pydantic refuse lone surrogates too, which JSON can write but no store can keep."""


class FilterModel(WireModel):
    """Conditions that all must hold; a list accepts any of its values."""

    class_name: list[FilterText] | None = Field(default=None, max_length=1000)
    dataset: list[FilterText] | None = Field(default=None, max_length=1000)
    instance: list[Literal["image", "object"]] | None = Field(default=None, max_length=2)
    tags: list[FilterText] | None = Field(default=None, max_length=1000)
    image_name: list[FilterText] | None = Field(default=None, max_length=1000)
    annotated_by: list[FilterText] | None = Field(default=None, max_length=1000)
    updated_after: AwareDatetime | None = Field(default=None, description="last edited at or after, where known")
    updated_before: AwareDatetime | None = None
    ids: list[PointId] | None = Field(default=None, max_length=10_000, description="only these points")


class NeighborsRequest(WireModel):
    """Search similar points; several ids search around their mean."""

    ids: list[PointId] = Field(min_length=1, max_length=1000)
    limit: Limit = 20
    filter: FilterModel | None = None
    exclude_same_image: bool = False


class TextRequest(WireModel):
    """Search by words."""

    text: str = Field(min_length=1, max_length=1000)
    limit: Limit = 20
    filter: FilterModel | None = None


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
    classes: list[CountedName] = Field(
        description="most frequent first, indexed by the class numbers of the binary map; '' holds unlabelled points"
    )
    version: str = Field(default="", description="say it as ?v= of the map; changes whenever the map's bytes do")
    has_scores: bool = Field(default=False, description="whether the map carries suspect scores already")
    mean_trust: float | None = Field(
        default=None, description="share of a point's true neighbors that are its neighbors on the map, on average"
    )


class ProjectRequest(WireModel):
    """Make a projection."""

    method: str = Field(default="umap", max_length=100)
    metric: Literal["cosine", "euclidean"] = "cosine"
    refit: bool = Field(default=False, description="make a new map although one can be brought up to date")


class ProjectRun(ProjectRequest):
    """Make a projection in the background."""

    kind: Literal["project"]
    collection: CollectionName | None = Field(default=None, description="may be left out if there is only one")


class IndexRun(WireModel):
    """Index a source in the background."""

    kind: Literal["index"]
    source: str = Field(
        min_length=1, max_length=4096, description="path on the machine that runs the api, or an address"
    )
    collection: CollectionName | None = None
    mode: Literal["images", "objects", "both"] | None = None
    datasets: list[FilterText] | None = Field(default=None, max_length=1000)
    force: bool = False
    full: bool = Field(default=False, description="supervisely://: list everything, also what is known")
    allow_shrink: bool = Field(default=False, description="remove images even if most are no longer listed")


RunRequest = Annotated[ProjectRun | IndexRun, Field(discriminator="kind")]


class RunInfo(WireModel):
    """Work in the background; ask again until ``state`` is no longer running."""

    id: str
    kind: Literal["project", "index"]
    collection: str | None
    state: Literal["running", "succeeded", "failed", "cancelled"]
    stage: str = Field(description="what it is doing, in words")
    done: int
    total: int | None = Field(description="null while unknown")
    started_at: datetime
    finished_at: datetime | None = None
    result: dict[str, Any] | None = Field(default=None, description="a projection's info, or an indexing report")
    error: Problem | None = None


class MapRow(WireModel):
    """A point by its row in one projection's map."""

    row: int
    point: PointModel
    trust: float | None = Field(default=None, description="share of its true neighbors that are near it on this map")


class RowsRequest(WireModel):
    """Ask for the rows of points in one projection's map."""

    ids: list[PointId] = Field(max_length=100_000)


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
    group: list[str] = Field(
        default_factory=list,
        description="ids of similar points under the same suspicion, this one first, for one verdict on all",
    )
    review: dict[str, Any] | None = Field(default=None, description="of a person who skipped it, as payloads have it")


class Suspects(WireModel):
    """Suspects, most suspicious first."""

    suspects: list[SuspectModel]
    n_ranked: int = Field(description="points that could be ranked")
    n_matching: int = Field(default=0, description="entries that the filter leaves, on all pages; a group is one")
    why_empty: str | None = Field(default=None, description="why nothing fits what was asked for")
    next_offset: int | None = None
