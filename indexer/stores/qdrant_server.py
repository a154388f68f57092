"""A Qdrant server through qdrant-client: the same contract as the embedded store, for data that outgrows a laptop."""

from __future__ import annotations

import json
import uuid
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, Self, TypeVar

import numpy as np
import numpy.typing as npt
from qdrant_client import QdrantClient, models

from indexer.domain import CollectionSpec, Neighbor, Point, PointColumns, PointFilter
from indexer.errors import CollectionNotFoundError, InvalidOptionsError, StoreUnavailableError
from indexer.payload import INDEXED_FIELDS, PayloadField
from indexer.stores.base import possible_ids
from indexer.stores.collection_files import check_collection_name, check_same_spec, parse_spec
from indexer.stores.columns import VECTOR, columns_from_pages, to_point
from indexer.stores.server_calls import call_server, check_api_key, check_url

_WRITE_BATCH: Final = 256
# The spec and the revision of a collection live in one point of this id and payload marker, out of everybody's sight.
_ABOUT_ID: Final = str(uuid.uuid5(uuid.NAMESPACE_URL, "lookalike:about"))

T = TypeVar("T")


def to_server_filter(where: PointFilter | None) -> models.Filter:
    """Translate conditions; the point that holds the spec never matches."""
    where = where or PointFilter()
    must: list[models.Condition] = [_equals_any(key, values) for key, values in where.equals_any.items()]
    must += [models.FieldCondition(key=key, range=_to_range(*bounds)) for key, bounds in where.ranges.items()]
    must_not: list[models.Condition] = [_equals_any(key, values) for key, values in where.none_of.items()]
    if where.ids is not None:
        must.append(models.HasIdCondition(has_id=list(where.ids)))
    must_not.append(models.HasIdCondition(has_id=[*where.without_ids, _ABOUT_ID]))
    if where.has_embedding is not None:
        (must if where.has_embedding else must_not).append(models.HasVectorCondition(has_vector=VECTOR))
    return models.Filter(must=must, must_not=must_not)


def _equals_any(key: str, values: tuple[Any, ...]) -> models.Condition:
    equals = models.FieldCondition(key=key, match=models.MatchAny(any=list(values)))
    if "" not in values:
        return equals
    return models.Filter(should=[equals, models.IsEmptyCondition(is_empty=models.PayloadField(key=key))])


def _to_range(least: Any, greatest: Any) -> models.Range | models.DatetimeRange:
    if isinstance(least, datetime) or isinstance(greatest, datetime):
        return models.DatetimeRange(gte=least, lte=greatest)
    return models.Range(gte=least, lte=greatest)


