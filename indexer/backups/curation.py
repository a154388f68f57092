"""Work of curators on a collection beside its points: tags, named selections, and its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from indexer.collection.collections import Collections
from indexer.collection.facts import Facts
from indexer.collection.saved_selections import SavedSelections
from indexer.collection.tags import Tags
from indexer.stores.base import Collection


@dataclass(frozen=True, slots=True)
class Curated:
    """The work of curators, as a backup keeps it.

    Attributes:
        tags: Tag that people gave -> ids of its points, of all collections of the data directory.
        selections: Name of a selection of the collection -> ids of its points.
        display_name: What people call the collection; None if nobody named it.
        sources: Source key -> where and when the collection was indexed, as the data directory keeps it.
    """

    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    selections: Mapping[str, Sequence[str]] = field(default_factory=dict)
    display_name: str | None = None
    sources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def parse(cls, document: Any) -> Self:
        """Read what ``dataclasses.asdict`` made of one.

        Raises:
            ValueError, TypeError, AttributeError: The document does not hold the work of curators.
        """
        made = cls(**document)
        for lists in (made.tags, made.selections):
            if not all(isinstance(one, str) for name, ids in lists.items() for one in (name, *_as_list(ids))):
                raise ValueError("a tag or a selection is no list of ids")
        if not isinstance(made.display_name, str | None):
            raise TypeError("the display name is no text")
        if not all(isinstance(one, dict) for one in made.sources.values()):
            raise ValueError("a source is no object")
        return made

    @property
    def n_tags(self) -> int:
        """Number of times that a tag was given."""
        return sum(len(ids) for ids in self.tags.values())


def _as_list(ids: Any) -> list[Any]:
    if not isinstance(ids, list):
        raise TypeError("ids are no list")
    return ids


@dataclass(frozen=True, slots=True)
class Taken:
    """The work that a data directory did not have.

    Attributes:
        n_tags: Tags that points got.
        n_selections: Named selections.
    """

    n_tags: int = 0
    n_selections: int = 0


class Curation:
    """The work of curators in one data directory.

    Args:
        collections: The collections of its store.
        data_dir: The data directory.
    """

    def __init__(self, collections: Collections, data_dir: Path) -> None:
        self._tags = Tags(collections, data_dir)
        self._selections, self._facts = SavedSelections(data_dir), Facts(data_dir)

    def read(self, name: str) -> Curated:
        """All that people made of a collection.

        Raises:
            StoreUnavailableError: A file of the data directory is broken.
        """
        display_name, sources = self._facts.read(name)
        return Curated(self._tags.given(), self._selections.read(name), display_name, sources)

    def take(self, collection: Collection, work: Curated) -> Taken:
        """Add the work of another data directory; what this one knows stays, as it decides.

        Args:
            collection: The collection that came with it, which nobody sees yet.
            work: The work.

        Raises:
            StoreUnavailableError: A file cannot be read or written.
            InvalidOptionsError: There would be more names than a data directory has.
        """
        n_tags = self._tags.take(collection, work.tags)
        n_selections = self._selections.take(collection.name, work.selections)
        self._facts.take(collection.name, work.display_name, work.sources)
        return Taken(n_tags, n_selections)
