"""Names that requests may use. Pydantic only; nothing here computes."""

from __future__ import annotations

from pydantic import Field

from lookalike.wire.base import WireModel


class CatalogueEntry(WireModel):
    """One name that may be said, with a sentence about it."""

    name: str
    description: str


class ModelInfo(WireModel):
    """A recommended model."""

    name: str
    dimension: int
    input_px: int
    n_parameters: float = Field(description="of the network that is loaded, in millions")
    license: str
    purpose: str
    has_text_tower: bool = Field(description="whether texts can be embedded into the same space")
    size_mb: int = Field(description="size of the weights, about")
    is_available: bool = Field(description="whether the weights are on the server's machine")


class Models(WireModel):
    """Recommended models."""

    models: list[ModelInfo]
    engines: str = Field(description="what runs networks on the server's machine, in words")
    devices: list[str] | None = Field(
        default=None,
        description="devices of the machine that indexes, fastest first; null if they were not asked for or are not "
        "known, as where workers index",
    )


class Catalogue(WireModel):
    """Every name that requests may use."""

    source_formats: list[CatalogueEntry]
    embedders: list[CatalogueEntry]
    models: list[ModelInfo]
    engines: str = Field(description="what runs networks on this machine, in words")
    projection_methods: list[CatalogueEntry]
    export_formats: list[CatalogueEntry]
