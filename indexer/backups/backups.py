"""Backups of collections, and collections moved from one store to another; nothing is ever half done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from indexer.atomic_files import replace_file, write_atomically
from indexer.backups.backup_file import BackupReader, BackupWriter, Manifest
from indexer.backups.copies import Copy, DifferentCopyError
from indexer.backups.curation import Curation
from indexer.collection.collections import Collections
from indexer.collection.revision_cache import RevisionCache
from indexer.domain import Progress, ignore_progress
from indexer.errors import (
    ExportError,
    InvalidOptionsError,
    SnapshotOutdatedError,
    StoreError,
    StoreLockedError,
    StoreUnavailableError,
)
from indexer.maps.archive import list_projection_ids
from indexer.maps.maps import maps_folder
from indexer.reviews.log import ReviewLog, log_path
from indexer.reviews.reviews import Reviews
from indexer.settings import IndexerSettings
from indexer.stores.base import Collection, DraftStore, VectorStore
from indexer.stores.leases import describe_owner, hold_collection
from indexer.stores.opening import open_store

_MAP_SUFFIX: Final = ".npz"
Judge = Callable[[str, Iterable[Any]], None]
"""Told the embedder of a backup, and payloads and events that would be written; raises if they must not be."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A collection that was copied to another store.

    Attributes:
        collection: Its name.
        place: Where it is now, too.
        n_points: Its points.
        n_copied: Those that this run copied; an earlier one had copied the others.
        n_queries: Searches that both stores answered alike.
        n_events: Events of the review log that the other data directory did not have.
        n_maps: Maps that it did not have.
        n_tags: How often it got a tag that people gave.
        n_selections: Named selections that it did not have.
    """

    collection: str
    place: str
    n_points: int
    n_copied: int
    n_queries: int
    n_events: int
    n_maps: int
    n_tags: int
    n_selections: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A collection that was made of a backup.

    Attributes:
        collection: Its name.
        n_points: Its points.
        n_events: Events of the review log that the data directory did not have.
        n_maps: Its maps.
        n_tags: How often the data directory got a tag that people gave.
        n_selections: Named selections that it did not have.
    """

    collection: str
    n_points: int
    n_events: int
    n_maps: int
    n_tags: int
    n_selections: int


