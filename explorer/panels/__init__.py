"""The page's panels, in screen order.

A new panel is one file here and one entry in ``PANELS``. An installed package adds its own by an entry point of the
group ``lookalike.panels``; ``docs/extending.md`` shows how.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from types import ModuleType
from typing import Final

from explorer.panels import dock, filters, header, map_making, map_view, neighbors, point, reviews, views

ADDED: Final[tuple[ModuleType, ...]] = tuple(entry.load() for entry in entry_points(group="lookalike.panels"))
"""Panels of other packages."""

PANELS: Final[tuple[ModuleType, ...]] = (
    *(header, filters, views, map_making, map_view, reviews),
    *(dock, point, neighbors),
    *ADDED,
)
