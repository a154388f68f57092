"""The colour of each class, the same on the map, in lists and on images."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

# Chosen greedily in CIELAB for the largest smallest difference under normal, deuteranopic and protanopic vision. Normal
# vision weighs more, so that hues stay apart too. Lightness is 38 to 84 and chroma over 30. So every colour shows on
# white and on dark paper, and none looks like OTHER_COLOR. tests/unit/lookalike/test_class_colors.py measures it.
CLASS_COLORS: Final = (
    "#2f7fd6", "#e8a317", "#c3003c", "#4be187", "#962d87", "#785aff", "#ffb4ff", "#698700",
    "#008769", "#ff784b", "#d200c3", "#78e1d2", "#ff1e87", "#e1d269", "#695a00", "#3cb4d2",
    "#d28769", "#e1d200", "#f087ff", "#9669a5", "#7887ff", "#69b44b", "#b44b5a", "#1ed2a5",
)  # fmt: skip
OTHER_COLOR: Final = "#9aa0a6"
_DARKEST, _LIGHTEST = 25, 92


def natural_key(name: str) -> list[tuple[int, str]]:
    """Sorting key that puts ``class 9`` before ``class 10``."""
    return [(int(part), "") if part.isdecimal() else (-1, part.lower()) for part in re.split(r"(\d+)", name) if part]


def class_colors(counts: Mapping[str, int], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """A colour for every class name: its project's, else the largest classes get distinct ones, the rest share a grey.

    More colours than ``CLASS_COLORS`` cannot be told apart, so they would say something that is not there. Colours
    follow the names' order, so that a few relabelled points do not exchange them.

    Args:
        counts: Class name -> objects.
        chosen: Class name -> ``#rrggbb`` of its project; one that would not be seen on white or dark paper is left out.
    """
    seen = {name: color for name, color in (chosen or {}).items() if _is_seen(color)}
    named = sorted(filter(None, counts), key=lambda name: (-counts[name], name))
    largest = sorted(named[: len(CLASS_COLORS)], key=natural_key)
    distinct = dict(zip(largest, CLASS_COLORS, strict=False))
    return {name: seen.get(name) or distinct.get(name, OTHER_COLOR) for name in named}


def parse_rgb(color: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of ``#rrggbb`` or ``rrggbb``."""
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


def _is_seen(color: str) -> bool:
    """Whether a colour stands out from white and from dark paper: its CIELAB lightness is 25 to 92."""
    channels = [channel / 255 for channel in parse_rgb(color)]
    red, green, blue = (((one + 0.055) / 1.055) ** 2.4 if one > 0.04045 else one / 12.92 for one in channels)
    lightness = 116 * math.cbrt(0.2126 * red + 0.7152 * green + 0.0722 * blue) - 16
    return _DARKEST < lightness < _LIGHTEST