class Backups:
    """Takes collections to files and other stores, and back.

    Args:
        settings: The data directory, and how servers are asked.
        store: The open store.
        collections: The collections of the store.
        reviews: What people decided about points.
    """

    def __init__(
        self, settings: IndexerSettings, store: VectorStore, collections: Collections, reviews: Reviews
    ) -> None:
        self._settings, self._store, self._collections, self._reviews = settings, store, collections, reviews
        self._curation = Curation(collections, settings.data_dir)

    def back_up(self, name: str | None, path: Path, *, on_progress: Progress = ignore_progress) -> Manifest:
        """Write a collection with all that people made of it to one file, whole or not at all.

        Args:
            name: Name of the collection, None for the only one.
            path: The file; an earlier backup is replaced, another file is not.
            on_progress: Told of every page.

        Raises:
            InvalidOptionsError: There is a file that is no backup, or no folder for it.
            StoreLockedError: A run writes to the collection.
            SnapshotOutdatedError: Somebody wrote to the collection meanwhile.
            ExportError: The file cannot be written.
        """
        collection = self._collections.open(name)
        _check_target(path)
        try:
            with (
                hold_collection(collection, describe_owner(f"lookalike backup {path.name}")) as require,
                replace_file(path) as partial,
                BackupWriter(partial) as writer,
            ):
                return self._write(collection, writer, _guarded(on_progress, require))
        except OSError as error:
            raise ExportError(
                f"backup {path} cannot be written: {error.strerror or error}; nothing is there"
            ) from error

    def _write(self, collection: Collection, writer: BackupWriter, on_progress: Progress) -> Manifest:
        revision, total, work = collection.revision, collection.count(), self._curation.read(collection.name)
        for page in collection.scroll(with_embeddings=True):
            writer.add_points(page)
            on_progress("backing up points", writer.n_points, total)
        is_outdated = collection.revision != revision or self._curation.read(collection.name) != work
        if is_outdated or writer.n_points != total:
            raise SnapshotOutdatedError(collection.name)
        writer.add_curation(work)
        writer.add_reviews(ReviewLog(log_path(self._settings.data_dir)).events())
        for path in _map_files(self._settings.data_dir, collection.name):
            writer.add_map(path.name, path.read_bytes())
        return writer.finish(collection.name, collection.spec, created_at=datetime.now(UTC).isoformat())

    def restore(
        self,
        path: Path,
        name: str | None,
        *,
        judge: Judge = lambda _embedder, _documents: None,
        on_progress: Progress = ignore_progress,
    ) -> Restored:
        """Make a collection of a backup; the whole file is checked before anything is written.

        Nobody sees the collection before it is complete. A restore that was killed leaves nothing that is seen, and
        the next one begins anew.

        Args:
            path: The file.
            name: Name of the collection; the one that was backed up if None.
            judge: Asked before anything is written; what it raises ends the restore.
            on_progress: Told of every part.

        Raises:
            SourceUnavailableError: The file is no backup, or is damaged.
            InvalidOptionsError: There is a collection of that name.
        """
        store = _require_drafts(self._store)
        with BackupReader(path, on_progress) as backup:
            manifest = backup.manifest
            target, events = name or manifest.collection, backup.events()
            if target in store.collection_names():
                raise InvalidOptionsError(
                    f"collection '{target}' exists already; choose another name, on the command line with --collection"
                )
            judge(manifest.spec.embedder, events)
            draft = store.open_draft(target, manifest.spec, keeps=False)
            try:
                with hold_collection(draft, describe_owner(f"lookalike restore {path.name}")) as require:
                    self._fill(draft, backup, judge, _guarded(on_progress, require))
                for file_name in manifest.maps:
                    _put_map(self._settings.data_dir, target, Path(file_name).name, backup.read_map(file_name))
                n_events = ReviewLog(log_path(self._settings.data_dir)).add_missing(events)
                taken = self._curation.take(draft, backup.curated())
                store.publish(target)
            except StoreLockedError:  # another process works at it
                raise
            except Exception:
                with suppress(StoreError):  # why it failed is told; the next try removes it
                    store.drop_draft(target)
                raise
        self._collections.open(target).optimize()
        self._reviews.mend(target)
        return Restored(target, manifest.n_points, n_events, len(manifest.maps), taken.n_tags, taken.n_selections)

    def _fill(
        self,
        draft: Collection,
        backup: BackupReader,
        judge: Judge,
        on_progress: Progress,
    ) -> None:
        n_points = 0
        for part in backup.points():
            judge(backup.manifest.spec.embedder, [point.payload for point in part])
            draft.upsert(part)
            n_points += len(part)
            on_progress("restoring points", n_points, backup.manifest.n_points)
        if draft.count() != backup.manifest.n_points:
            raise StoreUnavailableError(
                f"the store has {draft.count()} points of the backup's {backup.manifest.n_points}; restore it again"
            )

    def move(self, name: str | None, to: str, *, on_progress: Progress = ignore_progress) -> Moved:
        """Copy a collection to a Qdrant server or another data directory; the collection here stays.

        It is seen there when it is complete and was compared. A run that was killed goes on where it was.

        Args:
            name: Name of the collection, None for the only one.
            to: Address of a Qdrant server, or a data directory.
            on_progress: Told of every page.

        Raises:
            InvalidOptionsError: The collection is there already, or the address is not valid.
            StoreLockedError: A run writes to the collection, or another process owns the directory.
            StoreUnavailableError: The copy differs; the message says in what.
        """
        collection = self._collections.open(name)
        settings = self._settings_of(to)
        with _opened(settings, f"lookalike move {collection.name}") as target:
            if collection.name in target.collection_names():
                raise InvalidOptionsError(
                    f"collection '{collection.name}' is in {to} already; delete it there, or choose another place"
                )
            draft = target.open_draft(collection.name, collection.spec, keeps=True)
            owner = describe_owner(f"lookalike move {collection.name} to {to}")
            with hold_collection(collection, owner) as require, hold_collection(draft, owner) as require_there:
                guarded = _guarded(_guarded(on_progress, require), require_there)
                copy = Copy(collection, draft, guarded)
                try:
                    copy.run()
                except DifferentCopyError:
                    draft.delete([point.id for page in draft.scroll(fields=[]) for point in page])
                    raise
            along = self._take_along(draft, Curation(Collections(target, RevisionCache()), settings.data_dir), settings)
            target.publish(collection.name)
            target.open_collection(collection.name).optimize()
        return Moved(collection.name, to, copy.n_points, copy.n_copied, copy.n_queries, **along)

    def _settings_of(self, to: str) -> IndexerSettings:
        ours, theirs = self._settings.store.url, to if "://" in to else None
        data_dir = self._settings.data_dir if theirs else Path(to)
        is_same_place = data_dir.resolve() == self._settings.data_dir.resolve()
        if (theirs or "").rstrip("/") == (ours or "").rstrip("/") and (theirs is not None or is_same_place):
            raise InvalidOptionsError(f"the collection is in {to} already; say --to another server or data directory")
        store = self._settings.store.model_copy(update={"url": theirs})
        return self._settings.model_copy(update={"data_dir": data_dir, "store": store})

    def _take_along(self, draft: Collection, theirs: Curation, settings: IndexerSettings) -> dict[str, int]:
        """Copy what people made to another data directory; a server's collection keeps using ours.

        Returns:
            What is new there, as ``Moved`` has it.
        """
        name, data_dir = draft.name, settings.data_dir
        if data_dir.resolve() == self._settings.data_dir.resolve():
            return {"n_events": 0, "n_maps": 0, "n_tags": 0, "n_selections": 0}
        events = ReviewLog(log_path(self._settings.data_dir)).events()
        n_events = ReviewLog(log_path(data_dir)).add_missing(events)
        taken = theirs.take(draft, self._curation.read(name))
        known = {path.name for path in _map_files(data_dir, name)}
        new = [path for path in _map_files(self._settings.data_dir, name) if path.name not in known]
        for path in new:
            _put_map(data_dir, name, path.name, path.read_bytes())
        return {"n_events": n_events, "n_maps": len(new), **asdict(taken)}


