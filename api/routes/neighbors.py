"""Similar points, of points in the collection or of an image that is not."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from pydantic import ValidationError

from api.dependencies import CollectionDep, Services, ServicesDep
from api.services.points import to_neighbor_model, to_selection
from api.services.uploads import open_upload, parse_box
from indexer.collection.selections import check_selection, explain_empty_selection
from indexer.domain import Neighbor, PointFilter
from indexer.errors import InvalidOptionsError
from indexer.stores.base import Collection
from lookalike.wire.base import ListLimit
from lookalike.wire.neighbors import Neighbors, NeighborsRequest, TextRequest
from lookalike.wire.selections import FilterModel

router = APIRouter(prefix="/collections/{collection}/neighbors", tags=["neighbors"])


@router.post("")
def find_neighbors(collection: CollectionDep, services: ServicesDep, request: NeighborsRequest) -> Neighbors:
    """Find the points most similar to some points, which are not among the answers."""
    workspace, selection = services.workspace, to_selection(request.filter)
    found = workspace.search.neighbors(
        collection.name,
        request.ids,
        limit=request.limit,
        where=check_selection(workspace.collections, collection.name, selection),
        exclude_same_image=request.exclude_same_image,
    )
    return _to_neighbors(services, collection, found, selection)


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
    selection = to_selection(_parse_filter(filter_json) if filter_json else None)
    where = check_selection(workspace.collections, collection.name, selection)
    region = parse_box(box) if box else None
    with open_upload(file.file.read(), file.filename or "file", workspace.settings.images.limits) as image:
        found = workspace.search.neighbors_of_image(collection.name, image, box=region, limit=limit, where=where)
    return _to_neighbors(services, collection, found, selection)


@router.post("/text")
def find_neighbors_of_text(collection: CollectionDep, services: ServicesDep, request: TextRequest) -> Neighbors:
    """Find the points most similar to a text, where the collection's model has a text tower."""
    workspace, selection = services.workspace, to_selection(request.filter)
    where = check_selection(workspace.collections, collection.name, selection)
    found = workspace.search.neighbors_of_text(collection.name, request.text, limit=request.limit, where=where)
    return _to_neighbors(services, collection, found, selection)


def _to_neighbors(
    services: Services, collection: Collection, found: Sequence[Neighbor], selection: PointFilter
) -> Neighbors:
    models = [to_neighbor_model(neighbor) for neighbor in found]
    if models:
        return Neighbors(neighbors=models)
    why = explain_empty_selection(services.workspace.collections, collection.name, selection)
    return Neighbors(neighbors=[], why_empty=why or "there is no other point")


def _parse_filter(text: str) -> FilterModel:
    try:
        return FilterModel.model_validate_json(text)
    except ValidationError as error:
        raise InvalidOptionsError(f"filter: {error.errors()[0]['msg']}") from error
