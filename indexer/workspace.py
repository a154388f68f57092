"""Everything one data directory offers: the one door for the command line, the api and Python programs.

A workspace opens the store, names collections, runs the pipeline and answers questions about the points. Columns and
what is computed from them are cached by the collection's revision, so a question is answered once until points change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from indexer.column_cache import RevisionCache
from indexer.crops import cut_crop, pad_box
from indexer.domain import (
    Box,
    CollectionSpec,
    CropOptions,
    InstanceKind,
    Neighbor,
    Pixels,
    PointColumns,
    PointFilter,
    Progress,
    ignore_progress,
)
from indexer.embedders.base import Embedder
from indexer.embedders.opening import open_embedder
from indexer.errors import (
    CollectionMismatchError,
    CollectionNotFoundError,
    ConfigurationError,
    EmbedderError,
    InvalidOptionsError,
    PointNotFoundError,
)
from indexer.grouping import Groups
from indexer.judging import Insights
from indexer.mapping import Maps
from indexer.payload import PayloadField
from indexer.pipeline import SyncOptions, sync
from indexer.report import SyncReport
from indexer.reviewing import Reviews
from indexer.settings import EmbedderSettings, IndexerSettings
from indexer.sources.base import ImageSource
from indexer.stores.base import Collection, VectorStore
from indexer.stores.opening import open_store

COLUMN_FIELDS: Final = (
    PayloadField.CLASS_NAME,
    PayloadField.DATASET,
    PayloadField.EMBEDDED_AT,
    PayloadField.IMAGE_KEY,
    PayloadField.INSTANCE,
    PayloadField.PIXELS_HASH,
    PayloadField.SOURCE_KEY,
)
"""Payload fields that insights and maps take as columns."""


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


class Workspace:
    """One data directory; safe for several reading threads.

    Args:
        settings: Data directory, store and embedder.
        store: The open store.

    Attributes:
        insights: What the points say about each other.
        groups: What the points form together.
        maps: Projections, made and kept.
        reviews: What people decided about points.
    """

    def __init__(self, settings: IndexerSettings, store: VectorStore) -> None:
        self.settings, self.store = settings, store
        self.data_dir: Path = settings.data_dir
        self.cache = RevisionCache()
        self.insights = Insights(self)
        self.groups = Groups(self)
        self.maps = Maps(self)
        self.reviews = Reviews(self)
        self._collections: dict[str, Collection] = {}
        self._embedders: dict[tuple[str | None, Path | None, str], Embedder] = {}
        self._lock = Lock()

    @classmethod
    def open(cls, settings: IndexerSettings, *, owner: str = "a Python process") -> Self:
        """Open the store that the settings name, taking the lock of an embedded one.

        Raises:
            StoreLockedError: Another process owns the data directory; the message says which.
            StoreUnavailableError: The store cannot be reached or written.
        """
        return cls(settings, open_store(settings, owner=owner))

    def close(self) -> None:
        """Release the store; closing twice is fine."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # Collections

    def collection_names(self) -> list[str]:
        """Names of all collections, sorted."""
        return self.store.collection_names()

    def collection(self, name: str | None = None) -> Collection:
        """The collection of that name, or the only one.

        Raises:
            CollectionNotFoundError: There is none of that name, or none at all.
            ConfigurationError: No name is given and there are several; the message lists them.
        """
        if name is None:
            names = self.collection_names()
            if len(names) > 1:
                raise ConfigurationError(f"there are several collections: {', '.join(names)}; say --collection NAME")
            if not names:
                raise CollectionNotFoundError(None, names)
            name = names[0]
        with self._lock:
            if name not in self._collections:
                self._collections[name] = self.store.open_collection(name)
            return self._collections[name]

    def delete_collection(self, name: str) -> None:
        """Delete a collection and all that was made of it.

        Raises:
            CollectionNotFoundError: There is none of that name.
        """
        with self._lock:
            self._collections.pop(name, None)
            self.store.delete_collection(name)
            self.maps.forget(name)
            self.insights.forget(name)

    def describe(self, name: str | None = None) -> CollectionDescription:
        """Count what a collection holds."""
        collection = self.collection(name)
        revision = collection.revision
        return self.cache.get((collection.name, "description"), revision, lambda: _describe(collection, revision))

    def columns(self, name: str | None = None, *, with_embeddings: bool = False) -> PointColumns:
        """All points that have an embedding, as columns with ``COLUMN_FIELDS``, sorted by id."""
        collection = self.collection(name)
        revision, where = collection.revision, PointFilter(has_embedding=True)
        # Columns that have embeddings answer for those that need none, instead of being read twice.
        with_embeddings = with_embeddings or self.cache.has((collection.name, "columns", True), revision)
        return self.cache.get(
            (collection.name, "columns", with_embeddings),
            revision,
            lambda: collection.read_columns(COLUMN_FIELDS, with_embeddings=with_embeddings, where=where),
        )

    # Indexing

    def index(
        self,
        source: ImageSource,
        *,
        collection_name: str | None = None,
        embedder_settings: EmbedderSettings | None = None,
        options: SyncOptions | None = None,
        on_progress: Progress = ignore_progress,
    ) -> SyncReport:
        """Make a collection equal to a source, creating the collection where there is none that fits.

        Args:
            source: An open source.
            collection_name: Where to write; by default one named after the model and the crop options.
            embedder_settings: Which embedder; by default that of the workspace's settings.
            options: What to cover and how.
            on_progress: Told of every stage.

        Raises:
            CollectionMismatchError: ``collection_name`` exists with another model, weights or crop options.
            IndexerError: The run cannot go on; see ``indexer.pipeline.sync``.
        """
        options = options or SyncOptions()
        embedder = self.embedder(embedder_settings)
        spec = CollectionSpec(
            embedder=embedder.spec.name,
            fingerprint=embedder.spec.fingerprint,
            dimension=embedder.spec.dimension,
            crops=options.crops.text,
        )
        collection = self._collection_for(spec, collection_name)
        try:
            return sync(source, embedder, collection, options, on_progress=on_progress)
        finally:  # a run that was stopped, too, may have written points again to which a verdict was given meanwhile
            self.reviews.mend(collection.name)

    def embedder(self, settings: EmbedderSettings | None = None) -> Embedder:
        """The embedder that the settings name, kept open so that its network is loaded once."""
        settings = settings or self.settings.embedder
        key = (settings.model, settings.checkpoint, settings.device)
        with self._lock:
            if key not in self._embedders:
                self._embedders[key] = open_embedder(
                    settings.model,
                    checkpoint=settings.checkpoint,
                    device=settings.device,
                    batch_size=settings.batch_size,
                    cache_dir=self.data_dir / "models",
                )
            return self._embedders[key]

    def _collection_for(self, spec: CollectionSpec, name: str | None) -> Collection:
        if name is None:
            name = _default_name(spec)
            if name in self.collection_names() and self.collection(name).spec != spec:
                name = f"{name}-{spec.fingerprint[:8]}"  # other weights under the same model name
        with self._lock:
            if name in self.collection_names():
                opened = self.store.open_collection(name, spec=spec)
            else:
                opened = self.store.create_collection(name, spec)
            return self._collections.setdefault(name, opened)

    # Neighbors

    def neighbors(
        self,
        name: str | None,
        ids: list[str],
        *,
        limit: int,
        where: PointFilter | None = None,
        exclude_same_image: bool = False,
    ) -> list[Neighbor]:
        """The points nearest to the mean of some points, which are not among the answers.

        Raises:
            PointNotFoundError: One of the points does not exist or has no embedding.
        """
        collection = self.collection(name)
        found = collection.retrieve(ids, with_embeddings=True)
        embeddings = {point.id: point.embedding for point in found if point.embedding is not None}
        for point_id in ids:
            if point_id not in embeddings:
                raise PointNotFoundError(f"collection '{collection.name}' has no embedded point '{point_id}'")
        center = np.stack(list(embeddings.values())).mean(axis=0)
        where = where or PointFilter()
        none_of = dict(where.none_of)
        if exclude_same_image:
            none_of[PayloadField.IMAGE_KEY] = tuple({p.payload[PayloadField.IMAGE_KEY] for p in found})
        without = (*where.without_ids, *ids)
        narrowed = replace(where, none_of=none_of, without_ids=without, has_embedding=True)
        return collection.query(center, limit=limit, where=narrowed)

    def neighbors_of_image(
        self,
        name: str | None,
        pixels: Pixels,
        *,
        box: Box | None = None,
        limit: int,
        where: PointFilter | None = None,
    ) -> list[Neighbor]:
        """The points nearest to an image, or to a box of it, that need not be in the collection.

        This and a search by words are the only questions that load the network.

        Args:
            name: Name of the collection, None for the only one.
            pixels: uint8 RGB (H, W, 3).
            box: Half-open box to search by; the whole image if None.
            limit: How many neighbors.
            where: Conditions on them.

        Raises:
            InvalidOptionsError: The box holds no pixel of the image.
            CollectionMismatchError: The collection's embedder is not the one that the settings name.
        """
        collection = self.collection(name)
        embedding = self.embed_image(collection, pixels, box=box)
        return collection.query(embedding, limit=limit, where=where)

    def neighbors_of_text(
        self, name: str | None, text: str, *, limit: int, where: PointFilter | None = None
    ) -> list[Neighbor]:
        """The points nearest to a text, in a collection whose model has a text tower.

        Raises:
            InvalidOptionsError: The model has none, or the text is empty.
        """
        collection = self.collection(name)
        embedder = self._embedder_of(collection)
        if not text.strip():
            raise InvalidOptionsError("the text to search by is empty; say what to look for")
        if not embedder.spec.has_text_tower:
            raise InvalidOptionsError(
                f"{collection.spec.embedder} has no text tower; index with a model that has, see 'lookalike models'"
            )
        return collection.query(embedder.embed_texts([text])[0], limit=limit, where=where)

    def embed_image(self, collection: Collection, pixels: Pixels, *, box: Box | None) -> npt.NDArray[np.float32]:
        """Embed an image, or a box of it, as the points of ``collection`` were; float32 (D,)."""
        embedder = self._embedder_of(collection)
        size_hw = (pixels.shape[0], pixels.shape[1])
        if box is not None:
            clipped = box.clipped_to(size_hw)
            if clipped.is_empty:
                raise InvalidOptionsError(
                    f"box {','.join(map(str, box))} holds no pixel of the image of {size_hw[1]} x {size_hw[0]}"
                )
            pixels = cut_crop(pixels, pad_box(clipped, CropOptions.from_text(collection.spec.crops), size_hw=size_hw))
        embedding: npt.NDArray[np.float32] = embedder.embed([embedder.prepare(pixels)])[0]
        return embedding

    def _embedder_of(self, collection: Collection) -> Embedder:
        """The embedder that made a collection, by the name in its spec, or by the workspace's own settings."""
        candidates = [self.settings.embedder, self.settings.embedder.model_copy(update=_model_of(collection.spec))]
        for settings in candidates:
            try:
                embedder = self.embedder(settings)
                if embedder.spec.fingerprint == collection.spec.fingerprint:
                    return embedder
            except EmbedderError:
                if settings is candidates[-1]:
                    raise
        raise CollectionMismatchError(
            f"collection '{collection.name}' was made by {collection.spec.embedder} with other weights than "
            "those on this machine; name them with --checkpoint FILE"
        )


def _model_of(spec: CollectionSpec) -> dict[str, object]:
    return {"model": spec.embedder, "checkpoint": None}


def _default_name(spec: CollectionSpec) -> str:
    """A collection name made of what makes embeddings comparable, the default crop options left out."""
    model = spec.embedder.removeprefix("timm:")
    crops = "" if spec.crops == CropOptions().text else f"-{spec.crops}"
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{model}{crops}").strip("-.")[:100]


def _describe(collection: Collection, revision: str) -> CollectionDescription:
    embedded = PointFilter(has_embedding=True)
    images = PointFilter(equals_any={PayloadField.INSTANCE.value: (InstanceKind.IMAGE.value,)})
    return CollectionDescription(
        name=collection.name,
        spec=collection.spec,
        revision=revision,
        n_points=collection.count(embedded),
        n_images=collection.count(images),
        classes=collection.facet(PayloadField.CLASS_NAME, embedded),
        datasets=collection.facet(PayloadField.DATASET, embedded),
    )
