"""Work in the background. Pydantic only; nothing here computes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from lookalike.wire.base import CollectionName, Problem, WireModel
from lookalike.wire.maps import ProjectRequest
from lookalike.wire.selections import FilterText


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
