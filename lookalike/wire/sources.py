"""The datasets of a source that is not indexed yet. Pydantic only; nothing here computes."""

from __future__ import annotations

from pydantic import Field

from lookalike.wire.base import WireModel


class SourceDatasets(WireModel):
    """The datasets of a folder or an annotation file."""

    datasets: list[str] = Field(description="full paths, sorted; an empty one for images outside the others")
