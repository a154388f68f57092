"""The collections of a store: their names, what they hold, and one moment of one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Final, TypeVar

from indexer.collection.revision_cache import RevisionCache
from indexer.collection.snapshot import Column, Snapshot
from indexer.domain import CollectionSpec, InstanceKind, PointFilter
from indexer.errors import (
    CollectionNotFoundError,
    ConfigurationError,
    InvalidOptionsError,
    SnapshotOutdatedError,
    StoreError,
)
from indexer.payload import INDEXED_FIELDS, PayloadField
from indexer.stores.base import Collection, VectorStore

T = TypeVar("T")

ATTEMPTS: Final = 5
"""Most times that a question is asked while points are written."""

_EMBEDDED: Final = PointFilter(has_embedding=True)
_IMAGES: Final = PointFilter(equals_any={PayloadField.INSTANCE.value: (InstanceKind.IMAGE.value,)})


@dataclass(frozen=True, slots=True)
class CollectionDescription:
    """A collection with its counts.

    Attributes:
        name: Its name.
        spec: What makes its embeddings comparable.
        revision: Changes with every write.
        n_points: Points with an embedding.
        n_images: Source images known, also those without objects.
        classes: Class -> points with an embedding, most frequent first.
        datasets: Dataset -> points with an embedding, most frequent first.
    """

    name: str
    spec: CollectionSpec
    revision: str
    n_points: int
    n_images: int
    classes: dict[str, int]
    datasets: dict[str, int]


class Collections:
    """The collections of a store, each opened once; safe for several threads.

    Args:
        store: The open store.
        cache: Keeps descriptions and snapshots.
    """

    def __init__(self, store: VectorStore, cache: RevisionCache) -> None:
        self._store, self._cache = store, cache
        self._opened: dict[str, Collection] = {}
        self._described: dict[str, CollectionDescription] = {}
        self._lock = Lock()

    def names(self) -> list[str]:
        """Names of all collections, sorted."""
        return self._store.collection_names()

    @contextmanager
    def unless_deleted(self, name: str) -> Iterator[None]:
        """Run a block about one of all collections, which just ends if somebody deletes that one meanwhile."""
        try:
            yield
        except StoreError:
            if name in self.names():
                raise

    def open(self, name: str | None = None) -> Collection:
        """The collection of that name, or the only one.

        Raises:
            CollectionNotFoundError: There is none of that name, or none at all.
            ConfigurationError: No name is given and there are several; the message lists them.
        """
        if name is None:
            names = self.names()
            if len(names) > 1:
                raise ConfigurationError(
                    f"there are several collections: {', '.join(names)}; say which by --collection NAME, "
                    "or collection=NAME in Python"
                )
            if not names:
                raise CollectionNotFoundError(None, names)
            name = names[0]
        with self._lock:
            known = self._opened.get(name)
        if known is not None and known.is_current():
            return known
        with self._lock:
            opened = self._store.open_collection(name)
            if opened.name == name:  # an alias may stand for another one next time
                self._opened[name] = opened
            return opened

    def open_all(self) -> list[Collection]:
        """All collections; one that somebody deletes meanwhile is left out."""
        opened = list[Collection]()
        for name in self.names():
            with self.unless_deleted(name):
                opened.append(self.open(name))
        return opened

    def create(self, name: str, spec: CollectionSpec) -> Collection:
        """Open the collection of a name, or create it.

        Raises:
            CollectionMismatchError: There is one with another spec; the message names what differs.
            InvalidOptionsError: The name is unfit.
        """
        with self._lock:
            is_known = name in self.names()
            opened = self._store.open_collection(name, spec=spec) if is_known else self._create(name, spec)
            return self._opened.setdefault(name, opened)

    def _create(self, name: str, spec: CollectionSpec) -> Collection:
        """Create a collection, or open the one that another process has created meanwhile."""
        try:
            return self._store.create_collection(name, spec)
        except InvalidOptionsError:
            if name not in self.names():
                raise
            return self._store.open_collection(name, spec=spec)

    def delete(self, name: str) -> None:
        """Delete a collection.

        Raises:
            CollectionNotFoundError: There is none of that name.
        """
        with self._lock:
            self._opened.pop(name, None)
            self._described.pop(name, None)
            self._store.delete_collection(name)
        for what in ("description", "snapshot", *INDEXED_FIELDS):
            self._cache.forget((name, what))

    def describe(self, name: str | None = None) -> CollectionDescription:
        """Count what a collection holds; all counts are of one moment."""
        collection = self.open(name)
        described = self._described[collection.name] = self._describe(collection)
        return described

    def described_last(self, name: str | None = None) -> CollectionDescription:
        """The newest answer of ``describe``, perhaps of an earlier moment; only the first one is counted for it.

        While a run writes, counting for each of many small questions would cost more than the questions.
        """
        return self._described.get(self.open(name).name) or self.describe(name)

    def _describe(self, collection: Collection) -> CollectionDescription:
        for _ in range(ATTEMPTS):
            revision = collection.revision
            count = partial(_count, collection, revision)
            with suppress(SnapshotOutdatedError):
                return self._cache.get((collection.name, "description"), revision, count)
        return _count_in(self.snapshot(collection.name))

    def count_values(self, field: str, name: str | None = None) -> dict[str, int]:
        """Value of an indexed payload field -> points with an embedding, most frequent first."""
        collection = self.open(name)
        return self._cache.get(
            (collection.name, field), collection.revision, lambda: collection.facet(field, _EMBEDDED)
        )

    def snapshot(self, name: str | None = None, *, with_embeddings: bool = False) -> Snapshot:
        """A collection as it is now; one that was read before answers as long as nothing is written.

        Args:
            name: Name of the collection, None for the only one.
            with_embeddings: Whether embeddings will be wanted: they come in the same pass then, so that no write can
                come between.
        """
        collection = self.open(name)
        revision = collection.revision
        snapshot = self._cache.get(
            (collection.name, "snapshot"),
            revision,
            lambda: Snapshot.read(collection, revision, with_embeddings=with_embeddings),
        )
        if not with_embeddings or snapshot.has_embeddings or _can_read_embeddings(snapshot):
            return snapshot
        self._forget(snapshot)
        return Snapshot.read(collection, collection.revision, with_embeddings=True)

    def ask(self, name: str | None, question: Callable[[Snapshot], T], *, with_embeddings: bool = False) -> T:
        """Answer a question from one snapshot; ask it of a newer one if points were written that it is about.

        Args:
            name: Name of the collection, None for the only one.
            question: Gives the answer; it raises SnapshotOutdatedError if the snapshot cannot tell any more.
            with_embeddings: Whether the question will want embeddings.

        Raises:
            SnapshotOutdatedError: Points were written again and again.
        """
        for _ in range(ATTEMPTS - 1):
            snapshot = self.snapshot(name, with_embeddings=with_embeddings)
            try:
                return question(snapshot)
            except SnapshotOutdatedError:
                self._forget(snapshot)
                with_embeddings = True  # in the same pass, so that no write comes between again
        return question(self.snapshot(name, with_embeddings=with_embeddings))

    def _forget(self, snapshot: Snapshot) -> None:
        """Have the next question read anew: the points are others, even if the revision does not tell so yet."""
        question = (snapshot.collection.name, "snapshot")
        if self._cache.find(question, snapshot.revision) is snapshot:
            self._cache.forget(question)


def _can_read_embeddings(snapshot: Snapshot) -> bool:
    try:
        snapshot.embeddings()
    except SnapshotOutdatedError:
        return False
    return True


def _count(collection: Collection, revision: str) -> CollectionDescription:
    """Count with the store's own means.

    A server shows a large write part by part, under the revision that was noted before it. So points are counted twice.

    Raises:
        SnapshotOutdatedError: Points were written meanwhile.
    """
    description = CollectionDescription(
        name=collection.name,
        spec=collection.spec,
        revision=revision,
        n_points=collection.count(_EMBEDDED),
        n_images=collection.count(_IMAGES),
        classes=collection.facet(PayloadField.CLASS_NAME, _EMBEDDED),
        datasets=collection.facet(PayloadField.DATASET, _EMBEDDED),
    )
    if collection.count(_EMBEDDED) != description.n_points or collection.revision != revision:
        raise SnapshotOutdatedError(collection.name)
    return description


def _count_in(snapshot: Snapshot) -> CollectionDescription:
    return CollectionDescription(
        name=snapshot.collection.name,
        spec=snapshot.collection.spec,
        revision=snapshot.revision,
        n_points=len(snapshot),
        n_images=snapshot.collection.count(_IMAGES),
        classes=count_values(snapshot.fields[PayloadField.CLASS_NAME]),
        datasets=count_values(snapshot.fields[PayloadField.DATASET]),
    )


def count_values(column: Column) -> dict[str, int]:
    """Value -> how many rows have it, most frequent first, equal counts by value."""
    counts = Counter(str(value) for value in column if value is not None)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
