"""The colours of a collection's classes."""

from __future__ import annotations

from indexer.collection.collections import CollectionDescription, Collections
from indexer.collection.facts import Facts
from lookalike.class_colors import class_colors


def colors_of(collections: Collections, facts: Facts, name: str) -> dict[str, str]:
    """Class name -> ``#rrggbb``, for every class of a collection."""
    return _choose_colors(collections.describe(name), facts)


def colors_told(collections: Collections, facts: Facts, name: str, class_name: str | None) -> dict[str, str]:
    """The colours that clients were told last, so that a picture has those of the page around it.

    Args:
        collections: Where the collection is.
        facts: Colours of its projects.
        name: Name of the collection.
        class_name: A class that must have a colour; one that came since has the classes counted anew.
    """
    colors = _choose_colors(collections.described_last(name), facts)
    return colors if not class_name or class_name in colors else colors_of(collections, facts, name)


def _choose_colors(described: CollectionDescription, facts: Facts) -> dict[str, str]:
    return class_colors(described.classes, facts.of(described.name).class_colors)
