"""Archives of images that clients send. Pydantic only; nothing here computes."""

from __future__ import annotations

from pydantic import Field

from lookalike.wire.base import WireModel
from lookalike.wire.paths import AnyPath


class Uploaded(WireModel):
    """The folder that an archive was unpacked to."""

    path: AnyPath = Field(description="on the server's machine, to be indexed as a source")
    n_files: int
    n_bytes: int = Field(description="of all files together")
