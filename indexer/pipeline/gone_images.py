"""Images that a collection knows and a listing no longer has, if the listing is to be believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection as Names
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from indexer.domain import InstanceKind, PointFilter
from indexer.payload import PayloadField
from indexer.sources.base import ImageSource, ServerSource
from indexer.sources.notes import NoteKind
from indexer.stores.base import Collection
from lookalike.counting import count_text


@dataclass(slots=True)
class GoneImages:
    """Finds the images whose points are to be removed.

    Nothing is removed of a dataset that is incomplete. Nothing is removed if fewer than half of the known images are
    listed, unless the user allows it. The same is true of a dataset that is not there: its disk may not be mounted.

    Args:
        source: The source, listed whole; its notes are told what is kept.
        datasets: The datasets that the listing covers; all if None.
        allow_shrink: Whether a listing is believed that is much shorter than what is known.

    Attributes:
        seen: Keys of the images that were listed.
    """

    source: ImageSource
    datasets: tuple[str, ...] | None = None
    allow_shrink: bool = False
    seen: set[str] = field(default_factory=set)

    def find(self, collection: Collection) -> dict[str, tuple[str, bool]]:
        """Known images that the listing no longer has: key -> id and whether it is an instance."""
        known, n_known = self._find_unseen(collection)
        complete = {key: one for key, one in known.items() if not self._is_incomplete(key, one[2])}
        believed = complete if self.allow_shrink else self._believe(complete, n_known)
        return {key: (point_id, is_instance) for key, (point_id, is_instance, _) in believed.items()}

    def _find_unseen(self, collection: Collection) -> tuple[dict[str, tuple[str, bool, str]], int]:
        """Key -> id, whether it is an instance, and dataset, of the images not listed; and how many are known."""
        images = {PayloadField.INSTANCE.value: (InstanceKind.IMAGE.value,), **self._covered_datasets(collection)}
        where = of_source(self.source.key, images)
        fields = [PayloadField.IMAGE_KEY, PayloadField.DATASET, PayloadField.EMBEDDED_AT]
        unseen: dict[str, tuple[str, bool, str]] = {}
        n_known = 0
        for page in collection.scroll(where, fields=fields):
            n_known += len(page)
            for point in page:
                key, dataset = point.payload[PayloadField.IMAGE_KEY], point.payload.get(PayloadField.DATASET, "")
                if key not in self.seen:
                    unseen[key] = (point.id, PayloadField.EMBEDDED_AT in point.payload, dataset)
        return unseen, n_known

    def _is_incomplete(self, key: str, dataset: str) -> bool:
        is_kept = self.source.notes.is_incomplete(dataset)
        if is_kept:
            self.source.notes.add(NoteKind.KEPT, key)
        return is_kept

    def _believe(self, gone: dict[str, tuple[str, bool, str]], n_known: int) -> dict[str, tuple[str, bool, str]]:
        """Leave out of the images gone what may only not be there for the moment."""
        if gone and 2 * len(self.seen) < n_known:
            self.source.notes.add(NoteKind.SHRUNK, _describe_shrinking(len(self.seen), n_known), count=len(gone))
            return {}
        if not gone or isinstance(self.source, ServerSource):  # which says itself what was deleted
            return gone
        names = {above for name in self.source.dataset_names() for above in _with_parents(name)}
        vanished = Counter(dataset for _, _, dataset in gone.values() if dataset not in names)
        for dataset, n_images in sorted(vanished.items()):
            self.source.notes.add(NoteKind.VANISHED, _describe_vanished(dataset, n_images), count=n_images)
        return {key: one for key, one in gone.items() if one[2] not in vanished}

    def _covered_datasets(self, collection: Collection) -> dict[str, tuple[str, ...]]:
        wanted = self.datasets
        if wanted is None:
            return {}
        stored = collection.facet(PayloadField.DATASET, of_source(self.source.key))
        return {PayloadField.DATASET.value: tuple(name for name in stored if _is_covered(name, wanted))}


def of_source(source_key: str, also: Mapping[str, tuple[Any, ...]] | None = None) -> PointFilter:
    """Everything that a collection has of a source, as far as further conditions hold."""
    return PointFilter(equals_any={PayloadField.SOURCE_KEY.value: (source_key,), **(also or {})})


def _with_parents(dataset: str) -> list[str]:
    """A dataset and those that it is nested in."""
    parts = dataset.split("/")
    return ["/".join(parts[:n_parts]) for n_parts in range(1, len(parts) + 1)]


def _is_covered(dataset: str, wanted: Names[str]) -> bool:
    return any(dataset == one or dataset.startswith(f"{one}/") for one in wanted)


def _describe_shrinking(n_listed: int, n_known: int) -> str:
    return (
        f"the source lists {count_text(n_listed, 'image')} and the collection knows {n_known:,} of it; "
        "nothing was removed, --allow-shrink removes those that are no longer listed"
    )


def _describe_vanished(dataset: str, n_known: int) -> str:
    which = f"has no dataset {dataset}" if dataset else "has no images outside its datasets"
    return (
        f"the source {which}, of which the collection knows {count_text(n_known, 'image')}; nothing of it was removed, "
        "--allow-shrink removes those that are no longer listed"
    )