class ServerCollection:
    """One collection of a server; see ``indexer.stores.base.Collection``.

    Args:
        client: The open client.
        name: Name of the collection.
        spec: What made the embeddings comparable.
        secret: What no message may repeat.
    """

    def __init__(self, client: QdrantClient, name: str, spec: CollectionSpec, *, secret: str | None = None) -> None:
        self.name, self.spec = name, spec
        self._client, self._secret = client, secret

    def _call(self, operation: Callable[[], T]) -> T:
        return call_server(operation, secret=self._secret)

    @property
    def revision(self) -> str:
        """Changes with every write but ``set_reviews`` of any Lookalike process; read from the server at every call."""
        return self._read_revision("revision")

    @property
    def review_revision(self) -> str:
        """Changes with every ``set_reviews``, of which ``revision`` takes no note."""
        return self._read_revision("review_revision")

    def _read_revision(self, which: str) -> str:
        records = self._call(lambda: self._client.retrieve(self.name, [_ABOUT_ID], with_payload=[which]))
        return str((records[0].payload or {}).get(which, "0")) if records else "0"

    def _note_write(self, which: str = "revision") -> None:
        revision = {which: uuid.uuid4().hex[:16]}
        self._call(lambda: self._client.set_payload(self.name, revision, points=[_ABOUT_ID], wait=True))

    def _write(self, operations: Iterable[Callable[[], Any]], which: str = "revision") -> None:
        """Write, noting it before each operation and in the end, also if one fails.

        What a reader took for the collection while it was written to is void, whatever became of the writes.
        """
        try:
            for operation in operations:
                self._note_write(which)
                self._call(operation)
        except StoreUnavailableError:
            with suppress(StoreUnavailableError):
                self._note_write(which)
            raise
        self._note_write(which)

    def upsert(self, points: Sequence[Point]) -> None:
        """Write whole points; a point of the same id is replaced, payload and vector."""
        if points:
            self._write(
                self._upsert_of(points[start : start + _WRITE_BATCH]) for start in range(0, len(points), _WRITE_BATCH)
            )

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

    def set_payload(self, payloads: Mapping[str, Mapping[str, Any]]) -> None:
        """Set payload fields by point id; a None value deletes the field. Unknown ids are ignored."""
        self._write_payloads(payloads, "revision")

    def set_reviews(self, reviews: Mapping[str, Mapping[str, Any] | None]) -> None:
        """Set the field ``review`` by point id, or delete it where None; unknown ids are ignored."""
        payloads = {point_id: {PayloadField.REVIEW.value: review} for point_id, review in reviews.items()}
        self._write_payloads(payloads, "review_revision")

    def _write_payloads(self, payloads: Mapping[str, Mapping[str, Any]], revision: str) -> None:
        known = {point.id for point in self.retrieve(list(payloads))}
        operations: list[models.UpdateOperation] = []
        for point_id, payload in payloads.items():
            if point_id not in known:
                continue
            present = {key: value for key, value in payload.items() if value is not None}
            absent = [key for key, value in payload.items() if value is None]
            if present:
                change = models.SetPayload(payload=present, points=[point_id])
                operations.append(models.SetPayloadOperation(set_payload=change))
            if absent:
                removal = models.DeletePayload(keys=absent, points=[point_id])
                operations.append(models.DeletePayloadOperation(delete_payload=removal))
        if operations:
            self._write([lambda: self._client.batch_update_points(self.name, operations, wait=True)], revision)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete points; unknown ids are ignored."""
        if wanted := possible_ids(ids):
            selector = models.PointIdsList(points=list(wanted))
            self._write([lambda: self._client.delete(self.name, selector, wait=True)])

    def delete_embeddings(self, ids: Sequence[str]) -> None:
        """Take the vectors of points away and keep their payloads; unknown ids are ignored."""
        known = models.PointIdsList(points=[point.id for point in self.retrieve(ids)])
        if known.points:
            self._write([lambda: self._client.delete_vectors(self.name, [VECTOR], known, wait=True)])

    def retrieve(self, ids: Sequence[str], *, with_embeddings: bool = False) -> list[Point]:
        """The points that exist among ``ids``, in the order asked for."""
        wanted = possible_ids(ids)
        if not wanted:
            return []
        records = self._call(lambda: self._client.retrieve(self.name, wanted, with_vectors=with_embeddings))
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
        offset: Any = None
        with_payload: bool | list[str] = True if fields is None else [str(field) for field in fields]
        while True:
            records, offset = self._call(
                lambda offset=offset: self._client.scroll(  # type: ignore[misc]
                    self.name,
                    scroll_filter=to_server_filter(where),
                    limit=page_size,
                    offset=offset,
                    with_payload=with_payload if with_payload != [] else False,
                    with_vectors=with_embeddings,
                )
            )
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
        found = self._call(
            lambda: self._client.query_points(
                self.name,
                query=embedding.tolist(),
                using=VECTOR,
                query_filter=to_server_filter(where),
                search_params=models.SearchParams(exact=exact, hnsw_ef=max(128, 2 * limit)),
                limit=limit,
                with_payload=True,
            )
        ).points
        return [Neighbor(id=str(hit.id), score=float(hit.score), payload=hit.payload or {}) for hit in found]

    def count(self, where: PointFilter | None = None) -> int:
        """Number of matching points, exact."""
        return self._call(lambda: self._client.count(self.name, to_server_filter(where), exact=True)).count

    def facet(self, field: str, where: PointFilter | None = None, *, limit: int = 10_000) -> dict[str, int]:
        """Values of an indexed keyword field and how many matching points have each, most frequent first."""
        hits = self._call(
            lambda: self._client.facet(
                self.name, str(field), facet_filter=to_server_filter(where), limit=limit, exact=True
            )
        ).hits
        counts = {str(hit.value): hit.count for hit in hits if hit.count}
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def optimize(self) -> None:
        """The server builds its index by itself."""


class ServerStore:
    """Collections of a Qdrant server; see ``indexer.stores.base.VectorStore``. What others keep there is left alone.

    Args:
        client: An open client, so that tests and callers choose how to connect.
        secret: What no message may repeat.
    """

    def __init__(self, client: QdrantClient, *, secret: str | None = None) -> None:
        self._client, self._secret = client, secret
        self._known: set[str] = set()

    def _call(self, operation: Callable[[], T]) -> T:
        return call_server(operation, secret=self._secret)

    @classmethod
    def connect(cls, url: str, api_key: str | None) -> Self:
        """Connect to a server.

        Raises:
            InvalidOptionsError: The address or the key cannot be one.
            StoreUnavailableError: The server does not answer, or refuses the key.
        """
        check_url(url)
        check_api_key(api_key)
        with warnings.catch_warnings():
            # The client warns of keys that go unencrypted, also to this machine itself.
            warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
            client = call_server(
                lambda: QdrantClient(url=url, api_key=api_key, check_compatibility=False), secret=api_key
            )
        store = cls(client, secret=api_key)
        store.collection_names()
        return store

    def collection_names(self) -> list[str]:
        """Names of all collections that Lookalike made, sorted."""
        names = {found.name for found in self._call(self._client.get_collections).collections}
        self._known &= names
        self._known |= {name for name in names - self._known if self._read_about(name) is not None}
        return sorted(self._known)

    def _read_about(self, name: str) -> str | None:
        """Read what the spec of a collection was written as; None if Lookalike did not make it."""
        try:
            records = self._call(lambda: self._client.retrieve(name, [_ABOUT_ID], with_payload=["spec"]))
        except StoreUnavailableError:
            if name in {found.name for found in self._call(self._client.get_collections).collections}:
                raise
            return None  # deleted meanwhile
        return (records[0].payload or {}).get("spec") if records else None

    def create_collection(self, name: str, spec: CollectionSpec) -> ServerCollection:
        """Create an empty collection with its payload indexes."""
        check_collection_name(name)
        if self._call(lambda: self._client.collection_exists(name)):
            whose = "exists already" if self._read_about(name) is not None else "is another program's on the server"
            raise InvalidOptionsError(f"collection '{name}' {whose}; choose another name")
        vectors = {VECTOR: models.VectorParams(size=spec.dimension, distance=models.Distance.COSINE)}
        self._call(lambda: self._client.create_collection(name, vectors_config=vectors))
        for field, kind in INDEXED_FIELDS.items():
            schema = models.PayloadSchemaType(kind)
            self._call(lambda field=field, schema=schema: self._client.create_payload_index(name, field.value, schema))  # type: ignore[misc]
        about = models.PointStruct(id=_ABOUT_ID, vector={}, payload={"spec": json.dumps(asdict(spec)), "revision": "0"})
        self._call(lambda: self._client.upsert(name, [about], wait=True))
        return ServerCollection(self._client, name, spec, secret=self._secret)

    def open_collection(self, name: str, *, spec: CollectionSpec | None = None) -> ServerCollection:
        """Open a collection, comparing ``spec`` with the stored one when given."""
        if not self._call(lambda: self._client.collection_exists(name)):
            raise CollectionNotFoundError(name, self.collection_names())
        about = self._read_about(name)
        if about is None:
            raise StoreUnavailableError(f"collection '{name}' was not made by Lookalike; choose another name")
        try:
            stored = parse_spec(json.loads(about))
        except (ValueError, TypeError, RecursionError) as error:
            raise StoreUnavailableError(
                f"collection '{name}': its spec on the server is broken ({error}); delete it and index again"
            ) from error
        if spec is not None:
            check_same_spec(name, stored, spec)
        return ServerCollection(self._client, name, stored, secret=self._secret)

    def delete_collection(self, name: str) -> None:
        """Delete a collection and everything in it; one that Lookalike did not make counts as missing."""
        names = self.collection_names()
        if name not in names:
            raise CollectionNotFoundError(name, names)
        self._call(lambda: self._client.delete_collection(name))

    def close(self) -> None:
        """Close the connection; closing twice is fine."""
        self._client.close()
