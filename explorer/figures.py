"""Data into what is drawn: colours, words and numbers. Pure functions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from explorer.state import ClassCount, OpenCollection
from lookalike.wire.base import CountedName

# Chosen greedily in CIELAB for the largest smallest difference under normal, deuteranopic and protanopic vision. Normal
# vision weighs more, so that hues stay apart too. Lightness is 38 to 84 and chroma over 30. So every colour shows on
# white and on dark paper, and none looks like OTHER_COLOR. tests/unit/explorer/test_figures.py measures it.
CLASS_COLORS: Final = (
    "#2f7fd6", "#e8a317", "#c3003c", "#4be187", "#962d87", "#785aff", "#ffb4ff", "#698700",
    "#008769", "#ff784b", "#d200c3", "#78e1d2", "#ff1e87", "#e1d269", "#695a00", "#3cb4d2",
    "#d28769", "#e1d200", "#f087ff", "#9669a5", "#7887ff", "#69b44b", "#b44b5a", "#1ed2a5",
)  # fmt: skip
OTHER_COLOR: Final = "#9aa0a6"
_DARKEST, _LIGHTEST = 25, 92

NO_CLASS: Final = "no class"


def class_counts(classes: Iterable[CountedName]) -> list[ClassCount]:
    """Counted classes in the form that stores carry."""
    return [{"name": entry.name, "count": entry.count} for entry in classes]


def class_label(name: str | None) -> str:
    """The name of a class as it is shown; points without a class have one too."""
    return name or NO_CLASS


def natural_key(name: str) -> list[tuple[int, str]]:
    """Sorting key that puts ``class 9`` before ``class 10``."""
    return [(int(part), "") if part.isdigit() else (-1, part.lower()) for part in re.split(r"(\d+)", name) if part]


def class_colors(classes: Iterable[CountedName], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """A colour for every class name: its project's, else the largest classes get distinct ones, the rest share a grey.

    More colours than ``CLASS_COLORS`` cannot be told apart, so they would say something that is not there. Colours
    follow the names' order, so that a few relabelled points do not exchange them.

    Args:
        classes: Names with their counts.
        chosen: Class name -> ``#rrggbb`` of its project; one that would not be seen on white or dark paper is left out.
    """
    seen = {name: color for name, color in (chosen or {}).items() if _is_seen(color)}
    named = sorted((entry for entry in classes if entry.name), key=lambda entry: (-entry.count, entry.name))
    largest = sorted((entry.name for entry in named[: len(CLASS_COLORS)]), key=natural_key)
    distinct = dict(zip(largest, CLASS_COLORS, strict=False))
    return {entry.name: seen.get(entry.name) or distinct.get(entry.name, OTHER_COLOR) for entry in named}


def _is_seen(color: str) -> bool:
    """Whether a colour stands out from white and from dark paper: its CIELAB lightness is 25 to 92."""
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (((one + 0.055) / 1.055) ** 2.4 if one > 0.04045 else one / 12.92 for one in channels)
    lightness = 116 * math.cbrt(0.2126 * red + 0.7152 * green + 0.0722 * blue) - 16
    return _DARKEST < lightness < _LIGHTEST


def color_of_class(collection: OpenCollection, name: str | None) -> str:
    """The colour of a class, grey for none and for one that the collection does not know."""
    return collection["colors"].get(name or "", OTHER_COLOR)


def dot_size_px(n_points: int) -> float:
    """Diameter at which that many dots neither drown in the map nor fill it: 6 px for 2,000, 2.5 for a million."""
    return min(8.0, max(1.5, round(2 * (10.5 - 1.35 * math.log10(max(n_points, 1)))) / 2))


def count_text(count: int, noun: str) -> str:
    """A number with its noun, for example ``1,797 points``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


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
