"""The store itself, for the processes of this machine's user that embed and hand over points."""

from collections.abc import Iterator
from typing import Annotated, Any, Final

import numpy as np
from fastapi import APIRouter, Body, Depends, Response
from starlette.responses import StreamingResponse

from api.dependencies import CallerDep, CollectionDep, ServicesDep
from api.responses import BINARY
from api.services.store import pack_points, read_frame, read_points, scroll_frames, to_filter
from indexer.domain import CollectionSpec
from indexer.stores.leases import Lease
from lookalike.frames import MEDIA_TYPE
from lookalike.wire.base import CollectionName
from lookalike.wire.store import (
    CountRequest,
    IndexState,
    LeaseToken,
    QueryRequest,
    Revisions,
    ScrollRequest,
    StoredCollection,
    StoredIds,
    StoredLease,
    StoredNeighbor,
    StoredPayloads,
    StoredSpec,
)


def _require_local_power(caller: CallerDep) -> None:
    caller.require_local_power(_WRITE)


_WRITE: Final = "read and write the store"
router = APIRouter(prefix="/store", tags=["store"], dependencies=[Depends(_require_local_power)])
Frame = Annotated[bytes, Body(media_type=MEDIA_TYPE, description="a frame: lengths, document, float32 numbers")]
_IN = "/collections/{collection}"


@router.post(f"{_IN}", status_code=201)
def create_collection(
    services: ServicesDep, caller: CallerDep, collection: CollectionName, spec: StoredSpec
) -> StoredCollection:
    """Create an empty collection."""
    caller.require_model(spec.embedder, _WRITE)
    made = services.workspace.store.create_collection(collection, CollectionSpec(**spec.model_dump()))
    return StoredCollection(name=made.name, spec=spec)


@router.get(f"{_IN}")
def open_collection(collection: CollectionDep) -> StoredCollection:
    """Show what made a collection's embeddings comparable."""
    spec = collection.spec
    return StoredCollection(
        name=collection.name,
        spec=StoredSpec(
            embedder=spec.embedder,
            fingerprint=spec.fingerprint,
            dimension=spec.dimension,
            crops=spec.crops,
            distance=spec.distance,
        ),
    )


@router.get("/collections")
def list_collections(services: ServicesDep) -> list[str]:
    """List the names of all collections."""
    return services.workspace.collection_names()


@router.delete(f"{_IN}", status_code=204)
def delete_collection(services: ServicesDep, collection: CollectionName) -> None:
    """Delete a collection and what was made of it."""
    services.workspace.delete_collection(collection)


@router.get(f"{_IN}/revisions")
def get_revisions(collection: CollectionDep) -> Revisions:
    """Show what changes with every write."""
    return Revisions(revision=collection.revision, review_revision=collection.review_revision)


@router.put(f"{_IN}/lease", status_code=204)
def hold(collection: CollectionDep, lease: StoredLease) -> None:
    """Take the right to write for a while, or renew it."""
    collection.hold(Lease(lease.token, lease.owner, lease.expires_at, lease.process))


@router.delete(f"{_IN}/lease/{{token}}", status_code=204)
def release(collection: CollectionDep, token: LeaseToken) -> None:
    """Give the right to write back."""
    collection.release(token)


@router.post(f"{_IN}/upsert", status_code=204)
def upsert(collection: CollectionDep, caller: CallerDep, frame: Frame) -> None:
    """Write whole points. Their pictures and sources lie in folders that the caller may name."""
    points = read_points(frame, collection.spec.dimension)
    caller.require_places((point.payload for point in points), _WRITE)
    collection.upsert(points)


@router.post(f"{_IN}/set-payload", status_code=204)
def set_payload(collection: CollectionDep, caller: CallerDep, frame: Frame) -> None:
    """Set payload fields; null deletes a field."""
    document, _ = read_frame(frame, StoredPayloads)
    caller.require_places(document.payloads.values(), _WRITE)
    collection.set_payload({point_id: payload or {} for point_id, payload in document.payloads.items()})


@router.post(f"{_IN}/set-reviews", status_code=204)
def set_reviews(collection: CollectionDep, frame: Frame) -> None:
    """Set reviews; null takes one away."""
    document, _ = read_frame(frame, StoredPayloads)
    collection.set_reviews(document.payloads)


@router.post(f"{_IN}/delete", status_code=204)
def delete(collection: CollectionDep, request: StoredIds) -> None:
    """Delete points."""
    collection.delete(request.ids)


@router.post(f"{_IN}/delete-embeddings", status_code=204)
def delete_embeddings(collection: CollectionDep, request: StoredIds) -> None:
    """Take the vectors of points away."""
    collection.delete_embeddings(request.ids)


@router.post(f"{_IN}/retrieve", response_class=Response, responses=BINARY)
def retrieve(collection: CollectionDep, request: StoredIds) -> Response:
    """Give the points that exist among some ids, as a frame."""
    points = collection.retrieve(request.ids, with_embeddings=request.with_embeddings)
    return Response(pack_points(points), media_type=MEDIA_TYPE)


@router.post(f"{_IN}/scroll", response_class=StreamingResponse, responses=BINARY)
def scroll(collection: CollectionDep, frame: Frame) -> StreamingResponse:
    """Give all matching points, as a stream of frames."""
    document, _ = read_frame(frame, ScrollRequest)
    frames: Iterator[bytes] = scroll_frames(collection, document)
    return StreamingResponse(frames, media_type=MEDIA_TYPE)


@router.post(f"{_IN}/query")
def query(collection: CollectionDep, frame: Frame) -> list[StoredNeighbor]:
    """Give the nearest points."""
    document, vector = read_frame(frame, QueryRequest)
    found = collection.query(
        np.asarray(vector), limit=document.limit, where=to_filter(document.where), exact=document.exact
    )
    return [StoredNeighbor(id=one.id, score=one.score, payload=one.payload) for one in found]


@router.post(f"{_IN}/count")
def count(collection: CollectionDep, frame: Frame) -> dict[str, Any]:
    """Count matching points, in all or by the values of a field."""
    document, _ = read_frame(frame, CountRequest)
    where = to_filter(document.where)
    if document.field is None:
        return {"count": collection.count(where)}
    return {"counts": collection.facet(document.field, where, limit=document.limit)}


@router.post(f"{_IN}/optimize")
def optimize(services: ServicesDep, collection: CollectionDep) -> IndexState:
    """Build the search index; ask again until it is done."""
    return IndexState(is_done=services.index_builds.build(collection))
