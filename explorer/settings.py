"""Settings of the explorer; the entry point fills them, nothing here reads the environment."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ExplorerSettings(BaseModel):
    """Settings of the page: where it is served and how much it shows at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    prefix: str = Field(
        "", pattern=r"^(/[A-Za-z0-9._~-]+)*$", description="what paths begin with in browsers, behind a proxy"
    )
    timeout_s: float = Field(60.0, gt=0, description="longest wait for an answer of the api")
    n_neighbors: int = Field(20, ge=1, le=100, description="neighbors shown of a point or an image")
    poll_seconds: float = Field(1.5, gt=0, description="how often an empty page looks whether something was indexed")
    watch_seconds: float = Field(4.0, gt=0, description="how often the page looks whether somebody changed something")
    reviewer: str = Field(
        "me", min_length=1, max_length=200, description="in whose name verdicts are, until one is given"
    )
