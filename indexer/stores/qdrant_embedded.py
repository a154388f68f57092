"""Qdrant's engine in this process (qdrant-edge-py): one shard directory a collection, no server.

A shard has one owner, so the whole data directory is locked.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import RLock
from typing import Final

import qdrant_edge as edge

from indexer.domain import CollectionSpec
from indexer.errors import CollectionNotFoundError, InvalidOptionsError, StoreUnavailableError
from indexer.payload import INDEXED_FIELDS
from indexer.stores.collection_files import (
    DataDirectoryLock,
    check_collection_name,
    check_same_spec,
    is_collection_name,
    read_spec,
    write_spec,
)
from indexer.stores.edge_calls import call_engine, require_free_disk
from indexer.stores.embedded_collection import EmbeddedCollection
from indexer.stores.search_index import make_config
from indexer.stores.shard_folders import FIRST_SHARD

_SPEC: Final = "collection.json"
_INDEX_TYPES: Final = {
    "keyword": edge.PayloadSchemaType.Keyword,
    "integer": edge.PayloadSchemaType.Integer,
    "float": edge.PayloadSchemaType.Float,
    "datetime": edge.PayloadSchemaType.Datetime,
}


class EmbeddedStore:
    """Collections in one data directory, owned by this process; see ``indexer.stores.base.VectorStore``.

    Args:
        data_dir: The data directory, created if it does not exist.
        owner: What others are told when they find the directory locked.

    Raises:
        StoreLockedError: Another process owns the directory.
        StoreUnavailableError: The directory cannot be made or written.
    """

    def __init__(self, data_dir: Path, *, owner: str = "a Python process") -> None:
        self._folder = data_dir / "collections"
        self._open: dict[str, EmbeddedCollection] = {}
        self._drafts: dict[str, EmbeddedCollection] = {}
        self._names_lock = RLock()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = DataDirectoryLock(data_dir, owner)
        except OSError as error:
            place = error.filename2 or error.filename  # both where a file could not take the place of another
            where = f" ({place})" if place and Path(place) != data_dir else ""
            raise StoreUnavailableError(
                f"data directory {data_dir} cannot be written: {error.strerror}{where}"
            ) from error

    def collection_names(self) -> list[str]:
        """Names of all collections, sorted; also of those that cannot be opened, so that nobody takes them for gone."""
        found = {path.parent for pattern in (_SPEC, "shard", "shard-*") for path in self._folder.glob(f"*/{pattern}")}
        return sorted(folder.name for folder in found if is_collection_name(folder.name))

    def create_collection(self, name: str, spec: CollectionSpec) -> EmbeddedCollection:
        """Create an empty collection; it is made under another name, so that a crash leaves none rather than half."""
        with self._names_lock:
            folder = self._folder / check_collection_name(name)
            if name in self.collection_names():
                raise InvalidOptionsError(f"collection '{name}' exists already; choose another name")
            partial = self._folder / f".{name}.partial"
            try:
                _make_collection(partial, name, spec)
                shutil.rmtree(folder, ignore_errors=True)  # neither points nor a spec are in it
                partial.rename(folder)
            except OSError as error:
                raise StoreUnavailableError(
                    f"collection '{name}' cannot be made in {folder}: {error.strerror}"
                ) from error
            finally:
                shutil.rmtree(partial, ignore_errors=True)
            self._open[name] = EmbeddedCollection(folder, spec)
            return self._open[name]

    def open_collection(self, name: str, *, spec: CollectionSpec | None = None) -> EmbeddedCollection:
        """Open a collection, comparing ``spec`` with the stored one when given."""
        with self._names_lock:
            names = self.collection_names()
            if name not in names:
                raise CollectionNotFoundError(name, names)
            folder = self._folder / name
            stored = read_spec(folder / _SPEC)
            if spec is not None:
                check_same_spec(name, stored, spec)
            if name not in self._open:
                self._open[name] = EmbeddedCollection(folder, stored)
            return self._open[name]

    def open_draft(self, name: str, spec: CollectionSpec, *, keeps: bool) -> EmbeddedCollection:
        """Open the unfinished collection of a name, or create it; see ``indexer.stores.base.DraftStore``."""
        with self._names_lock:
            if check_collection_name(name) in self.collection_names():
                raise InvalidOptionsError(f"collection '{name}' exists already; choose another name")
            folder = self._draft_of(name)
            self._close_draft(name)
            try:
                if not (keeps and (folder / _SPEC).exists() and read_spec(folder / _SPEC) == spec):
                    _make_collection(folder, name, spec)
            except OSError as error:
                raise StoreUnavailableError(
                    f"collection '{name}' cannot be made in {folder}: {error.strerror}"
                ) from error
            self._drafts[name] = EmbeddedCollection(folder, spec, name)
            return self._drafts[name]

    def publish(self, name: str) -> None:
        """Make an unfinished collection a finished one; its folder gets its name in one step."""
        with self._names_lock:
            self._close_draft(name)
            folder = self._folder / name
            if name in self.collection_names():
                raise InvalidOptionsError(f"collection '{name}' exists already; choose another name")
            if not (self._draft_of(name) / _SPEC).exists():
                raise CollectionNotFoundError(name, self.collection_names())
            try:
                shutil.rmtree(folder, ignore_errors=True)  # neither points nor a spec are in it
                self._draft_of(name).rename(folder)
            except OSError as error:
                raise StoreUnavailableError(
                    f"collection '{name}' cannot be made in {folder}: {error.strerror}"
                ) from error

    def drop_draft(self, name: str) -> None:
        """Remove the unfinished collection of a name; see ``indexer.stores.base.DraftStore``."""
        with self._names_lock:
            self._close_draft(check_collection_name(name))
            folder = self._draft_of(name)
            try:
                if folder.exists():
                    shutil.rmtree(folder)
            except OSError as error:
                raise StoreUnavailableError(f"{folder} cannot be removed: {error.strerror}") from error

    def _draft_of(self, name: str) -> Path:
        return self._folder / f".{name}.draft"

    def _close_draft(self, name: str) -> None:
        if name in self._drafts:
            self._drafts.pop(name).close()

    def delete_collection(self, name: str) -> None:
        """Delete a collection and everything in it, also a damaged one; its folder goes in one step."""
        with self._names_lock:
            names = self.collection_names()
            if name not in names:
                raise CollectionNotFoundError(name, names)
            if name in self._open:
                with suppress(StoreUnavailableError):
                    self._open.pop(name).close()
            self._remove(name)

    def _remove(self, name: str) -> None:
        partial = self._folder / f".{name}.partial"
        try:
            shutil.rmtree(partial, ignore_errors=True)
            (self._folder / name).rename(partial)
            shutil.rmtree(partial)
        except OSError as error:
            raise StoreUnavailableError(f"collection '{name}' cannot be deleted: {error.strerror}") from error

    def close(self) -> None:
        """Flush and release everything, also the lock on the data directory; closing twice is fine."""
        try:
            with ExitStack() as closing:
                for collection in (*self._open.values(), *self._drafts.values()):
                    closing.callback(collection.close)
        finally:
            self._open.clear()
            self._drafts.clear()
            self._lock.release()


def _make_collection(folder: Path, name: str, spec: CollectionSpec) -> None:
    """Make the files of an empty collection.

    Raises:
        OSError: A file cannot be made.
        StoreUnavailableError: The engine failed, or the disk is nearly full.
    """
    require_free_disk(name=name, folder=folder.parent, purpose="making it")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shard = call_engine(name, lambda: edge.EdgeShard.create(str(folder / FIRST_SHARD), make_config(spec.dimension)))
    for field, kind in INDEXED_FIELDS.items():
        index = edge.UpdateOperation.create_field_index(field.value, _INDEX_TYPES[kind])
        call_engine(name, lambda index=index: shard.update(index))  # type: ignore[misc]
    call_engine(name, shard.close)
    write_spec(folder / _SPEC, spec)
