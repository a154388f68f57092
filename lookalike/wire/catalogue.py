"""Names that requests may use. Pydantic only; nothing here computes."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from lookalike.wire.base import WireModel


class CatalogueEntry(WireModel):
    """One name that may be said, with a sentence about it."""

    name: str
    description: str


class Catalogue(WireModel):
    """Every name that requests may use."""

    source_formats: list[CatalogueEntry]
    embedders: list[CatalogueEntry]
    models: list[dict[str, Any]]
    engines: str = Field(description="what runs networks on this machine, in words")
    projection_methods: list[CatalogueEntry]
    export_formats: list[CatalogueEntry]
