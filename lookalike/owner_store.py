"""A store that another process owns: the ``VectorStore`` protocol over that process's api."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote

import httpx
import numpy as np
import numpy.typing as npt

from indexer.domain import CollectionSpec, Neighbor, Point, PointColumns, PointFilter
from indexer.stores.base import possible_ids
from indexer.stores.collection_files import check_collection_name, check_same_spec
from indexer.stores.columns import columns_from_pages
from indexer.stores.leases import Lease
from lookalike.client.problems import error_of
from lookalike.client.server_file import API_PREFIX
from lookalike.errors import StoreUnavailableError
from lookalike.frames import iterate_frames, pack_frame, unpack_frame

_FLOAT: Final = np.dtype("<f4")
_POINTS_PER_WRITE: Final = 256
_IDS_PER_REQUEST: Final = 1024
_TIMEOUT: Final = httpx.Timeout(60.0, connect=5.0)

T = TypeVar("T")


class OwnerApi:
    """Requests to the process that owns a data directory.

    Args:
        http: An open client with the address of the api and the token, so that tests choose how to connect.
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    @classmethod
    def connect(cls, url: str, key: str | None) -> Self:
        """Ask a server.

        Args:
            url: Its address, without the api's prefix.
            key: Its token, or a key with admin access; None for none.
        """
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        # Without the environment's proxies: it is this machine or one beside it.
        return cls(httpx.Client(base_url=f"{url}{API_PREFIX}", headers=headers, timeout=_TIMEOUT, trust_env=False))

    def ask(self, method: str, path: str, *, frame: bytes | None = None, document: Any = None) -> httpx.Response:
        """Send a request and give its answer.

        Args:
            method: HTTP method.
            path: Path below the api's prefix.
            frame: Body that is a frame.
            document: Body that is JSON.

        Raises:
            StoreUnavailableError: The server does not answer.
            LookalikeError: It answers with a problem; the error is the one that it raised.
        """
        try:
            answer = self._http.request(method, path, content=frame, json=document)
        except httpx.HTTPError as error:
            raise _unreachable(error) from error
        if answer.is_error:
            raise error_of(answer)
        return answer

    def stream(self, path: str, frame: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield the frames of an answer as they come.

        Raises:
            StoreUnavailableError: The server does not answer, or stops in the middle.
            LookalikeError: It answers with a problem.
        """
        try:
            with self._http.stream("POST", path, content=frame) as answer:
                if answer.is_error:
                    answer.read()
                    raise error_of(answer)
                yield from iterate_frames(answer.iter_bytes())
        except (httpx.HTTPError, ValueError) as error:
            raise _unreachable(error) from error

    def close(self) -> None:
        """Close the connections; closing twice is fine."""
        self._http.close()


def _unreachable(error: Exception) -> StoreUnavailableError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return StoreUnavailableError(
        f"the server that owns the data directory does not answer ({reason}); what is stored is kept, run it again"
    )


class OwnerCollection:
    """One collection of a store that another process owns; see ``indexer.stores.base.Collection``.

    Args:
        api: Where the owner is.
        name: Name of the collection.
        spec: What made the embeddings comparable.
    """

    def __init__(self, api: OwnerApi, name: str, spec: CollectionSpec) -> None:
        self.name, self.spec, self._api = name, spec, api
        self._path = _path_of(name)

    @property
    def revision(self) -> str:
        """Changes with every write but ``set_reviews``; asked of the owner at every call."""
        return str(self._revisions()["revision"])

    @property
    def review_revision(self) -> str:
        """Changes with every ``set_reviews``, of which ``revision`` takes no note."""
        return str(self._revisions()["review_revision"])

    def reviewed_since(self, review_revision: str) -> None:
        """Others may have written too, so that all reviews are to be read again."""

    def _revisions(self) -> Any:
        return self._api.ask("GET", f"{self._path}/revisions").json()

    def _post_ids(self, what: str, ids: Sequence[str]) -> None:
        for batch in _batches(possible_ids(ids), _IDS_PER_REQUEST):
            self._api.ask("POST", f"{self._path}/{what}", document={"ids": list(batch)})

    def upsert(self, points: Sequence[Point]) -> None:
        """Write whole points; a point of the same id is replaced, payload and vector."""
        for batch in _batches(points, _POINTS_PER_WRITE):
            described = [
                {"id": point.id, "payload": point.payload, "has_embedding": point.embedding is not None}
                for point in batch
            ]
            vectors = [point.embedding for point in batch if point.embedding is not None]
            content = np.stack(vectors).astype(_FLOAT).tobytes() if vectors else b""
            self._api.ask("POST", f"{self._path}/upsert", frame=_frame({"points": described}, content))

    def set_payload(self, payloads: Mapping[str, Mapping[str, Any]]) -> None:
        """Set payload fields by point id; a None value deletes the field. Unknown ids are ignored."""
        self._post_payloads("set-payload", payloads)

    def set_reviews(self, reviews: Mapping[str, Mapping[str, Any] | None]) -> None:
        """Set the payload field ``review`` by point id, or delete it where None; unknown ids are ignored."""
        self._post_payloads("set-reviews", reviews)

    def _post_payloads(self, what: str, payloads: Mapping[str, Mapping[str, Any] | None]) -> None:
        for batch in _batches(list(payloads.items()), _IDS_PER_REQUEST):
            self._api.ask("POST", f"{self._path}/{what}", frame=_frame({"payloads": dict(batch)}))

    def is_current(self) -> bool:
        """Whether the store still holds this very collection; the owner itself looks with every request."""
        return True

    def hold(self, lease: Lease) -> None:
        """Take the lease, or renew it; the owner of the store keeps it."""
        document = {**asdict(lease), "expires_at": lease.expires_at.isoformat()}
        self._api.ask("PUT", f"{self._path}/lease", document=document)

    def release(self, token: str) -> None:
        """Give the lease back; one that is not held is no error."""
        self._api.ask("DELETE", f"{self._path}/lease/{quote(token, safe='')}")

    def delete(self, ids: Sequence[str]) -> None:
        """Delete points; unknown ids are ignored."""
        self._post_ids("delete", ids)

    def delete_embeddings(self, ids: Sequence[str]) -> None:
        """Take the vectors of points away and keep their payloads; unknown ids are ignored."""
        self._post_ids("delete-embeddings", ids)

    def retrieve(self, ids: Sequence[str], *, with_embeddings: bool = False) -> list[Point]:
        """The points that exist among ``ids``, in the order asked for."""
        found: dict[str, Point] = {}
        for batch in _batches(possible_ids(ids), _IDS_PER_REQUEST):
            document = {"ids": list(batch), "with_embeddings": with_embeddings}
            answer = self._api.ask("POST", f"{self._path}/retrieve", document=document)
            found |= {point.id: point for point in _read_points(*unpack_frame(answer.content))}
        return [found[point_id] for point_id in ids if point_id in found]

    def scroll(
        self,
        where: PointFilter | None = None,
        *,
        fields: Sequence[str] | None = None,
        with_embeddings: bool = False,
        page_size: int = 2048,
    ) -> Iterator[list[Point]]:
        """Yield pages of matching points in ascending order of id, with bounded memory."""
        document = {
            "where": _describe_filter(where),
            "fields": None if fields is None else [str(field) for field in fields],
            "with_embeddings": with_embeddings,
            "page_size": page_size,
        }
        for described, content in self._api.stream(f"{self._path}/scroll", _frame(document)):
            yield _read_points(described, content)

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
        document = {"limit": limit, "where": _describe_filter(where), "exact": exact}
        frame = _frame(document, embedding.astype(_FLOAT).tobytes())
        return [Neighbor(**found) for found in self._api.ask("POST", f"{self._path}/query", frame=frame).json()]

    def count(self, where: PointFilter | None = None) -> int:
        """Number of matching points, exact."""
        frame = _frame({"where": _describe_filter(where)})
        return int(self._api.ask("POST", f"{self._path}/count", frame=frame).json()["count"])

    def facet(self, field: str, where: PointFilter | None = None, *, limit: int = 10_000) -> dict[str, int]:
        """Values of an indexed keyword field and how many matching points have each, most frequent first."""
        frame = _frame({"where": _describe_filter(where), "field": str(field), "limit": limit})
        return dict(self._api.ask("POST", f"{self._path}/count", frame=frame).json()["counts"])

    def optimize(self) -> None:
        """Have the owner build the search index, and wait for it."""
        while not self._api.ask("POST", f"{self._path}/optimize").json()["is_done"]:
            pass  # the owner answers after half a second at most


class OwnerStore:
    """Collections of a store that another process owns; see ``indexer.stores.base.VectorStore``.

    Args:
        api: Where the owner is.
    """

    def __init__(self, api: OwnerApi) -> None:
        self._api = api

    def collection_names(self) -> list[str]:
        """Names of all collections, sorted."""
        return list(self._api.ask("GET", "/store/collections").json())

    def create_collection(self, name: str, spec: CollectionSpec) -> OwnerCollection:
        """Create an empty collection."""
        self._api.ask("POST", _path_of(check_collection_name(name)), document=asdict(spec))
        return OwnerCollection(self._api, name, spec)

    def open_collection(self, name: str, *, spec: CollectionSpec | None = None) -> OwnerCollection:
        """Open a collection, comparing ``spec`` with the stored one when given."""
        stored = CollectionSpec(**self._api.ask("GET", _path_of(name)).json()["spec"])
        if spec is not None:
            check_same_spec(name, stored, spec)
        return OwnerCollection(self._api, name, stored)

    def delete_collection(self, name: str) -> None:
        """Delete a collection and everything in it."""
        self._api.ask("DELETE", _path_of(name))

    def close(self) -> None:
        """Close the connection; the owner goes on."""
        self._api.close()


def _path_of(name: str) -> str:
    return f"/store/collections/{quote(name, safe='')}"


def _frame(document: Any, content: bytes = b"") -> bytes:
    return pack_frame(json.dumps(document).encode(), content)


def _read_points(document: bytes, content: bytes) -> list[Point]:
    described = json.loads(document)["points"]
    n_vectors = sum(one["has_embedding"] for one in described)
    numbers = np.frombuffer(content, _FLOAT).astype(np.float32)
    vectors = iter(numbers.reshape(n_vectors, -1) if n_vectors else ())
    return [Point(one["id"], one["payload"], next(vectors) if one["has_embedding"] else None) for one in described]


def _describe_filter(where: PointFilter | None) -> dict[str, Any] | None:
    if where is None:
        return None
    return {
        "equals_any": {str(name): list(values) for name, values in where.equals_any.items()},
        "none_of": {str(name): list(values) for name, values in where.none_of.items()},
        "ranges": {str(name): [_describe_bound(bound) for bound in bounds] for name, bounds in where.ranges.items()},
        "ids": None if where.ids is None else list(where.ids),
        "without_ids": list(where.without_ids),
        "has_embedding": where.has_embedding,
    }


def _describe_bound(bound: Any) -> Any:
    return bound.isoformat() if isinstance(bound, datetime) else bound


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
