"""One collection of a Qdrant server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from qdrant_client import models

from indexer.domain import CollectionSpec, Neighbor, Point, PointFilter
from indexer.errors import CollectionMismatchError, StoreUnavailableError
from indexer.payload import INDEXED_FIELDS
from indexer.stores import questions
from indexer.stores.base import possible_ids
from indexer.stores.columns import VECTOR, batches, count_hits, order_counts, to_neighbors, to_point
from indexer.stores.leases import Lease
from indexer.stores.qdrant_collection import PayloadChange, QdrantCollection, wanted_payload
from indexer.stores.server_about import ABOUT_ID, REVIEW_REVISION, REVISION, About, describe_collection
from indexer.stores.server_calls import is_missing, lacks_index
from indexer.stores.server_connection import Connection
from indexer.stores.server_filters import to_server_filter
from indexer.stores.server_growth import describe_search
from indexer.stores.server_limits import MOST_IDS, Limits

T = TypeVar("T")


class ServerCollection(QdrantCollection):
    """One collection of a server; see ``indexer.stores.base.Collection``.

    Args:
        connection: The server.
        name: Name of the collection.
        spec: What made the embeddings comparable.
        limits: What its strict mode allows.
    """

    def __init__(self, connection: Connection, name: str, spec: CollectionSpec, limits: Limits) -> None:
        self.name, self.spec = name, spec
        self._connection, self._client, self._limits = connection, connection.client, limits
        self._about = About(connection, name, describe_collection(spec, is_draft=False))
        self._question = (id(connection), name)

    def _read(self, operation: Callable[[], T]) -> T:
        """Ask for data; a revision that this question knows is of before it."""
        answer = self._connection.call(operation)
        questions.forget(self._question)
        return answer

    def _filter(self, where: PointFilter | None) -> models.Filter:
        return to_server_filter(where, hidden_id=ABOUT_ID, most_values=self._limits.condition_max_size)

    @property
    def revision(self) -> str:
        """Changes with every write but ``set_reviews`` of any Lookalike process.

        The server is asked once per question, and again after data was read.
        """
        return self._revisions()[REVISION]

    @property
    def review_revision(self) -> str:
        """Changes with every ``set_reviews``, of which ``revision`` takes no note; it comes with ``revision``."""
        return self._revisions()[REVIEW_REVISION]

    def reviewed_since(self, review_revision: str) -> None:
        """Others may have written too, so that all reviews are to be read again."""

    def _revisions(self) -> dict[str, str]:
        known: dict[str, str] | None = questions.find_answer(self._question)
        if known is None:
            known = self._about.read_revisions()
            questions.remember(self._question, known)
        return known

    def _write(self, operations: Iterable[Callable[[], Any]], which: str = REVISION) -> None:
        """Write, noting it before each operation and in the end, also if one fails.

        What a reader took for the collection while it was written to is void, whatever became of the writes.
        """
        self._revisions()  # refuses what is another collection by now
        try:
            for operation in operations:
                self._about.note_write(which)
                self._connection.call(operation)
        except StoreUnavailableError:
            with suppress(StoreUnavailableError):
                self._about.note_write(which)
            raise
        finally:
            questions.forget(self._question)
        self._about.note_write(which)

    def is_current(self) -> bool:
        """Whether the store still holds this very collection."""
        try:
            self._revisions()
        except CollectionMismatchError:
            return False
        except StoreUnavailableError as error:
            if is_missing(error.__cause__):
                return False
            raise
        return True

    def hold(self, lease: Lease) -> None:
        """Take the lease, or renew it; the server looks and writes in one step."""
        self._revisions()  # makes the point that has the lease, if somebody deleted it
        self._about.hold(lease)

    def release(self, token: str) -> None:
        """Give the lease back."""
        self._about.release(token)

    def upsert(self, points: Sequence[Point]) -> None:
        """Write whole points; a point of the same id is replaced, payload and vector."""
        sized = ((point, self._limits.size_of(point.payload, self._n_numbers(point))) for point in points)
        if points:
            self._write(self._upsert_of(part) for part in self._limits.split(sized))

    def _n_numbers(self, point: Point) -> int:
        return 0 if point.embedding is None else self.spec.dimension

    def _upsert_of(self, points: Sequence[Point]) -> Callable[[], Any]:
        batch = [
            models.PointStruct(
                id=point.id,
                vector={} if point.embedding is None else {VECTOR: point.embedding.tolist()},
                payload=point.payload,
            )
            for point in points
        ]
        return lambda: self._client.upsert(self.name, batch, wait=True)

    def _write_changes(self, changes: Sequence[PayloadChange], *, is_review: bool) -> None:
        sized = ((one, self._limits.size_of(one.present)) for one in changes)
        which = REVIEW_REVISION if is_review else REVISION
        if changes:
            self._write((self._update_of(part) for part in self._limits.split(sized)), which)

    def _update_of(self, changes: Sequence[PayloadChange]) -> Callable[[], Any]:
        operations: list[models.UpdateOperation] = []
        for one in changes:
            if one.present:
                change = models.SetPayload(payload=one.present, points=[one.point_id])
                operations.append(models.SetPayloadOperation(set_payload=change))
            if one.absent:
                removal = models.DeletePayload(keys=_with_nested(one.absent), points=[one.point_id])
                operations.append(models.DeletePayloadOperation(delete_payload=removal))
        return lambda: self._client.batch_update_points(self.name, operations, wait=True)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete points; unknown ids are ignored."""
        if wanted := possible_ids(ids):
            self._write(self._deletion_of(part) for part in batches(wanted, MOST_IDS))

    def _deletion_of(self, ids: Sequence[str]) -> Callable[[], Any]:
        return lambda: self._client.delete(self.name, models.PointIdsList(points=list(ids)), wait=True)

    def delete_embeddings(self, ids: Sequence[str]) -> None:
        """Take the vectors of points away and keep their payloads; unknown ids are ignored."""
        if known := sorted(self._existing(ids)):
            self._write(self._removal_of(part) for part in batches(known, MOST_IDS))

    def _removal_of(self, ids: Sequence[str]) -> Callable[[], Any]:
        points = models.PointIdsList(points=list(ids))
        return lambda: self._client.delete_vectors(self.name, [VECTOR], points, wait=True)

    def _existing(self, ids: Sequence[str]) -> set[str]:
        return {str(record.id) for record in self._records(ids, MOST_IDS, with_payload=False)}

    def retrieve(self, ids: Sequence[str], *, with_embeddings: bool = False) -> list[Point]:
        """The points that exist among ``ids``, in the order asked for."""
        size = self._limits.rows_per_page(MOST_IDS, self.spec.dimension if with_embeddings else None)
        records = self._records(ids, size, with_payload=True, with_vectors=with_embeddings)
        found = {str(record.id): to_point(record) for record in records}
        return [found[point_id] for point_id in ids if point_id in found]

    def _records(self, ids: Sequence[str], size: int, **wanted: bool) -> Iterator[Any]:
        for part in batches(possible_ids(ids), size):
            yield from self._read(lambda part=part: self._client.retrieve(self.name, list(part), **wanted))  # type: ignore[misc]

    def scroll(
        self,
        where: PointFilter | None = None,
        *,
        fields: Sequence[str] | None = None,
        with_embeddings: bool = False,
        page_size: int = 4096,
    ) -> Iterator[list[Point]]:
        """Yield pages of matching points in ascending order of id, with bounded memory."""
        offset: Any = None
        limit = self._limits.rows_per_page(page_size, self.spec.dimension if with_embeddings else None)
        while True:
            records, offset = self._read(
                lambda offset=offset: self._client.scroll(  # type: ignore[misc]
                    self.name,
                    scroll_filter=self._filter(where),
                    limit=limit,
                    offset=offset,
                    with_payload=wanted_payload(fields),
                    with_vectors=with_embeddings,
                )
            )
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
        params = describe_search(self._connection, self._limits, limit=limit, exact=exact, where=where)
        wanted, found = where or PointFilter(), list[Neighbor]()
        while len(found) < limit:  # more than once only if strict mode allows no more at a time
            n_wanted = self._limits.cap_limit(limit - len(found))
            # By their ids, not by an offset: among equal scores, the server has another order each time.
            rest = replace(wanted, without_ids=(*wanted.without_ids, *(hit.id for hit in found)))
            hits = self._read(
                lambda n_wanted=n_wanted, rest=rest: self._client.query_points(  # type: ignore[misc]
                    self.name,
                    query=embedding.tolist(),
                    using=VECTOR,
                    query_filter=self._filter(rest),
                    search_params=params,
                    limit=n_wanted,
                    with_payload=True,
                )
            ).points
            found += to_neighbors(hits)
            if len(hits) < n_wanted:
                break
        return found

    def count(self, where: PointFilter | None = None) -> int:
        """Number of matching points, exact."""
        return self._read(lambda: self._client.count(self.name, self._filter(where), exact=True)).count

    def facet(self, field: str, where: PointFilter | None = None, *, limit: int = 10_000) -> dict[str, int]:
        """Values of an indexed keyword field and how many matching points have each, most frequent first."""
        capped = self._limits.cap_limit(limit)
        try:
            hits = self._read(
                lambda: self._client.facet(
                    self.name, str(field), facet_filter=self._filter(where), limit=capped, exact=True
                )
            ).hits
        except StoreUnavailableError as error:
            if not lacks_index(error.__cause__):
                raise
            # It is being built, as the collection is new, or nobody has come who may build it.
            return dict(list(self._count_values(str(field), where).items())[:limit])
        if capped < limit and len(hits) >= capped:  # strict mode shows no more of them at once
            return dict(list(self._count_values(str(field), where).items())[:limit])
        return count_hits(hits)

    def _count_values(self, field: str, where: PointFilter | None) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for page in self.scroll(where, fields=[field]):
            for point in page:
                value: Any = point.payload
                for part in field.split("."):
                    value = value.get(part) if isinstance(value, dict) else None
                counts.update(map(str, set(value) if isinstance(value, list) else () if value is None else (value,)))
        return order_counts(counts)

    def optimize(self) -> None:
        """The server builds its index by itself."""


def _with_nested(fields: Sequence[str]) -> list[str]:
    """Fields, and the indexed ones inside them, whose indexes a server would keep when the outer field goes."""
    nested = (str(key) for key in INDEXED_FIELDS for field in fields if key.startswith(f"{field}."))
    return [*fields, *nested]
