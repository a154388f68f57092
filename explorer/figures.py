"""Data into what is drawn: colours, words and numbers. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from explorer.state import ClassCount, OpenCollection
from lookalike.class_colors import OTHER_COLOR
from lookalike.wire.base import CountedName

NO_CLASS: Final = "no class"


def class_counts(classes: Iterable[CountedName]) -> list[ClassCount]:
    """Counted classes in the form that stores carry."""
    return [{"name": entry.name, "count": entry.count} for entry in classes]


def class_label(name: str | None) -> str:
    """The name of a class as it is shown; points without a class have one too."""
    return name or NO_CLASS


def color_of_class(collection: OpenCollection, name: str | None) -> str:
    """The colour of a class, grey for none and for one that the collection does not know."""
    return collection["colors"].get(name or "", OTHER_COLOR)


def dot_size_px(n_points: int) -> float:
    """Diameter at which that many dots neither drown in the map nor fill it: 6 px for 2,000, 2.5 for a million."""
    return min(8.0, max(1.5, round(2 * (10.5 - 1.35 * math.log10(max(n_points, 1)))) / 2))


def age_text(moment: datetime, now: datetime) -> str:
    """Say roughly when something was: ``just now``, ``5 min ago``, ``3 h ago`` or the date."""
    seconds = (now - moment).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 86400:
        return f"{seconds // 3600:.0f} h ago"
    return f"{moment:%d %b %Y}"
