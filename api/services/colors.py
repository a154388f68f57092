"""The colours of a collection's classes."""

from __future__ import annotations

from indexer.collection.collections import Collections
from indexer.collection.facts import Facts
from lookalike.class_colors import class_colors


def colors_of(collections: Collections, facts: Facts, name: str) -> dict[str, str]:
    """Class name -> ``#rrggbb``, for every class of a collection."""
    return class_colors(collections.describe(name).classes, facts.of(name).class_colors)
