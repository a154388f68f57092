"""Whether the api lives and can answer. Pydantic only; nothing here computes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lookalike.wire.base import WireModel


class Health(WireModel):
    """Sign of life of the api."""

    status: Literal["ok"]
    version: str
    server_id: str = Field(description="random name of this server, by which a client knows it again")


class Readiness(WireModel):
    """Sign that questions can be answered."""

    status: Literal["ready"]
    n_collections: int
