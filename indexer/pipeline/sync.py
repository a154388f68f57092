"""The whole way, in stage order.

An image is read from a **source**, split into **instances**, **cropped**, batched, **embedded** and stored as
**points** in a **collection**. ``sync`` makes a collection equal to what a source holds, and does nothing twice.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any, Final

from indexer.domain import (
    CropOptions,
    ImageLimits,
    InstanceKind,
    InstanceMode,
    Progress,
    SourceImage,
    ignore_progress,
)
from indexer.embedders.base import Embedder
from indexer.errors import SourceUnavailableError
from indexer.payload import RECORD_FIELDS, PayloadField
from indexer.pipeline.batches import map_ahead
from indexer.pipeline.changes import Verdict, diff_payload, is_image_unchanged
from indexer.pipeline.collection_writer import CollectionWriter, FinishedImage
from indexer.pipeline.gone_images import GoneImages, of_source
from indexer.pipeline.prepared_images import ChangedImage, ImagePreparer, PreparedImage
from indexer.pipeline.report import SyncReport
from indexer.points import SourceIdentity, make_point_id
from indexer.sources import LAST_RESORT
from indexer.sources.base import CHOSEN, ImageSource, ServerSource
from indexer.sources.notes import NoteKind
from indexer.stores.base import Collection
from lookalike.counting import count_text
from lookalike.visible_text import show_controls

_IMAGES_PER_LOOKUP: Final = 512
_STAGE: Final = "indexing images"
_NO_IMAGES_HELP: Final = "give the path of a data set that has images"


Finish = Callable[[Iterable[ChangedImage], InstanceMode, Collection], Iterator[FinishedImage]]


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """Options of one run: what it covers and how.

    Attributes:
        mode: Which instances become points; the source's default if None.
        crops: How crops are cut.
        datasets: Only these datasets and those nested in them; all if None.
        batch_size: Crops per forward pass; what suits the device if None.
        n_readers: Threads that read and decode.
        force: Whether everything is embedded anew.
        limits: The largest image that is read; the workspace's settings if None.
        allow_shrink: Whether images are removed although the source lists fewer than half of what is stored of it.
        finish: Reads and embeds images elsewhere, in their order; None does it in this process.
    """

    mode: InstanceMode | None = None
    crops: CropOptions = field(default_factory=CropOptions)
    datasets: tuple[str, ...] | None = None
    batch_size: int | None = None
    n_readers: int = max(2, min(8, os.cpu_count() or 2))
    force: bool = False
    limits: ImageLimits | None = None
    allow_shrink: bool = False
    finish: Finish | None = None


def sync(
    source: ImageSource,
    embedder: Embedder,
    collection: Collection,
    options: SyncOptions | None = None,
    *,
    on_progress: Progress = ignore_progress,
) -> SyncReport:
    """Make the points of one source in ``collection`` equal to what the source holds.

    Killing it anywhere and running it again gives the same collection as one undisturbed run. Sources and datasets
    that the run does not cover are left alone.

    Args:
        source: Where images and annotations come from.
        embedder: What makes embeddings; its network is loaded only if something must be embedded.
        collection: Where points live; its spec must be that of ``embedder`` and ``options.crops``.
        options: What to cover and how.
        on_progress: Told after every image; may raise CancelledError to stop the run, keeping what is stored.

    Returns:
        Counts per outcome. A file that cannot be read is counted, not raised.

    Raises:
        UnknownNameError: A dataset does not exist.
        SourceError, EmbedderError, StoreError: The run cannot go on; what was stored is kept and consistent.
    """
    started = time.monotonic()
    options = options or SyncOptions()
    source.limits = options.limits or source.limits
    if isinstance(source, ServerSource) and options.datasets is None:
        options = replace(options, datasets=source.scope)
    run = _Run(source, embedder, collection, replace(options, mode=options.mode or source.default_mode), on_progress)
    run.execute()
    run.report.model_loaded = embedder.is_loaded
    run.report.seconds = round(time.monotonic() - started, 3)
    return run.report


class _Run:
    """One execution of the pipeline."""

    def __init__(
        self,
        source: ImageSource,
        embedder: Embedder,
        collection: Collection,
        options: SyncOptions,
        on_progress: Progress,
    ) -> None:
        self._source, self._embedder, self._collection, self._options = source, embedder, collection, options
        self._identity = SourceIdentity(source.key, source.project)
        self._of_source = partial(of_source, source.key)
        self._on_progress = on_progress
        self._mode = options.mode or source.default_mode
        self._gone = GoneImages(source, options.datasets, options.allow_shrink)
        self._total: int | None = None
        recognised = source.recognised
        self.report = SyncReport(collection.name, source.key, recognised.format, recognised.reason)

    def execute(self) -> None:
        """List, prepare, embed and write in one stream; then remove what is gone and build the search index."""
        self._refuse_lost_annotations()
        self._refuse_lost_names()
        self._note_other_sources()
        writer = CollectionWriter(self._collection)
        finished = self._finish_here() if self._options.finish is None else self._finish_elsewhere(self._options.finish)
        with closing(writer), closing(finished):
            for one in finished:
                writer.add(one)
            writer.finish()
        self._remove_gone()
        self._note_no_images()
        self.report.notes |= self._source.notes.collected()
        if self.report.instances.embedded or self.report.instances.removed:
            self._on_progress("building the search index", 0, 1)
            self._collection.optimize()
            self._on_progress("building the search index", 1, 1)

    def _finish_here(self) -> Generator[FinishedImage, None, None]:
        """Read in threads of this process, and embed in this one."""
        prepare = ImagePreparer(
            self._source,
            self._identity,
            self._embedder,
            mode=self._mode,
            options=self._options.crops,
            force=self._options.force,
        )
        readers = self._options.n_readers
        changed = map_ahead(prepare, self._list_changed(), workers=readers, ahead=2 * readers)
        # A source on a server is closed first, so that no reader repeats requests for a run that is over.
        with closing(changed), _closing_server(self._source):
            yield from self._embed(self._count(changed))

    def _finish_elsewhere(self, finish: Finish) -> Generator[FinishedImage, None, None]:
        """Count what comes from elsewhere, and pass on what has something to write."""
        for finished in finish(self._list_changed(), self._mode, self._collection):
            for _ in self._count([finished.prepared]):
                yield finished

    def _refuse_lost_annotations(self) -> None:
        """Refuse to take a source whose annotations are gone for a mere folder of images.

        Raises:
            SourceUnavailableError: The collection holds objects of it, and only images are found.
        """
        recognised = self._source.recognised
        if recognised.format != LAST_RESORT or recognised.reason == CHOSEN:
            return
        n_objects = self._collection.count(self._of_source({PayloadField.INSTANCE.value: (InstanceKind.OBJECT.value,)}))
        if n_objects:
            objects = count_text(n_objects, "annotated object")
            raise SourceUnavailableError(
                f"{self._source.key} was indexed with {objects}, and only images are found now; "
                f"restore its annotations, or say --format {LAST_RESORT} to give them up"
            )

    def _refuse_lost_names(self) -> None:
        """Refuse to call all classes by their index because the file of their names is gone.

        Raises:
            SourceUnavailableError: The collection knows names, and the source names no class.
        """
        lost = self._source.notes.collected().get(NoteKind.NO_CLASS_NAMES)
        known = self._collection.facet(PayloadField.CLASS_NAME, self._of_source()) if lost else {}
        name = next((name for name in known if not name.isdecimal()), None)
        if lost and name is not None:
            raise SourceUnavailableError(
                f"{self._source.key} was indexed with class names such as {name!r}, and names no class now; restore "
                "its data.yaml, obj.names or classes.txt"
            )

    def _note_other_sources(self) -> None:
        """Say at a source's first run what it will be shown together with."""
        if self._collection.count() and not self._collection.count(self._of_source()):
            for source_key in sorted(self._collection.facet(PayloadField.SOURCE_KEY)):
                self._source.notes.add(NoteKind.OTHER_SOURCES, source_key)

    def _list_changed(self) -> Iterator[ChangedImage]:
        """Yield the images that differ from their records, with what the collection holds of them."""
        datasets = self._options.datasets
        total = self._total = self._source.count_images(datasets)
        images = self._source.list_images(datasets)
        is_fresh = self._collection.count(self._of_source()) == 0
        self._on_progress(_STAGE, 0, total)
        while batch := list(islice(images, _IMAGES_PER_LOOKUP)):
            batch = [image for image in batch if self._is_named_in_unicode(image)]
            records = {} if is_fresh else self._look_up(batch)
            changed = []
            for image in batch:
                self._gone.seen.add(image.key)
                record = records.get(image.key)
                if not self._options.force and is_image_unchanged(self._identity, image, record, self._mode):
                    self._count_unchanged(record or {}, total)
                else:
                    changed.append((image, record))
            self._announce(changed)
            stored = {} if is_fresh or not changed else self._read_objects([image for image, _ in changed])
            for image, record in changed:
                yield ChangedImage(image, record, stored.get(image.key, {}))

    def _announce(self, changed: Sequence[tuple[SourceImage, dict[str, Any] | None]]) -> None:
        """Tell a source on a server what will be read."""
        if not isinstance(self._source, ServerSource) or not changed:
            return
        new_files = {
            image.key
            for image, record in changed
            if self._options.force or record is None or record.get(PayloadField.PIXELS_STAMP) != image.pixels_stamp
        }
        self._source.expect([image for image, _ in changed], new_files, self._mode)

    def _is_named_in_unicode(self, image: SourceImage) -> bool:
        """Whether the name of an image can be stored; one that cannot is counted as failed."""
        try:
            f"{image.key}{image.locator}".encode()
        except UnicodeEncodeError:
            self.report.images.seen += 1
            self._gone.seen.add(image.key)
            self.report.add_failure(show_controls(image.locator), "its name is not valid UTF-8; rename it")
            return False
        return True

    def _look_up(self, images: Sequence[SourceImage]) -> dict[str, dict[str, Any]]:
        """The records of images by image key."""
        ids = [make_point_id(self._identity.key, image.key, None) for image in images]
        found = self._collection.retrieve(ids)
        return {point.payload[PayloadField.IMAGE_KEY]: point.payload for point in found}

    def _read_objects(self, images: Sequence[SourceImage]) -> dict[str, dict[str, dict[str, Any]]]:
        """The payloads of the objects' points of images: image key -> id -> payload."""
        keys = tuple(image.key for image in images)
        where = self._of_source(
            {PayloadField.INSTANCE.value: (InstanceKind.OBJECT.value,), PayloadField.IMAGE_KEY.value: keys}
        )
        stored: dict[str, dict[str, dict[str, Any]]] = {}
        for page in self._collection.scroll(where):
            for point in page:
                stored.setdefault(point.payload[PayloadField.IMAGE_KEY], {})[point.id] = point.payload
        return stored

    def _count_unchanged(self, record: dict[str, Any], total: int | None) -> None:
        report = self.report
        report.images.seen += 1
        report.images.unchanged += 1
        report.instances.unchanged += int(record.get(PayloadField.N_INSTANCES, 0))
        report.add_skipped(record.get(PayloadField.SKIPPED) or {})
        self._on_progress(_STAGE, report.images.seen, total)

    def _count(self, changed: Iterable[PreparedImage]) -> Iterator[PreparedImage]:
        """Count every prepared image and pass on those that have something to write."""
        for prepared in changed:
            self.report.images.seen += 1
            if prepared.failure is not None:
                self.report.add_failure(prepared.image.locator, prepared.failure)
            elif prepared.is_stale:
                self._count_stale(prepared)
            else:
                self._count_written(prepared)
                yield prepared
            self._on_progress(_STAGE, self.report.images.seen, self._total)

    def _count_stale(self, prepared: PreparedImage) -> None:
        self.report.images.unchanged += 1
        self.report.add_skipped({Verdict.STALE: int((prepared.record or {}).get(PayloadField.N_INSTANCES, 0))})

    def _count_written(self, prepared: PreparedImage) -> None:
        plan, report = prepared.plan, self.report
        counts = {verdict: len(plan.ids(verdict)) for verdict in Verdict}
        report.instances.embedded += counts[Verdict.EMBED]
        report.instances.payload_updated += counts[Verdict.PAYLOAD]
        report.instances.unchanged += counts[Verdict.UNCHANGED]
        report.instances.removed += len(plan.removed)
        report.add_skipped({reason.value: count for reason, count in prepared.skipped.items()})
        if counts[Verdict.STALE]:
            report.add_skipped({Verdict.STALE: counts[Verdict.STALE]})
        if prepared.record is None:
            report.images.added += 1
            return
        described = {key: value for key, value in prepared.record_payload.items() if key not in RECORD_FIELDS}
        is_same = not (counts[Verdict.EMBED] or counts[Verdict.PAYLOAD] or plan.removed)
        if is_same and not diff_payload(described, prepared.record):
            report.images.unchanged += 1
        else:
            report.images.updated += 1

    def _embed(self, images: Iterable[PreparedImage]) -> Iterator[FinishedImage]:
        """Embed in full batches across images, and yield images in order as their last embedding arrives."""
        waiting: deque[tuple[FinishedImage, str]] = deque()  # crops not yet embedded
        unfinished: deque[FinishedImage] = deque()
        for prepared in images:
            finished = FinishedImage(prepared)
            unfinished.append(finished)
            waiting.extend((finished, point_id) for point_id in prepared.inputs)
            while waiting and len(waiting) >= (size := self._options.batch_size or self._embedder.batch_size):
                self._embed_batch([waiting.popleft() for _ in range(size)])
            yield from _pop_complete(unfinished)
        if waiting:
            self._embed_batch(list(waiting))
        yield from _pop_complete(unfinished)

    def _embed_batch(self, batch: Sequence[tuple[FinishedImage, str]]) -> None:
        inputs = [finished.prepared.inputs.pop(point_id) for finished, point_id in batch]
        for (finished, point_id), embedding in zip(batch, self._embedder.embed(inputs), strict=True):
            finished.embeddings[point_id] = embedding

    def _remove_gone(self) -> None:
        """Delete the points of images that the source no longer has, in the datasets that the run covered."""
        gone = self._gone.find(self._collection)
        keys = iter(gone)
        while batch := tuple(islice(keys, _IMAGES_PER_LOOKUP)):
            self._on_progress("removing what is gone", self.report.images.removed, len(gone))
            of_images = self._of_source(
                {PayloadField.IMAGE_KEY.value: batch, PayloadField.INSTANCE.value: (InstanceKind.OBJECT.value,)}
            )
            objects = [point.id for page in self._collection.scroll(of_images, fields=[]) for point in page]
            # Objects first: while the image's own point stands, a killed run is finished by the next one.
            self._collection.delete(objects)
            self._collection.delete([gone[key][0] for key in batch])
            self.report.instances.removed += len(objects) + sum(gone[key][1] for key in batch)
        self.report.images.removed = len(gone)

    def _note_no_images(self) -> None:
        """Note that nothing was found and nothing is known: the path is likely to be another than was meant.

        A project that says itself that it holds no images is empty, and that is a result.
        """
        if self._source.recognised.format != LAST_RESORT or self.report.images.seen or self.report.images.removed:
            return
        if NoteKind.MISSING_PART in self._source.notes.collected():  # which says more
            return
        datasets = self._options.datasets
        where = f"{' and '.join(datasets)} of {self._source.key}" if datasets else self._source.key
        read_as = f"which is read as {self._source.recognised.format} ({self._source.expects})"
        self._source.notes.add(NoteKind.NO_IMAGES, f"there are no images in {where}, {read_as}; {_NO_IMAGES_HELP}")


def _closing_server(source: ImageSource) -> AbstractContextManager[object]:
    return closing(source) if isinstance(source, ServerSource) else nullcontext()


def _pop_complete(unfinished: deque[FinishedImage]) -> Iterator[FinishedImage]:
    while unfinished and not unfinished[0].prepared.inputs:
        yield unfinished.popleft()
