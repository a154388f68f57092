"""Names that requests and answers use, listed once for wire models, clients, commands and the page.

They repeat the indexer's enumerations and registries, as a client of a running server imports none of ours but this
package. ``tests/contract/test_names.py`` holds them equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

Verdict = Literal["accept", "dismiss", "skip"]
"""What a person decides on a point."""

SuspectMethod = Literal["combined", "ridge"]
"""How suspects are ranked."""

Metric = Literal["cosine", "euclidean"]
"""What near means on a map."""

InstanceMode = Literal["images", "objects", "both"]
"""What becomes a point."""

InstanceKind = Literal["image", "object"]
"""What a point is."""

GateOutcome = Literal["holds", "exceeded", "cannot tell"]
"""What a check finds."""

ApplyOutcome = Literal["written", "already so", "refused"]
"""What becomes of a review that is written back."""

ReportFormat = Literal["markdown", "json", "junit"]
"""How a check reports."""

Annotation = Literal["object", "all", "none"]
"""What is drawn on the image of a point."""

PROJECTION_METHODS: Final = ("umap", "tsne", "pca", "densmap", "pca-umap", "pca-tsne")
"""Methods that come with Lookalike; a package may add some."""

EXPORT_FORMATS: Final = ("parquet", "csv", "coco", "embeddings-folder")
"""Formats that come with Lookalike; a package may add some."""


def join_names(names: Sequence[str]) -> str:
    """Names as a sentence says them: ``a, b or c``."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
