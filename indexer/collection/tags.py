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
        gone_of = {one: {tag for tag, gone in taken.items() if one in gone} for one in found}
        return _rewrite(collection, found, {one: (set(added), gone) for one, gone in gone_of.items()})

    def given(self) -> dict[str, list[str]]:
        """Tag of a person -> the points of all collections to which it was given."""
        return self._file.read()

    def take(self, collection: Collection, lists: Mapping[str, Sequence[str]]) -> int:
        """Add tags of another data directory; about points that this one knows, it decides itself.

        Args:
            collection: The collection that came with the tags; its points get the tags that count here.
            lists: Tag -> the points to which people gave it.

        Returns:
            How often a tag was added.

        Raises:
            InvalidOptionsError: There would be too many tags.
        """
        there = _by_point(lists)
        today = self._known(list(there), but=collection.name)
        with self._file.changing() as known:
            here = _by_point(known)
            new = {tag: [one for one in ids if one not in here and one not in today] for tag, ids in lists.items()}
            for tag, ids in new.items():
                if ids:
                    known[tag] = list(dict.fromkeys([*known.get(tag, ()), *ids]))
        gone = {one: tags - today.get(one, set()) - here.get(one, set()) for one, tags in there.items()}
        gone = {one: tags for one, tags in gone.items() if tags and (one in today or one in here)}
        changes = {one: (here.get(one, set()), gone.get(one, set())) for one in {*here, *gone}}
        _rewrite(collection, _read_tags(collection, list(changes)), changes)
        return sum(len(ids) for ids in new.values())

    def _known(self, ids: Sequence[str], *, but: str) -> dict[str, set[str]]:
        """Points that other collections have -> their tags there."""
        known: dict[str, set[str]] = {}
        for name in self._collections.names() if ids else ():
            with self._collections.unless_deleted(name):
                for point_id, tags in () if name == but else _read_tags(self._collections.open(name), ids).items():
                    known.setdefault(point_id, set()).update(tags)
        return known

    def mend(self, name: str | None = None) -> int:
        """Give points back the tags of people that an index run wrote over; how many points were mended."""
        due, collection = _by_point(self._file.read()), self._collections.open(name)
        changes = {point_id: (tags, set[str]()) for point_id, tags in due.items()}
        return _rewrite(collection, _read_tags(collection, list(changes)), changes)


def _rewrite(
    collection: Collection, found: Mapping[str, Sequence[str]], changes: Mapping[str, tuple[set[str], set[str]]]
) -> int:
    """Give points tags and take others away.

    Args:
        collection: Where the points are.
        found: Their tags by id, of those that exist.
        changes: By id, the tags to give and those to take away.

    Returns:
        How many have other tags by now.
    """
    changed = {}
    for point_id, tags in found.items():
        added, gone = changes[point_id]
        if (wanted := (set(tags) | added) - gone) != set(tags):
            changed[point_id] = {PayloadField.TAGS.value: sorted(wanted)}
    collection.set_payload(changed)
    return len(changed)


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
