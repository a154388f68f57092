"""Everything one data directory offers: opens the store and puts the parts together.

No part takes the workspace: each is given the parts that it asks. Most parts are made and imported when somebody first
asks for them. A command that shows a status must not wait for what ranks suspects.
"""

from __future__ import annotations

import re
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from indexer.collection.collections import CollectionDescription, Collections
from indexer.collection.facts import Facts
from indexer.collection.revision_cache import RevisionCache
from indexer.collection.tags import Tags
from indexer.domain import CollectionSpec, CropOptions, Progress, ignore_progress
from indexer.embedders.embedders import Embedders
from indexer.errors import CollectionMismatchError, StoreUnavailableError
from indexer.reviews.log import ReviewLog, log_path
from indexer.reviews.reviews import Reviews
from indexer.settings import EmbedderSettings, IndexerSettings
from indexer.sources.base import ColoredSource, ImageSource, ServerSource
from indexer.stores.base import Collection, VectorStore
from indexer.stores.leases import describe_owner, hold_collection
from indexer.stores.opening import open_store
from lookalike.parts import part

if TYPE_CHECKING:
    from indexer.backups.backups import Backups
    from indexer.collection.finding import Finding
    from indexer.collection.saved_selections import SavedSelections
    from indexer.collection.search import Search
    from indexer.exports.export_collection import ExportParts
    from indexer.insights.facets import Facets
    from indexer.insights.gallery import Gallery
    from indexer.insights.gate_findings import Gate
    from indexer.insights.insights import Insights
    from indexer.insights.suspects.suspects import Suspects
    from indexer.maps.maps import Maps
    from indexer.neighbors.graphs import Graphs
    from indexer.pipeline.report import SyncReport
    from indexer.pipeline.sync import SyncOptions


