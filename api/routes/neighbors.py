"""Similar points, of points in the collection or of an image that is not."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from pydantic import ValidationError

from api.dependencies import CollectionDep, Services, ServicesDep
from api.services.points import require_point, to_neighbor_model
from api.services.uploads import open_upload, parse_box, to_box
from indexer.collection.selections import check_selection, explain_empty_selection
from indexer.collection.variety import Variety
from indexer.domain import Neighbor, PointFilter
from indexer.errors import InvalidOptionsError
from indexer.stores.base import Collection
from lookalike.value_faults import describe_faults
from lookalike.wire.base import ListLimit
from lookalike.wire.neighbors import BoxRequest, Neighbors, NeighborsRequest, SearchModel, TextRequest
from lookalike.wire.selections import FilterModel

router = APIRouter(prefix="/collections/{collection}/neighbors", tags=["neighbors"])


@router.post("")
def find_neighbors(collection: CollectionDep, services: ServicesDep, request: NeighborsRequest) -> Neighbors:
    """Find the points most similar to some points, which are not among the answers."""
    find = partial(
        services.workspace.search.neighbors,
        collection.name,
        request.ids,
        limit=request.limit,
        unlike=request.unlike,
        variety=Variety(request.exclude_same_image, request.one_per_image, request.diverse),
    )
    return _ask(services, collection, request.filter, find)


@router.get("/model")
def get_search_model(collection: CollectionDep, services: ServicesDep) -> SearchModel:
    """Tell which network a search by an image or words needs, and whether it is in memory."""
    is_loaded = services.workspace.search.has_loaded_model(collection.name)
    return SearchModel(embedder=collection.spec.embedder, is_loaded=is_loaded)


@router.post("/image")
def find_neighbors_of_image(
    collection: CollectionDep,
    services: ServicesDep,
    file: Annotated[UploadFile, File(description="an image file")],
    box: Annotated[
        str | None, Form(max_length=100, description="left,top,right,bottom in px; the whole image if left out")
    ] = None,
    limit: Annotated[ListLimit, Form()] = 20,
    filter_json: Annotated[
        str | None, Form(alias="filter", max_length=10_000_000, description="a FilterModel as JSON")
    ] = None,
) -> Neighbors:
    """Find the points most similar to an uploaded image, or a box of it; needs the network, as does a text."""
    workspace = services.workspace
    wanted = _parse_filter(filter_json) if filter_json else None
    region = parse_box(box) if box else None
    with open_upload(file.file.read(), file.filename or "file", workspace.settings.images.limits) as image:
        find = partial(workspace.search.neighbors_of_image, collection.name, image, box=region, limit=limit)
        return _ask(services, collection, wanted, find)


@router.post("/box")
def find_neighbors_of_box(collection: CollectionDep, services: ServicesDep, request: BoxRequest) -> Neighbors:
    """Find the points most similar to a box of the image of a point, among which is the point itself."""
    point = require_point(collection, request.id)
    region = to_box(request.box)
    data, name = services.thumbnails.read_image_of(point)
    with open_upload(data, name, services.workspace.settings.images.limits) as image:
        find = partial(
            services.workspace.search.neighbors_of_image, collection.name, image, box=region, limit=request.limit
        )
        return _ask(services, collection, request.filter, find)


@router.post("/text")
def find_neighbors_of_text(collection: CollectionDep, services: ServicesDep, request: TextRequest) -> Neighbors:
    """Find the points most similar to a text, where the collection's model has a text tower."""
    find = partial(services.workspace.search.neighbors_of_text, collection.name, request.text, limit=request.limit)
    return _ask(services, collection, request.filter, find)


def _ask(
    services: Services, collection: Collection, wanted: FilterModel | None, find: Callable[..., Sequence[Neighbor]]
) -> Neighbors:
    """The neighbors that ``find`` finds among the points of a filter, which it takes as ``where``."""
    collections = services.workspace.collections

    def answer(selection: PointFilter) -> Neighbors:
        found = find(where=check_selection(collections, collection.name, selection))
        if found:
            return Neighbors(neighbors=[to_neighbor_model(neighbor) for neighbor in found])
        why = explain_empty_selection(collections, collection.name, selection)
        return Neighbors(neighbors=[], why_empty=why or "there is no other point")

    return services.ask(collection, wanted, answer)


def _parse_filter(text: str) -> FilterModel:
    try:
        return FilterModel.model_validate_json(text)
    except ValidationError as error:
        raise InvalidOptionsError(f"filter: {describe_faults(error.errors())}") from error
