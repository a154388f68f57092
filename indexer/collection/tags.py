"""Tags that people give to points.

A person's tag is in the payload beside those of the source, so that filters, facets and exports need not tell them
apart. A file of the data directory says which tags are a person's. From there, points get them back after an index
run. They do in every collection, as a tag is about an object, which has the same id under every model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from indexer.collection.collections import Collections
from indexer.collection.named_ids import NamedIds, check_name
from indexer.errors import PointNotFoundError
from indexer.payload import PayloadField
from indexer.stores.base import Collection

_POINTS_PER_READ: Final = 1024


class Tags:
    """The tags that people gave to the points of a data directory.

    Args:
        collections: Where the points are.
        data_dir: The data directory.
    """

    def __init__(self, collections: Collections, data_dir: Path) -> None:
        self._collections, self._file = collections, NamedIds(data_dir / "tags" / "tags.json")

    def counts(self, name: str | None = None) -> dict[str, int]:
        """Tag of a person -> how many points of a collection have it."""
        collection = self._collections.open(name)
        return {tag: len(_read_tags(collection, ids)) for tag, ids in self._file.read().items()}

    def change(
        self, name: str | None, ids: Sequence[str], *, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> int:
        """Give tags to points and take others away; a tag of the source stays.

        Returns:
            How many points have other tags by now.

        Raises:
            PointNotFoundError: One of the points does not exist; nothing is changed.
            InvalidOptionsError: A tag is empty or too long.
        """
        collection = self._collections.open(name)
        added = [check_name(tag, "tag") for tag in add]
        found = _read_tags(collection, list(dict.fromkeys(ids)))
        for point_id in ids:
            if point_id not in found:
                raise PointNotFoundError(f"no point '{point_id}' in collection '{collection.name}'; nothing is tagged")
        with self._file.changing() as lists:
            taken = {tag: found.keys() & set(lists.get(tag, ())) for tag in remove}
            for tag in added:  # one that the source gave is not a person's
                new = (one for one, tags in found.items() if tag not in tags)
                lists[tag] = list(dict.fromkeys([*lists.get(tag, ()), *new]))
            for tag, gone in taken.items():
                lists[tag] = [one for one in lists.get(tag, ()) if one not in gone]
            for tag in [tag for tag, kept in lists.items() if not kept]:
                del lists[tag]
        changed = {}
        for point_id, tags in found.items():
            wanted = (set(tags) | set(added)) - {tag for tag, gone in taken.items() if point_id in gone}
            if wanted != set(tags):
                changed[point_id] = {PayloadField.TAGS.value: sorted(wanted)}
        collection.set_payload(changed)
        return len(changed)

    def mend(self, name: str | None = None) -> int:
        """Give points back the tags of people that an index run wrote over; how many points were mended."""
        collection, due = self._collections.open(name), _by_point(self._file.read())
        found = _read_tags(collection, list(due))
        lost = {point_id: tags for point_id, tags in found.items() if not due[point_id] <= set(tags)}
        collection.set_payload(
            {point_id: {PayloadField.TAGS.value: sorted(due[point_id] | set(tags))} for point_id, tags in lost.items()}
        )
        return len(lost)


def _by_point(lists: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    due: dict[str, set[str]] = {}
    for tag, ids in lists.items():
        for point_id in ids:
            due.setdefault(point_id, set()).add(tag)
    return due


def _read_tags(collection: Collection, ids: Sequence[str]) -> dict[str, list[str]]:
    """Tags by id, of the points that exist."""
    found: dict[str, list[str]] = {}
    left = iter(ids)
    while batch := list(islice(left, _POINTS_PER_READ)):
        found.update({point.id: point.payload.get(PayloadField.TAGS) or [] for point in collection.retrieve(batch)})
    return found
