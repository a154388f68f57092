"""Whether the api lives. Pydantic only; nothing here computes."""

from __future__ import annotations

from typing import Literal

from lookalike.wire.base import WireModel


class Health(WireModel):
    """Sign of life of the api."""

    status: Literal["ok"]
    version: str
