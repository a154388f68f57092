"""Work in the background. Pydantic only; nothing here computes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from lookalike.wire.base import CollectionName, IdempotencyKey, Problem, RequestModel, WireModel
from lookalike.wire.maps import ProjectRequest
from lookalike.wire.names import InstanceMode
from lookalike.wire.paths import ServerPath
from lookalike.wire.selections import FilterText

RunKind = Literal["project", "index", "export", "import", "apply", "undo", "backup", "restore", "move"]
RunState = Literal["running", "succeeded", "failed", "cancelled"]
NO_STAGE: Final = "starting"
"""Stage of a run that has done nothing yet."""
SourceText = Annotated[str, Field(min_length=1, max_length=4096)]
ModelName = Annotated[str, Field(max_length=1000)]


class ProjectRun(ProjectRequest):
    """Make a projection in the background."""

    kind: Literal["project"]
    collection: CollectionName | None = Field(default=None, description="may be left out if there is only one")
    idempotency_key: IdempotencyKey | None = Field(
        default=None, description="the same key again gives the same run, as long as the server runs"
    )


class IndexRun(RequestModel):
    """Index a source in the background. The client, the command and the process of a run have these options."""

    kind: Literal["index"] = "index"
    source: ServerPath = Field(description="path on the machine that runs the api, or an address")
    collection: CollectionName | None = Field(default=None, description="made of the model's name if null")
    mode: InstanceMode | None = Field(default=None, description="what becomes a point; the source's default if null")
    padding: str = Field(default="0", max_length=100, description="on every side: pixels (8, -4) or a share (0.1, 10%)")
    min_size_px: int = Field(default=1, ge=1, le=2**31, description="skip objects narrower or lower than this")
    mask_background: bool = Field(default=False, description="replace what lies outside an object's shape")
    model: ModelName | None = Field(default=None, description="timm name, or hf:NAME; that of the settings if null")
    checkpoint: ServerPath | None = Field(default=None, description="weights file for the model")
    device: Annotated[str, Field(max_length=100)] | None = Field(default=None, description="auto, cpu, cuda:N or mps")
    batch_size: int | None = Field(
        default=None, ge=1, le=4096, description="crops per forward pass; null suits the device"
    )
    datasets: list[FilterText] | None = Field(default=None, max_length=1000, description="only these; all if null")
    source_format: Annotated[str, Field(max_length=100)] | None = Field(default=None, description="if not recognised")
    source_key: str | None = Field(
        default=None, max_length=4096, description="identity of the source; its path if null"
    )
    allow_remote: bool = Field(default=False, description="COCO: read images from the addresses that it names")
    include_crowd: bool = Field(default=False, description="COCO: make points of crowd annotations too")
    allow_outside: bool = Field(default=False, description="COCO, YOLO: read images outside the source")
    allow_shrink: bool = Field(default=False, description="remove images even if most are no longer listed")
    idempotency_key: IdempotencyKey | None = Field(
        default=None, description="the same key again gives the same run, as long as the server runs"
    )
    max_pixels: int | None = Field(default=None, ge=1, le=2**40, description="largest image, width times height")
    force: bool = Field(default=False, description="embed everything anew")
    full: bool = Field(default=False, description="supervisely://: list everything, also what is known")


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
    result: dict[str, Any] | None = Field(
        default=None,
        description="``ProjectionInfo``, ``Exported``, ``Imported``, ``AppliedReviews``, ``RestoredFiles``, "
        "``BackedUp``, ``Restored`` or ``Moved``, or an indexing report; where runs are listed, its lists are cut",
    )
    error: Problem | None = None


class AttachedRun(RequestModel):
    """A run that a process of this machine does on its own; it tells of it, so that others see and can cancel it."""

    pid: int = Field(ge=1, le=2**32, description="the process")
    source: SourceText
    collection: CollectionName | None = None
    run_id: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="the run that the process was started for; a new one if null"
    )


class RunClaim(RequestModel):
    """A worker that has nothing to do, and what it can do."""

    worker: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="its name, for people")
    kinds: list[Literal["project", "index"]] = Field(min_length=1, max_length=2, description="runs that it does")


class ClaimedRun(WireModel):
    """A run that a worker has taken."""

    run: RunInfo
    request: RunRequest


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
