"""One collection of the embedded engine (qdrant-edge-py): a shard directory with its spec and revision."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from threading import Event, Lock, RLock
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import qdrant_edge as edge

from indexer.domain import CollectionSpec, Neighbor, Point, PointFilter
from indexer.stores.base import possible_ids
from indexer.stores.collection_files import RevisionFile
from indexer.stores.columns import VECTOR, batches, count_hits, to_neighbors, to_point
from indexer.stores.edge_calls import (
    OPENING_BYTES,
    WRITING_BYTES,
    allocated_bytes,
    call_engine,
    hold_back_panics,
    require_free_disk,
)
from indexer.stores.edge_filters import to_edge_filter
from indexer.stores.leases import Lease, MemoryLease
from indexer.stores.qdrant_collection import PayloadChange, QdrantCollection, wanted_payload
from indexer.stores.recent_writes import RecentWrites
from indexer.stores.search_index import is_worth_an_index, needs_rebuild, optimize_in_process
from indexer.stores.shard_folders import ShardFolders

# The engine holds Python's global lock in every call, so that a call must be short: these take some 10 ms each.
_WRITE_BATCH: Final = 128
_READ_BATCH: Final = 1024
_READ_FLOATS: Final = 2**20
_REPLAY_REST: Final = 1024  # points that are replayed while writers wait

T = TypeVar("T")


class EmbeddedCollection(QdrantCollection):
    """One shard with its spec and revision; see ``indexer.stores.base.Collection``.

    Args:
        folder: The collection's folder, with a shard in it.
        spec: What made the embeddings comparable.
        name: Its name, if the folder has another.

    Raises:
        StoreUnavailableError: The shard is damaged, or the disk is nearly full.
    """

    def __init__(self, folder: Path, spec: CollectionSpec, name: str | None = None) -> None:
        self.name, self.spec, self._folder = name or folder.name, spec, folder
        self._lease = MemoryLease(self.name)
        self._write_lock, self._shard_lock, self._rebuild_lock, self._closing = RLock(), Lock(), Lock(), Event()
        self._touched: set[str] | None = None  # ids written since the shard was copied, while it is rebuilt
        self._folders = ShardFolders(folder)
        require_free_disk(name=folder.name, folder=folder, n_bytes=OPENING_BYTES, purpose="opening it")
        self._folders.remove_others()
        with hold_back_panics():
            self._shard = self._load(self._folders.current)
        self._revision = self._call(lambda: RevisionFile(folder / "revision.json"))
        self._review_revision = self._call(lambda: RevisionFile(folder / "review_revision.json"))
        self._recent_reviews = RecentWrites()

    def _call(self, operation: Callable[[], T]) -> T:
        return call_engine(self.name, operation, folder=self._folder)

    def _ask(self, question: Callable[[edge.EdgeShard], T]) -> T:
        """Call the engine on the shard that holds the points now."""
        with self._shard_lock:  # costs nobody anything: the engine holds the global lock meanwhile
            return self._call(lambda: question(self._shard))

    def _load(self, shard: Path) -> edge.EdgeShard:
        return call_engine(
            self.name, lambda: edge.EdgeShard.load(str(shard)), folder=self._folder, failure="is damaged"
        )

    def _update(
        self, operation: edge.UpdateOperation, ids: Iterable[str], *, noted_in: RevisionFile | None = None
    ) -> None:
        with self._write_lock:
            require_free_disk(name=self.name, folder=self._folder)
            if self._touched is not None:
                self._touched.update(ids)
            revision = noted_in or self._revision
            self._call(revision.advance)  # before, as the process may die in the write
            if revision is self._review_revision:
                self._recent_reviews.note(ids, revision.count + 1)
            try:
                self._ask(lambda shard: shard.update(operation))
            finally:
                self._call(revision.advance)  # after, as somebody may have read under the revision of before the write

    @property
    def revision(self) -> str:
        """Changes with every write but ``set_reviews``; equal ones mean equal points, also across processes."""
        return str(self._revision)

    @property
    def review_revision(self) -> str:
        """Changes with every ``set_reviews``, of which ``revision`` takes no note."""
        return str(self._review_revision)

    def reviewed_since(self, review_revision: str) -> set[str] | None:
        """Ids of the points whose review may have changed since a revision was read; None if nobody knows."""
        count = self._review_revision.count_of(review_revision)
        return None if count is None else self._recent_reviews.since(count)

    def upsert(self, points: Sequence[Point]) -> None:
        """Write whole points; a point of the same id is replaced, payload and vector."""
        for batch in batches(points, _WRITE_BATCH):
            records = [_to_record(point) for point in batch]
            self._update(edge.UpdateOperation.upsert_points(records), [point.id for point in batch])

    def _write_changes(self, changes: Sequence[PayloadChange], *, is_review: bool) -> None:
        noted_in = self._review_revision if is_review else self._revision
        for one in changes:
            if one.present:
                present = edge.UpdateOperation.set_payload([one.point_id], one.present)
                self._update(present, [one.point_id], noted_in=noted_in)
            if one.absent:
                absent = edge.UpdateOperation.delete_payload([one.point_id], one.absent)
                self._update(absent, [one.point_id], noted_in=noted_in)

    def is_current(self) -> bool:
        """Whether the store still holds this very collection; nobody else has the data directory."""
        return True

    def hold(self, lease: Lease) -> None:
        """Take the lease, or renew it."""
        self._lease.hold(lease)

    def release(self, token: str) -> None:
        """Give the lease back."""
        self._lease.release(token)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete points; unknown ids are ignored."""
        for batch in batches(possible_ids(ids), _READ_BATCH):
            self._update(edge.UpdateOperation.delete_points([*batch]), batch)

    def delete_embeddings(self, ids: Sequence[str]) -> None:
        """Take the vectors of points away and keep their payloads; unknown ids are ignored."""
        for batch in batches(sorted(self._existing(ids)), _READ_BATCH):
            self._update(edge.UpdateOperation.delete_vectors([*batch], [VECTOR]), batch)

    def _existing(self, ids: Sequence[str]) -> set[str]:
        return {str(one.id) for one in self._records(ids, with_payload=False, with_embeddings=False)}

    def retrieve(self, ids: Sequence[str], *, with_embeddings: bool = False) -> list[Point]:
        """The points that exist among ``ids``, in the order asked for."""
        records = self._records(ids, with_payload=True, with_embeddings=with_embeddings)
        found = {str(record.id): to_point(record) for record in records}
        return [found[point_id] for point_id in ids if point_id in found]

    def _records(self, ids: Sequence[str], *, with_payload: bool, with_embeddings: bool) -> Iterator[Any]:
        for batch in batches(possible_ids(ids), self._rows_per_read(_READ_BATCH, with_embeddings=with_embeddings)):
            wanted: list[Any] = [*batch]
            yield from self._ask(
                lambda shard, wanted=wanted: shard.retrieve(  # type: ignore[misc]
                    wanted, with_payload=with_payload, with_vector=with_embeddings
                )
            )

    def _rows_per_read(self, n_wanted: int, *, with_embeddings: bool) -> int:
        """Points of one call of the engine, so that it is short."""
        n_most = max(1, _READ_FLOATS // self.spec.dimension) if with_embeddings else n_wanted
        return min(n_wanted, n_most)

    def scroll(
        self,
        where: PointFilter | None = None,
        *,
        fields: Sequence[str] | None = None,
        with_embeddings: bool = False,
        page_size: int = 2048,
    ) -> Iterator[list[Point]]:
        """Yield pages of matching points in ascending order of id, with bounded memory."""
        offset = None
        page_size = self._rows_per_read(page_size, with_embeddings=with_embeddings)
        while True:
            request = edge.ScrollRequest(
                offset=offset,
                limit=page_size,
                filter=to_edge_filter(where, VECTOR),
                with_payload=wanted_payload(fields),
                with_vector=with_embeddings,
            )
            records, offset = self._ask(lambda shard, request=request: shard.scroll(request))  # type: ignore[misc]
            if records:
                yield [to_point(record) for record in records]
            if offset is None:
                return

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
        return to_neighbors(self._ask(lambda shard: shard.query(request)))

    def count(self, where: PointFilter | None = None) -> int:
        """Number of matching points, exact."""
        request = edge.CountRequest(exact=True, filter=to_edge_filter(where, VECTOR))
        return int(self._ask(lambda shard: shard.count(request)))

    def facet(self, field: str, where: PointFilter | None = None, *, limit: int = 10_000) -> dict[str, int]:
        """Values of an indexed keyword field and how many matching points have each, most frequent first."""
        request = edge.FacetRequest(str(field), limit=limit, exact=True, filter=to_edge_filter(where, VECTOR))
        return count_hits(self._ask(lambda shard: shard.facet(request)).hits)

    def optimize(self) -> None:
        """Rebuild the shard with a search index, if there are so many points that exact search takes long.

        A process of its own works on a copy, while this one reads and writes on. It waits here for the end.

        Raises:
            CancelledError: The collection was closed meanwhile.
            StoreUnavailableError: The process failed, or the disk has no room for a copy.
        """
        with self._rebuild_lock:
            n_vectors, n_indexed = self.count(PointFilter(has_embedding=True)), self._n_indexed()
            if needs_rebuild(
                self._folders.current, n_vectors=n_vectors, n_indexed=n_indexed, dimension=self.spec.dimension
            ):
                has_index = is_worth_an_index(n_vectors, self.spec.dimension)
                self._rebuild(self._folders.next(), has_index=has_index)

    def _n_indexed(self) -> int:
        return int(self._ask(lambda shard: shard.info()).indexed_vectors_count)

    def _rebuild(self, folder: Path, *, has_index: bool) -> None:
        """Put a rebuilt shard in the place of this one; killed anywhere, it leaves the one or the other, complete."""
        try:
            with self._write_lock:
                current = self._folders.current
                # The copy, and each segment that the engine indexes once more before it deletes the old one.
                n_bytes = WRITING_BYTES + allocated_bytes(current) + allocated_bytes(current / "segments")
                purpose = "building its search index"
                require_free_disk(name=self.name, folder=self._folder, n_bytes=n_bytes, purpose=purpose)
                self._touched = set()
                # Unflushed, it is what a killed process leaves behind: the engine plays its log of writes again.
                self._call(lambda: shutil.copytree(current, folder))
            dimension = self.spec.dimension
            optimize_in_process(self.name, folder, dimension=dimension, has_index=has_index, stop=self._closing)
            rebuilt = self._load(folder)
            self._replay(rebuilt)
            with self._write_lock:
                self._replay_touched(rebuilt)
                self._folders.make_current(folder)
                with self._shard_lock:
                    earlier, self._shard = self._shard, rebuilt
            self._call(earlier.close)
        finally:
            self._touched = None
            self._folders.remove_others()

    def _replay(self, rebuilt: edge.EdgeShard) -> None:
        """Write again what was written since the copy, while writers go on, until little is left."""
        while self._touched is not None and len(self._touched) > _REPLAY_REST:
            self._replay_touched(rebuilt)

    def _replay_touched(self, rebuilt: edge.EdgeShard) -> None:
        with self._write_lock:
            touched, self._touched = sorted(self._touched or ()), set()
        for batch in batches(touched, _WRITE_BATCH):
            records = [_to_record(point) for point in self.retrieve(batch, with_embeddings=True)]
            known = {str(record.id) for record in records}
            gone: list[Any] = [point_id for point_id in batch if point_id not in known]
            if records:
                self._call(lambda records=records: rebuilt.update(edge.UpdateOperation.upsert_points(records)))  # type: ignore[misc]
            if gone:
                self._call(lambda gone=gone: rebuilt.update(edge.UpdateOperation.delete_points(gone)))  # type: ignore[misc]

    def close(self) -> None:
        """Flush and release the shard; a search index that is being built is given up."""
        self._closing.set()
        with self._rebuild_lock, self._write_lock:
            self._ask(lambda shard: shard.close())
            self._call(self._revision.close)
            self._call(self._review_revision.close)


def _to_record(point: Point) -> edge.Point:
    # The stubs ask for lists, but the engine takes arrays, three times faster.
    vectors: Any = {} if point.embedding is None else {VECTOR: point.embedding}
    return edge.Point(point.id, vectors, point.payload)
