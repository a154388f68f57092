"""Work in the background. Pydantic only; nothing here computes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from lookalike.wire.base import CollectionName, IdempotencyKey, Problem, RequestModel, WireModel
from lookalike.wire.maps import ProjectRequest
from lookalike.wire.names import InstanceMode
from lookalike.wire.selections import FilterText

RunKind = Literal["project", "index"]
RunState = Literal["running", "succeeded", "failed", "cancelled"]
SourceText = Annotated[str, Field(min_length=1, max_length=4096)]


class ProjectRun(ProjectRequest):
    """Make a projection in the background."""

    kind: Literal["project"]
    collection: CollectionName | None = Field(default=None, description="may be left out if there is only one")
    idempotency_key: IdempotencyKey | None = Field(
        default=None, description="the same key again gives the same run, as long as the server runs"
    )


class IndexRun(RequestModel):
    """Index a source in the background."""

    kind: Literal["index"]
    source: SourceText = Field(description="path on the machine that runs the api, or an address")
    collection: CollectionName | None = None
    mode: InstanceMode | None = None
    datasets: list[FilterText] | None = Field(default=None, max_length=1000)
    force: bool = False
    full: bool = Field(default=False, description="supervisely://: list everything, also what is known")
    allow_shrink: bool = Field(default=False, description="remove images even if most are no longer listed")
    idempotency_key: IdempotencyKey | None = Field(
        default=None, description="the same key again gives the same run, as long as the server runs"
    )


RunRequest = Annotated[ProjectRun | IndexRun, Field(discriminator="kind")]


class RunInfo(WireModel):
    """Work in the background; ask again until ``state`` is no longer running."""

    id: str
    kind: RunKind
    collection: str | None
    source: str | None = Field(default=None, description="what is indexed")
    state: RunState
    stage: str = Field(description="what it is doing, in words")
    done: int
    total: int | None = Field(description="null while unknown")
    rate_per_s: float | None = Field(default=None, description="how many of the stage are done in a second")
    seconds_left: float | None = Field(default=None, description="until the end of the stage, at that rate")
    started_at: datetime
    finished_at: datetime | None = None
    result: dict[str, Any] | None = Field(default=None, description="a projection's info, or an indexing report")
    error: Problem | None = None


class AttachedRun(RequestModel):
    """A run that a process of this machine does on its own; it tells of it, so that others see and can cancel it."""

    pid: int = Field(ge=1, le=2**32, description="the process")
    source: SourceText
    collection: CollectionName | None = None
    run_id: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="the run that the process was started for; a new one if null"
    )


class RunProgress(RequestModel):
    """Progress of a process; it tells of it every second at least."""

    stage: Annotated[str, Field(max_length=1000)]
    done: int = Field(ge=0, le=2**53)
    total: int | None = Field(default=None, ge=0, le=2**53)


class RunOrder(WireModel):
    """Order to a process."""

    is_cancelled: bool = Field(description="whether it is to stop: somebody cancelled it, or gave it up for dead")


class RunEnd(RequestModel):
    """End of a run, as its process tells it."""

    state: Literal["succeeded", "failed", "cancelled"]
    result_json: Annotated[str, Field(max_length=2**24)] | None = Field(default=None, description="JSON of an object")
    error_code: Annotated[str, Field(max_length=100)] = Field(default="", description="class of the error")
    error: Annotated[str, Field(max_length=10_000)] | None = None
