"""Stores as callbacks get them, and ways to read the components that they give."""

from __future__ import annotations

import asyncio
from typing import Any

from dash.development.base_component import Component

from lookalike.class_colors import CLASS_COLORS, OTHER_COLOR

CAT = "00000000-0000-5000-8000-0000000000ca"

OPEN = {
    "name": "pets",
    "display_name": "pets",
    "revision": "1",
    "n_points": 3,
    "classes": ["cat", "dog"],
    "datasets": ["pets/indoor", "pets/outdoor"],
    "colors": {"cat": CLASS_COLORS[0], "dog": CLASS_COLORS[1]},
    "otherColor": OTHER_COLOR,
}
PROJECTED = {
    "collection": "pets",
    "id": "m1",
    "version": "v7",
    "method": "umap",
    "metric": "cosine",
    "has_scores": True,
    "note": None,
    "is_current": True,
    "n_points": 3,
    "classes": [{"name": "dog", "count": 2}, {"name": "cat", "count": 1}],
}
LISTED = [{"value": "m1", "label": "UMAP · cosine · 05 Jan 2026"}]
SELECTED = {"id": CAT, "by": "map"}
ACCEPT = {"verdict": "accept", "id": CAT, "class_name": "dog"}


def run(callback, *args: Any) -> Any:
    return asyncio.run(callback(*args))


def text_of(part: Any) -> str:
    """Every text in a component, in order, one space between."""
    if isinstance(part, list | tuple):
        return " ".join(filter(None, (text_of(each) for each in part)))
    if isinstance(part, Component):
        return text_of(getattr(part, "children", None))
    return "" if part is None else str(part)
