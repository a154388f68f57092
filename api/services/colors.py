"""The colours of a collection's classes."""

from __future__ import annotations

from indexer.workspace import Workspace
from lookalike.class_colors import class_colors


def colors_of(workspace: Workspace, collection: str) -> dict[str, str]:
    """Class name -> ``#rrggbb``, for every class of a collection."""
    return class_colors(workspace.collections.describe(collection).classes, workspace.facts.of(collection).class_colors)