class Workspace:
    """One data directory; safe for several reading threads.

    Args:
        settings: Data directory, store and embedder.
        store: The open store.

    Attributes:
        collections: Collections by name, and snapshots of them.
        embedders: Networks, each loaded once.
        facts: Display names, and when collections were indexed.
        reviews: What people decided about points.
        tags: Tags that people gave.
    """

    def __init__(self, settings: IndexerSettings, store: VectorStore) -> None:
        self.settings, self.store = settings, store
        self.data_dir: Path = settings.data_dir
        self.collections = Collections(store, RevisionCache())
        self.facts = Facts(self.data_dir)
        self.reviews = Reviews(self.collections, ReviewLog(log_path(self.data_dir)))
        self.tags = Tags(self.collections, self.data_dir)
        self.embedders = Embedders(settings.embedder, self.data_dir / "models")

    @part
    def finding(self) -> Finding:
        """Points by file name, id or class."""
        from indexer.collection.finding import Finding

        return Finding()

    @part
    def selections(self) -> SavedSelections:
        """Selections that people named."""
        from indexer.collection.saved_selections import SavedSelections

        return SavedSelections(self.data_dir)

    @part
    def search(self) -> Search:
        """Similar points."""
        from indexer.collection.search import Search

        return Search(self.collections, self.embedders)

    @part
    def graphs(self) -> Graphs:
        """The neighbor graph of each collection."""
        from indexer.neighbors.graphs import Graphs

        return Graphs(self.data_dir)

    @part
    def suspects(self) -> Suspects:
        """Labels that their neighborhood contradicts."""
        from indexer.insights.suspects.suspects import Suspects

        return Suspects(self.collections, self.graphs, self.reviews)

    @part
    def facets(self) -> Facets:
        """Counts of what points are."""
        from indexer.insights.facets import Facets

        return Facets(self.collections, self.suspects, self.reviews)

    @part
    def insights(self) -> Insights:
        """Clusters, duplicates, outliers, confused classes, picks, and what packages add."""
        from indexer.insights.insights import Insights

        return Insights(self.collections, self.graphs)

    @part
    def gallery(self) -> Gallery:
        """Points in an order."""
        from indexer.insights.gallery import Gallery

        return Gallery(self.collections, self.facets, self.suspects, self.insights)

    @part
    def gate(self) -> Gate:
        """Checks for continuous integration."""
        from indexer.insights.gate_findings import Gate

        return Gate(self.collections, self.insights, self.suspects)

    @part
    def maps(self) -> Maps:
        """Projections, made and kept."""
        from indexer.maps.maps import Maps

        return Maps(self.collections, self.graphs, self.data_dir)

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

    @property
    def backups(self) -> Backups:
        """Backups, and copies in other stores."""
        from indexer.backups.backups import Backups  # only backups need what it imports

        return Backups(self.settings, self.store, self.collections, self.reviews)

    @property
    def export_parts(self) -> ExportParts:
        """The parts that an export asks."""
        from indexer.exports.export_collection import ExportParts  # only exports need what it imports

        return ExportParts(self.collections, self.suspects, self.insights, self.maps)

    def collection_names(self) -> list[str]:
        """Names of all collections, sorted."""
        return self.collections.names()

    def describe(self, name: str | None = None) -> CollectionDescription:
        """Count what a collection holds."""
        return self.collections.describe(name)

    def delete_collection(self, name: str) -> None:
        """Delete a collection, also a damaged one, and all that was made of it. Verdicts and tags of people stay.

        Raises:
            CollectionNotFoundError: There is none of that name.
            StoreLockedError: A run writes to it; the message says who and until when.
        """
        with ExitStack() as held:
            with suppress(StoreUnavailableError, CollectionMismatchError):  # nobody writes to what cannot be opened
                held.enter_context(hold_collection(self.collections.open(name), describe_owner("lookalike delete")))
            self.collections.delete(name)
        self.maps.forget(name)
        self.graphs.forget(name)
        self.facts.forget(name)
        self.selections.forget(name)

    def index(
        self,
        source: ImageSource,
        *,
        collection_name: str | None = None,
        embedder_settings: EmbedderSettings | None = None,
        options: SyncOptions | None = None,
        on_progress: Progress = ignore_progress,
        mends_reviews: bool = True,
    ) -> SyncReport:
        """Make a collection equal to a source, creating the collection if there is none that fits.

        Args:
            source: An open source.
            collection_name: Where to write; by default one named after the model and the crop options.
            embedder_settings: Which embedder; by default that of the workspace's settings.
            options: What to cover and how.
            on_progress: Told of every stage.
            mends_reviews: Whether points get back the verdicts that the run wrote over. Not if another process owns
                the store: that one does it, as it knows of verdicts that were given meanwhile.

        Raises:
            CollectionMismatchError: ``collection_name`` exists with another model, weights or crop options.
            StoreLockedError: Another run writes to the collection; the message says who and until when.
            IndexerError: The run cannot go on; see ``indexer.pipeline.sync.sync``.
        """
        from indexer.pipeline.sync import SyncOptions, sync  # only runs decode images

        if isinstance(source, ServerSource):
            source.keep_state_in(self.data_dir / "sources")
        options = options or SyncOptions()
        options = replace(options, limits=options.limits or self.settings.images.limits)
        embedder = self.embedders.open(embedder_settings)
        spec = CollectionSpec(
            embedder=embedder.spec.name,
            fingerprint=embedder.spec.fingerprint,
            dimension=embedder.spec.dimension,
            crops=options.crops.text,
        )
        collection = self._collection_for(spec, collection_name)
        colors = source.class_colors if isinstance(source, ColoredSource) else None
        note = partial(self.facts.note_source, collection.name, source.key, source.project, class_colors=colors)
        note(is_whole=False)
        try:
            with hold_collection(collection, describe_owner(f"lookalike index {source.key}")) as require_lease:

                def note_progress(stage: str, done: int, total: int | None) -> None:
                    require_lease()
                    on_progress(stage, done, total)

                report = sync(source, embedder, collection, options, on_progress=note_progress)
            note(is_whole=report.failure is None)
            return report
        finally:  # a run that was stopped, too, may have written points again to which a verdict was given meanwhile
            if mends_reviews:
                self.mend(collection.name)

    def mend(self, name: str) -> None:
        """Give points back the verdicts and tags of people that a run wrote over."""
        self.reviews.mend(name)
        self.tags.mend(name)

    def _collection_for(self, spec: CollectionSpec, name: str | None) -> Collection:
        if name is None:
            name = _default_name(spec)
            if name in self.collections.names() and self.collections.open(name).spec != spec:
                name = f"{name}-{spec.fingerprint[:8]}"  # other weights under the same model name
        return self.collections.create(name, spec)


def _default_name(spec: CollectionSpec) -> str:
    """A collection name made of what makes embeddings comparable, the default crop options left out."""
    model = spec.embedder.removeprefix("timm:")
    crops = "" if spec.crops == CropOptions().text else f"-{spec.crops}"
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{model}{crops}").strip("-.")[:100]
