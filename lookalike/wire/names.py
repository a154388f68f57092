"""Names that requests and answers use, listed once for wire models, clients, commands and the page.

They repeat the indexer's enumerations and registries, as a client of a running server imports none of ours but this
package. ``tests/contract/test_names.py`` holds them equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

Verdict = Literal["accept", "dismiss", "skip"]
"""Decisions of a person on a point."""

ReviewState = Literal["unjudged", "accepted", "dismissed", "skipped"]
"""States of a point towards the people who review."""

SuspectMethod = Literal["combined", "ridge"]
"""Rankings of suspects."""

Metric = Literal["cosine", "euclidean"]
"""Meanings of near on a map."""

InstanceMode = Literal["images", "objects", "both"]
"""Choices of what becomes a point."""

InstanceKind = Literal["image", "object"]
"""Kinds of points."""

GateOutcome = Literal["holds", "exceeded", "cannot tell"]
"""Findings of a check."""

ApplyOutcome = Literal["written", "already so", "refused"]
"""Outcomes of a review that is written back."""

TagOwner = Literal["object", "image"]
"""Things on a Supervisely server that carry tags."""

TreeLevel = Literal["server", "team", "workspace", "project"]
"""Levels of a Supervisely server that hold others."""

TreeEntryKind = Literal["team", "workspace", "project", "dataset"]
"""Things that a level of a Supervisely server holds."""

GalleryOrder = Literal[
    "suspect", "class", "dataset", "suggested", "file", "size", "outlier", "similarity", "review", "tags", "updated"
]
"""Properties that order a gallery."""

Variety = Literal["one_per_image", "diverse"]
"""Rules by which neighbors make way for others."""

ReportFormat = Literal["markdown", "json", "junit"]
"""Formats of a check's report."""

Annotation = Literal["object", "all", "none"]
"""Choices of what is drawn on the image of a point."""

MapColumn = Literal["score", "trust", "outlier", "edited", "dataset", "cluster"]
"""Values that the dots of a map can be coloured by, besides their classes."""

LogFormat = Literal["text", "json"]
"""Formats of a server's log."""

PROJECTION_METHODS: Final = ("umap", "tsne", "pca", "densmap", "pca-umap", "pca-tsne")
"""Methods that come with Lookalike; a package may add some."""

EXPORT_FORMATS: Final = ("parquet", "csv", "coco", "embeddings-folder")
"""Formats that come with Lookalike; a package may add some."""


def join_names(names: Sequence[str]) -> str:
    """Names as a sentence says them: ``a, b or c``."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def name_image(subject: Mapping[str, Any]) -> str:
    """Name an image as people do: by its data set and name, or by its key if it has no name.

    Args:
        subject: A point's payload, or a part of it.
    """
    named = (subject.get("dataset"), subject.get("image_name"))
    return " / ".join(part for part in named if part) or str(subject.get("image_key", ""))
