"""Qdrant's engine in this process (qdrant-edge-py): one shard directory a collection, no server.

A shard has one owner, so the whole data directory is locked.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import RLock
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import qdrant_edge as edge

from indexer.domain import CollectionSpec, Neighbor, Point, PointColumns, PointFilter
from indexer.errors import CollectionNotFoundError, InvalidOptionsError, StoreUnavailableError
from indexer.payload import INDEXED_FIELDS, PayloadField
from indexer.stores.base import possible_ids
from indexer.stores.collection_files import (
    DataDirectoryLock,
    RevisionFile,
    check_collection_name,
    check_same_spec,
    is_collection_name,
    read_spec,
    write_spec,
)
from indexer.stores.columns import VECTOR, columns_from_pages, to_point
from indexer.stores.edge_calls import (
    OPENING_BYTES,
    WRITING_BYTES,
    allocated_bytes,
    call_engine,
    hold_back_panics,
    require_free_disk,
)
from indexer.stores.edge_filters import to_edge_filter

_WRITE_BATCH: Final = 512
_SPEC: Final = "collection.json"
_SHARD: Final = "shard"
# Below 100 MB of vectors an exact scan answers in about 20 ms; building the graph would cost longer than it saves.
_INDEXING_THRESHOLD_KB: Final = 100_000
_INDEX_TYPES: Final = {
    "keyword": edge.PayloadSchemaType.Keyword,
    "integer": edge.PayloadSchemaType.Integer,
    "float": edge.PayloadSchemaType.Float,
    "datetime": edge.PayloadSchemaType.Datetime,
}

T = TypeVar("T")


def _config(dimension: int) -> edge.EdgeConfig:
    return edge.EdgeConfig(
        vectors={VECTOR: edge.EdgeVectorParams(size=dimension, distance=edge.Distance.Cosine)},
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=_INDEXING_THRESHOLD_KB),
    )


class EmbeddedCollection:
    """One shard with its spec and revision; see ``indexer.stores.base.Collection``.

    Args:
        folder: The collection's folder, with a shard in it.
        spec: What made the embeddings comparable.

    Raises:
        StoreUnavailableError: The shard is damaged, or the disk is nearly full.
    """

    def __init__(self, folder: Path, spec: CollectionSpec) -> None:
        self.name, self.spec, self._folder = folder.name, spec, folder
        self._write_lock = RLock()
        require_free_disk(name=folder.name, folder=folder, n_bytes=OPENING_BYTES, purpose="opening it")
        with hold_back_panics():
            self._shard = call_engine(
                self.name, lambda: edge.EdgeShard.load(str(folder / _SHARD)), folder=folder, failure="is damaged"
            )
        self._revision = self._call(lambda: RevisionFile(folder / "revision.json"))
        self._review_revision = self._call(lambda: RevisionFile(folder / "review_revision.json"))

    def _call(self, operation: Callable[[], T]) -> T:
        return call_engine(self.name, operation, folder=self._folder)

    def _update(self, operation: edge.UpdateOperation, *, noted_in: RevisionFile | None = None) -> None:
        with self._write_lock:
            require_free_disk(name=self.name, folder=self._folder)
            self._call((noted_in or self._revision).advance)
            self._call(lambda: self._shard.update(operation))

    @property
    def revision(self) -> str:
        """Changes with every write but ``set_reviews``; equal ones mean equal points, also across processes."""
        return str(self._revision)

    @property
    def review_revision(self) -> str:
        """Changes with every ``set_reviews``, of which ``revision`` takes no note."""
        return str(self._review_revision)

    def upsert(self, points: Sequence[Point]) -> None:
        """Write whole points; a point of the same id is replaced, payload and vector."""
        for start in range(0, len(points), _WRITE_BATCH):
            batch = [_to_record(point) for point in points[start : start + _WRITE_BATCH]]
            self._update(edge.UpdateOperation.upsert_points(batch))

    def set_payload(self, payloads: Mapping[str, Mapping[str, Any]]) -> None:
        """Set payload fields by point id; a None value deletes the field; unknown ids are ignored."""
        self._write_payloads(payloads, self._revision)

    def set_reviews(self, reviews: Mapping[str, Mapping[str, Any] | None]) -> None:
        """Set the field ``review`` by point id, or delete it where None; unknown ids are ignored."""
        payloads = {point_id: {PayloadField.REVIEW.value: review} for point_id, review in reviews.items()}
        self._write_payloads(payloads, self._review_revision)

    def _write_payloads(self, payloads: Mapping[str, Mapping[str, Any]], revision: RevisionFile) -> None:
        known = {point.id for point in self.retrieve(list(payloads))}
        for point_id, payload in payloads.items():
            if point_id not in known:
                continue
            present = {key: value for key, value in payload.items() if value is not None}
            absent = [key for key, value in payload.items() if value is None]
            if present:
                self._update(edge.UpdateOperation.set_payload([point_id], present), noted_in=revision)
            if absent:
                self._update(edge.UpdateOperation.delete_payload([point_id], absent), noted_in=revision)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete points; unknown ids are ignored."""
        if wanted := possible_ids(ids):
            self._update(edge.UpdateOperation.delete_points(list(wanted)))

    def delete_embeddings(self, ids: Sequence[str]) -> None:
        """Take the vectors of points away and keep their payloads; unknown ids are ignored."""
        known = [point.id for point in self.retrieve(ids)]
        if known:
            self._update(edge.UpdateOperation.delete_vectors(list(known), [VECTOR]))

    def retrieve(self, ids: Sequence[str], *, with_embeddings: bool = False) -> list[Point]:
        """The points that exist among ``ids``, in the order asked for."""
        wanted: list[Any] = [*possible_ids(ids)]
        if not wanted:
            return []
        records = self._call(lambda: self._shard.retrieve(wanted, with_payload=True, with_vector=with_embeddings))
        found = {str(record.id): to_point(record) for record in records}
        return [found[point_id] for point_id in ids if point_id in found]

    def scroll(
        self,
        where: PointFilter | None = None,
        *,
        fields: Sequence[str] | None = None,
        with_embeddings: bool = False,
        page_size: int = 4096,
    ) -> Iterator[list[Point]]:
        """Yield pages of matching points in ascending order of id, with bounded memory."""
        offset = None
        with_payload: bool | list[str] = True if fields is None else [str(field) for field in fields]
        while True:
            request = edge.ScrollRequest(
                offset=offset,
                limit=page_size,
                filter=to_edge_filter(where, VECTOR),
                with_payload=with_payload if with_payload != [] else False,
                with_vector=with_embeddings,
            )
            records, offset = self._call(lambda request=request: self._shard.scroll(request))  # type: ignore[misc]
            if records:
                yield [to_point(record) for record in records]
            if offset is None:
                return

    def read_columns(
        self, fields: Sequence[str], *, with_embeddings: bool = False, where: PointFilter | None = None
    ) -> PointColumns:
        """Read matching points as columns, sorted by id; embeddings are L2-normalised float32."""
        pages = self.scroll(where, fields=fields, with_embeddings=with_embeddings)
        dimension = self.spec.dimension if with_embeddings else None
        return columns_from_pages(pages, fields, dimension, n_expected=self.count(where))

    def query(
        self,
        embedding: npt.NDArray[np.float32],
        *,
        limit: int,
        where: PointFilter | None = None,
        exact: bool = False,
    ) -> list[Neighbor]:
        """The ``limit`` points nearest to ``embedding`` (float32 (D,)) by cosine, nearest first."""
        request = edge.QueryRequest(
            limit=limit,
            query=edge.Query.Nearest(embedding.astype(np.float32), using=VECTOR),  # type: ignore[arg-type]
            filter=to_edge_filter(where, VECTOR),
            params=edge.SearchParams(exact=exact, hnsw_ef=max(128, 2 * limit)),
            with_payload=True,
        )
        found = self._call(lambda: self._shard.query(request))
        return [Neighbor(id=str(hit.id), score=float(hit.score), payload=hit.payload or {}) for hit in found]

    def count(self, where: PointFilter | None = None) -> int:
        """Number of matching points, exact."""
        request = edge.CountRequest(exact=True, filter=to_edge_filter(where, VECTOR))
        return int(self._call(lambda: self._shard.count(request)))

    def facet(self, field: str, where: PointFilter | None = None, *, limit: int = 10_000) -> dict[str, int]:
        """Values of an indexed keyword field and how many matching points have each, most frequent first."""
        request = edge.FacetRequest(str(field), limit=limit, exact=True, filter=to_edge_filter(where, VECTOR))
        hits = self._call(lambda: self._shard.facet(request)).hits
        counts = {str(hit.value): int(hit.count) for hit in hits if hit.count}
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def optimize(self) -> None:
        """Build the search index after bulk writes; queries are exact and slower without it."""
        with self._write_lock:
            # The engine writes each segment that it indexes once more before it deletes the old one.
            n_bytes = WRITING_BYTES + allocated_bytes(self._folder / _SHARD / "segments")
            require_free_disk(name=self.name, folder=self._folder, n_bytes=n_bytes, purpose="building its search index")
            self._call(self._shard.optimize)

    def close(self) -> None:
        """Flush and release the shard."""
        with self._write_lock:
            self._call(self._shard.close)
            self._call(self._revision.close)
            self._call(self._review_revision.close)


