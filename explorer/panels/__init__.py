"""The page's panels, in screen order. A new panel is one file here and one entry in ``PANELS``."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from explorer.panels import header, legend, map_making, map_view, neighbors, point, reviews, selection, suspects

PANELS: Final[tuple[ModuleType, ...]] = (
    *(header, legend, map_view, map_making, reviews),
    *(suspects, selection, point, neighbors),
)