@contextmanager
def _opened(settings: IndexerSettings, owner: str) -> Iterator[DraftStore]:
    store = open_store(settings, owner=owner)
    try:
        yield _require_drafts(store)
    finally:
        store.close()


def _require_drafts(store: VectorStore) -> DraftStore:
    if not hasattr(store, "open_draft"):
        raise InvalidOptionsError("this process does not own the store; ask the server that does")
    return cast("DraftStore", store)


def _guarded(on_progress: Progress, require: Callable[[], None]) -> Progress:
    """A progress that stops the work once somebody else has the lease."""

    def note(stage: str, done: int, total: int | None) -> None:
        require()
        on_progress(stage, done, total)

    return note


def _check_target(path: Path) -> None:
    """Refuse to replace a file that is no backup.

    Raises:
        InvalidOptionsError: There is such a file, or no folder.
    """
    if not path.parent.is_dir():
        raise InvalidOptionsError(f"there is no folder {path.parent} for the backup; make it first")
    if path.is_dir():
        raise InvalidOptionsError(f"{path} is a folder; say the name of the file, such as {path / 'backup.zip'}")
    if path.exists():
        try:
            with BackupReader(path, ignore_progress):
                return
        except Exception as error:  # it is any file, and meets the readers of ZIP, JSON and arrays
            raise InvalidOptionsError(
                f"{path} exists and is no whole backup of Lookalike, so it is not replaced; choose another name"
            ) from error


def _map_files(data_dir: Path, name: str) -> list[Path]:
    folder = maps_folder(data_dir, name)
    return [folder / f"{one}{_MAP_SUFFIX}" for one in list_projection_ids(folder)]


def _put_map(data_dir: Path, name: str, file_name: str, content: bytes) -> None:
    folder = maps_folder(data_dir, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / file_name, content)
    except OSError as error:
        raise StoreUnavailableError(f"map {folder / file_name} cannot be written: {error.strerror}") from error
