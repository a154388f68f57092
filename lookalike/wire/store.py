"""The store that a server owns, for processes that hand it points. Pydantic only; nothing here computes.

Bodies that hold points or payloads are frames (``lookalike.frames``): one of these documents, then float32 vectors.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from lookalike.wire.base import CollectionName, PointId, RequestModel

_MOST_IDS = 100_000
Name = Annotated[str, Field(max_length=1000)]
Id = Annotated[str, Field(max_length=100, description="id of a point; what is no uuid is ignored")]
Bound = int | float | datetime | None


class StoredSpec(RequestModel):
    """Model and options whose embeddings a collection holds."""

    embedder: Name
    fingerprint: Name
    dimension: int = Field(ge=1, le=1_000_000)
    crops: Name
    distance: Annotated[str, Field(max_length=20)] = "cosine"


class StoredCollection(RequestModel):
    """A collection of the store."""

    name: CollectionName
    spec: StoredSpec


class Revisions(RequestModel):
    """Revisions, which change with the writes to a collection."""

    revision: str
    review_revision: str


LeaseToken = Annotated[str, Field(min_length=1, max_length=100)]


class StoredLease(RequestModel):
    """The right to write to a collection until a time."""

    token: LeaseToken
    owner: Annotated[str, Field(max_length=1000, description="who writes, in words")]
    expires_at: AwareDatetime
    process: Annotated[str, Field(max_length=1000, description="PID@HOST, PID.START@HOST, or empty")] = ""


class StoredFilter(RequestModel):
    """Conditions that all must hold, by payload field."""

    equals_any: dict[str, list[Any]] = Field(default={})
    none_of: dict[str, list[Any]] = Field(default={})
    ranges: dict[str, tuple[Bound, Bound]] = Field(default={})
    ids: list[Id] | None = Field(default=None, max_length=_MOST_IDS)
    without_ids: list[Id] = Field(default=[], max_length=_MOST_IDS)
    has_embedding: bool | None = None


class StoredPoint(RequestModel):
    """One point; its vector follows in the frame's bytes, if it has one."""

    id: PointId
    payload: dict[str, Any]
    has_embedding: bool


class StoredPoints(RequestModel):
    """Points, with their vectors in the frame's bytes in the same order: float32, little-endian."""

    points: list[StoredPoint] = Field(max_length=_MOST_IDS)


class StoredPayloads(RequestModel):
    """Payload fields by point id, null for those to delete; reviews by point id, null for those to take away."""

    payloads: dict[str, dict[str, Any] | None] = Field(max_length=_MOST_IDS)


class StoredIds(RequestModel):
    """Ids of points."""

    ids: list[Id] = Field(max_length=_MOST_IDS)
    with_embeddings: bool = False


class ScrollRequest(RequestModel):
    """Points wanted, page by page; the answer is a stream of frames."""

    where: StoredFilter | None = None
    fields: list[Name] | None = Field(default=None, max_length=1000)
    with_embeddings: bool = False
    page_size: int = Field(default=2048, ge=1, le=_MOST_IDS)


class QueryRequest(RequestModel):
    """The nearest points wanted; the vector is the frame's bytes."""

    limit: int = Field(ge=1, le=_MOST_IDS)
    where: StoredFilter | None = None
    exact: bool = False


class CountRequest(RequestModel):
    """Points to count, and by the values of which field."""

    where: StoredFilter | None = None
    field: Name | None = None
    limit: int = Field(default=10_000, ge=1, le=_MOST_IDS)


class StoredNeighbor(RequestModel):
    """A result of a query."""

    id: str
    score: float
    payload: dict[str, Any]


class IndexState(RequestModel):
    """Whether the search index is built; ask again while it is not."""

    is_done: bool
