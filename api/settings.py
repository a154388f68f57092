"""Limits of the api; the defaults suit one machine with a few people on it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ApiSettings(BaseModel):
    """How much one request may send and how much the api remembers between requests."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    max_body_bytes: int = Field(64 * 2**20, gt=0, description="larger request bodies are refused")
    thumbnail_cache_bytes: int = Field(64 * 2**20, gt=0, description="encoded crops kept in memory")
    image_cache_bytes: int = Field(256 * 2**20, gt=0, description="decoded images kept in memory")
