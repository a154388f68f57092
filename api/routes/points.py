"""Points: pages of them, one of them, and what one of them shows."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.dependencies import CollectionDep, CropSize, PointDep, ServicesDep
from api.responses import BINARY, JPEG, KEEP_FOR_MINUTES, IfNoneMatch, conditional_response, entity_tag
from api.services.embeddings import pack_embeddings
from api.services.points import to_point_model
from api.services.thumbnails import crop_version
from indexer.collection.selections import check_selection
from indexer.domain import PointFilter
from lookalike.wire.points import EmbeddingsQuery, PointModel, PointPage, PointsQuery

router = APIRouter(prefix="/collections/{collection}/points", tags=["points"])


@router.get("")
def list_points(collection: CollectionDep, services: ServicesDep, query: Annotated[PointsQuery, Query()]) -> PointPage:
    """List points that have an embedding, by ascending id."""
    return search_points(collection, services, query)


@router.post("")
def search_points(collection: CollectionDep, services: ServicesDep, query: PointsQuery) -> PointPage:
    """List points that have an embedding; as GET, for long selections."""

    def answer(selection: PointFilter) -> PointPage:
        where = check_selection(services.workspace.collections, collection.name, selection)
        return services.listings.page(collection, where, offset=query.offset, limit=query.limit)

    return services.ask(collection, query, answer)


@router.post("/embeddings", response_class=Response, responses=BINARY)
def read_embeddings(collection: CollectionDep, services: ServicesDep, query: EmbeddingsQuery) -> Response:
    """Send ids and embeddings of some points, by ascending id, as binary; ``lookalike.wire`` describes it."""
    collections = services.workspace.collections
    body = services.ask(collection, query, partial(pack_embeddings, collections, collection.name, query))
    return Response(body, media_type="application/octet-stream")


@router.get("/{point_id:path}/crop", response_class=Response, responses=JPEG)
def get_crop(
    point: PointDep,
    collection: CollectionDep,
    services: ServicesDep,
    if_none_match: IfNoneMatch = None,
    size: CropSize = 256,
) -> Response:
    """Show what a point was embedded from."""
    return conditional_response(
        lambda: services.thumbnails.crop(collection, point, size),
        etag=entity_tag(crop_version(collection, point), size),
        if_none_match=if_none_match,
        cache_control=KEEP_FOR_MINUTES,
        media_type="image/jpeg",
    )


@router.get("/{point_id:path}")
def get_point_info(point: PointDep) -> PointModel:
    """Show one point with its whole payload."""
    return to_point_model(point)
