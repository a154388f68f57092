"""A Qdrant server through qdrant-client: the same contract as the embedded store, for data that outgrows a laptop."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, Self, TypeVar

import httpx
import numpy as np
import numpy.typing as npt
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException

from indexer.domain import CollectionSpec, Neighbor, Point, PointColumns, PointFilter
from indexer.errors import CollectionNotFoundError, InvalidOptionsError, StoreUnavailableError
from indexer.payload import INDEXED_FIELDS, PayloadField
from indexer.stores.base import possible_ids
from indexer.stores.collection_files import check_collection_name, check_same_spec
from indexer.stores.columns import VECTOR, columns_from_pages, to_point

_WRITE_BATCH: Final = 256
# The spec and the revision of a collection live in one point of this id and payload marker, out of everybody's sight.
_ABOUT_ID: Final = str(uuid.uuid5(uuid.NAMESPACE_URL, "lookalike:about"))

T = TypeVar("T")


def to_server_filter(where: PointFilter | None) -> models.Filter:
    """Translate conditions; the point that holds the spec never matches."""
    where = where or PointFilter()
    must: list[models.Condition] = [
        models.FieldCondition(key=key, match=models.MatchAny(any=list(v))) for key, v in where.equals_any.items()
    ]
    must += [models.FieldCondition(key=key, range=_to_range(*bounds)) for key, bounds in where.ranges.items()]
    must_not: list[models.Condition] = [
        models.FieldCondition(key=key, match=models.MatchAny(any=list(v))) for key, v in where.none_of.items()
    ]
    if where.ids is not None:
        must.append(models.HasIdCondition(has_id=list(where.ids)))
    must_not.append(models.HasIdCondition(has_id=[*where.without_ids, _ABOUT_ID]))
    if where.has_embedding is not None:
        (must if where.has_embedding else must_not).append(models.HasVectorCondition(has_vector=VECTOR))
    return models.Filter(must=must, must_not=must_not)


def _to_range(least: Any, greatest: Any) -> models.Range | models.DatetimeRange:
    if isinstance(least, datetime) or isinstance(greatest, datetime):
        return models.DatetimeRange(gte=least, lte=greatest)
    return models.Range(gte=least, lte=greatest)


def _call(operation: Callable[[], T]) -> T:
    try:
        return operation()
    except (ApiException, httpx.HTTPError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise StoreUnavailableError(f"the Qdrant server failed: {reason}; check the store's url and key") from error


class ServerCollection:
    """One collection of a server; see ``indexer.stores.base.Collection``.

    Args:
        client: The open client.
        name: Name of the collection.
        spec: What made the embeddings comparable.
    """

    def __init__(self, client: QdrantClient, name: str, spec: CollectionSpec) -> None:
        self.name, self.spec = name, spec
        self._client = client

    @property
    def revision(self) -> str:
        """Changes with every write but ``set_reviews`` of any Lookalike process; read from the server at every call."""
        return self._read_revision("revision")

    @property
    def review_revision(self) -> str:
        """Changes with every ``set_reviews``, of which ``revision`` takes no note."""
        return self._read_revision("review_revision")

    def _read_revision(self, which: str) -> str:
        records = _call(lambda: self._client.retrieve(self.name, [_ABOUT_ID], with_payload=[which]))
        return str((records[0].payload or {}).get(which, "0")) if records else "0"

    def _note_write(self, which: str = "revision") -> None:
        revision = {which: uuid.uuid4().hex[:16]}
        _call(lambda: self._client.set_payload(self.name, revision, points=[_ABOUT_ID], wait=True))

    def upsert(self, points: Sequence[Point]) -> None:
        """Write whole points; a point of the same id is replaced, payload and vector."""
        for start in range(0, len(points), _WRITE_BATCH):
            batch = [
                models.PointStruct(
                    id=point.id,
                    vector={} if point.embedding is None else {VECTOR: point.embedding.tolist()},
                    payload=point.payload,
                )
                for point in points[start : start + _WRITE_BATCH]
            ]
            _call(lambda batch=batch: self._client.upsert(self.name, batch, wait=True))  # type: ignore[misc]
        if points:
            self._note_write()

    def set_payload(self, payloads: Mapping[str, Mapping[str, Any]]) -> None:
        """Set payload fields by point id; a None value deletes the field; unknown ids are ignored."""
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
            _call(lambda: self._client.batch_update_points(self.name, operations, wait=True))
            self._note_write(revision)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete points; unknown ids are ignored."""
        if wanted := possible_ids(ids):
            selector = models.PointIdsList(points=list(wanted))
            _call(lambda: self._client.delete(self.name, selector, wait=True))
            self._note_write()

    def delete_embeddings(self, ids: Sequence[str]) -> None:
        """Take the vectors of points away and keep their payloads; unknown ids are ignored."""
        known = models.PointIdsList(points=[point.id for point in self.retrieve(ids)])
        if known.points:
            _call(lambda: self._client.delete_vectors(self.name, [VECTOR], known, wait=True))
            self._note_write()

    def retrieve(self, ids: Sequence[str], *, with_embeddings: bool = False) -> list[Point]:
        """The points that exist among ``ids``, in the order asked for."""
        wanted = possible_ids(ids)
        if not wanted:
            return []
        records = _call(lambda: self._client.retrieve(self.name, wanted, with_vectors=with_embeddings))
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
            records, offset = _call(
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
        found = _call(
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
        return _call(lambda: self._client.count(self.name, to_server_filter(where), exact=True)).count

    def facet(self, field: str, where: PointFilter | None = None, *, limit: int = 10_000) -> dict[str, int]:
        """Values of an indexed keyword field and how many matching points have each, most frequent first."""
        hits = _call(
            lambda: self._client.facet(
                self.name, str(field), facet_filter=to_server_filter(where), limit=limit, exact=True
            )
        ).hits
        counts = {str(hit.value): hit.count for hit in hits if hit.count}
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def optimize(self) -> None:
        """The server builds its index by itself."""


class ServerStore:
    """Collections of a Qdrant server; see ``indexer.stores.base.VectorStore``.

    Args:
        client: An open client, so that tests and callers choose how to connect.
    """

    def __init__(self, client: QdrantClient) -> None:
        self._client = client

    @classmethod
    def connect(cls, url: str, api_key: str | None) -> Self:
        """Connect to a server.

        Raises:
            StoreUnavailableError: It does not answer, or refuses the key.
        """
        store = cls(_call(lambda: QdrantClient(url=url, api_key=api_key, check_compatibility=False)))
        store.collection_names()
        return store

    def collection_names(self) -> list[str]:
        """Names of all collections, sorted."""
        return sorted(found.name for found in _call(self._client.get_collections).collections)

    def create_collection(self, name: str, spec: CollectionSpec) -> ServerCollection:
        """Create an empty collection with its payload indexes."""
        if check_collection_name(name) in self.collection_names():
            raise InvalidOptionsError(f"collection '{name}' exists already; choose another name")
        vectors = {VECTOR: models.VectorParams(size=spec.dimension, distance=models.Distance.COSINE)}
        _call(lambda: self._client.create_collection(name, vectors_config=vectors))
        for field, kind in INDEXED_FIELDS.items():
            schema = models.PayloadSchemaType(kind)
            _call(lambda field=field, schema=schema: self._client.create_payload_index(name, field.value, schema))  # type: ignore[misc]
        about = models.PointStruct(id=_ABOUT_ID, vector={}, payload={"spec": json.dumps(asdict(spec)), "revision": "0"})
        _call(lambda: self._client.upsert(name, [about], wait=True))
        return ServerCollection(self._client, name, spec)

    def open_collection(self, name: str, *, spec: CollectionSpec | None = None) -> ServerCollection:
        """Open a collection, comparing ``spec`` with the stored one when given."""
        names = self.collection_names()
        if name not in names:
            raise CollectionNotFoundError(name, names)
        records = _call(lambda: self._client.retrieve(name, [_ABOUT_ID]))
        if not records or "spec" not in (records[0].payload or {}):
            raise StoreUnavailableError(f"collection '{name}' was not made by Lookalike; choose another name")
        stored = CollectionSpec(**json.loads((records[0].payload or {})["spec"]))
        if spec is not None:
            check_same_spec(name, stored, spec)
        return ServerCollection(self._client, name, stored)

    def delete_collection(self, name: str) -> None:
        """Delete a collection and everything in it."""
        names = self.collection_names()
        if name not in names:
            raise CollectionNotFoundError(name, names)
        _call(lambda: self._client.delete_collection(name))

    def close(self) -> None:
        """Close the connection; closing twice is fine."""
        self._client.close()