def _to_record(point: Point) -> edge.Point:
    # The stubs ask for lists, but the engine takes arrays, three times faster.
    vectors: Any = {} if point.embedding is None else {VECTOR: point.embedding}
    return edge.Point(point.id, vectors, point.payload)


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
        found = {path.parent for pattern in (_SPEC, _SHARD) for path in self._folder.glob(f"*/{pattern}")}
        return sorted(folder.name for folder in found if is_collection_name(folder.name))

    def create_collection(self, name: str, spec: CollectionSpec) -> EmbeddedCollection:
        """Create an empty collection; it is made under another name, so that a crash leaves none rather than half."""
        folder = self._folder / check_collection_name(name)
        if name in self.collection_names():
            raise InvalidOptionsError(f"collection '{name}' exists already; choose another name")
        partial = self._folder / f".{name}.partial"
        try:
            _make_collection(partial, name, spec)
            shutil.rmtree(folder, ignore_errors=True)  # neither points nor a spec are in it
            partial.rename(folder)
        except OSError as error:
            raise StoreUnavailableError(f"collection '{name}' cannot be made in {folder}: {error.strerror}") from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        self._open[name] = EmbeddedCollection(folder, spec)
        return self._open[name]

    def open_collection(self, name: str, *, spec: CollectionSpec | None = None) -> EmbeddedCollection:
        """Open a collection, comparing ``spec`` with the stored one when given."""
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

    def delete_collection(self, name: str) -> None:
        """Delete a collection and everything in it, also a damaged one; its folder goes in one step."""
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
                for collection in self._open.values():
                    closing.callback(collection.close)
        finally:
            self._open.clear()
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
    shard = call_engine(name, lambda: edge.EdgeShard.create(str(folder / _SHARD), _config(spec.dimension)))
    for field, kind in INDEXED_FIELDS.items():
        index = edge.UpdateOperation.create_field_index(field.value, _INDEX_TYPES[kind])
        call_engine(name, lambda index=index: shard.update(index))  # type: ignore[misc]
    call_engine(name, shard.close)
    write_spec(folder / _SPEC, spec)
