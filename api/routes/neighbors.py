"""Similar points, of points in the collection or of an image that is not."""

from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from api.dependencies import CollectionDep, ServicesDep
from api.services.points import to_neighbor_model, to_selection
from api.services.uploads import open_upload, parse_box
from indexer.collection.selections import check_selection
from lookalike.wire.base import Limit
from lookalike.wire.neighbors import Neighbors, NeighborsRequest, TextRequest
from lookalike.wire.selections import FilterModel, FilterText

router = APIRouter(prefix="/collections/{collection}/neighbors", tags=["neighbors"])


@router.post("")
def find_neighbors(collection: CollectionDep, services: ServicesDep, request: NeighborsRequest) -> Neighbors:
    """Find the points most similar to some points, which are not among the answers."""
    workspace = services.workspace
    found = workspace.search.neighbors(
        collection.name,
        request.ids,
        limit=request.limit,
        where=check_selection(workspace.collections, collection.name, to_selection(request.filter)),
        exclude_same_image=request.exclude_same_image,
    )
    return Neighbors(neighbors=[to_neighbor_model(neighbor) for neighbor in found])


@router.post("/image")
def find_neighbors_of_image(
    collection: CollectionDep,
    services: ServicesDep,
    file: Annotated[UploadFile, File(description="an image file")],
    box: Annotated[
        str | None, Form(max_length=100, description="left,top,right,bottom in px; the whole image if left out")
    ] = None,
    limit: Annotated[Limit, Form()] = 20,
    class_name: Annotated[list[FilterText] | None, Form(max_length=1000, description="only these classes")] = None,
) -> Neighbors:
    """Find the points most similar to an uploaded image, or a box of it; the one question that needs the network."""
    workspace = services.workspace
    where = check_selection(workspace.collections, collection.name, to_selection(FilterModel(class_name=class_name)))
    region = parse_box(box) if box else None
    with open_upload(file.file.read(), file.filename or "file", workspace.settings.images.limits) as image:
        found = workspace.search.neighbors_of_image(collection.name, image, box=region, limit=limit, where=where)
    return Neighbors(neighbors=[to_neighbor_model(neighbor) for neighbor in found])


@router.post("/text")
def find_neighbors_of_text(collection: CollectionDep, services: ServicesDep, request: TextRequest) -> Neighbors:
    """Find the points most similar to a text, where the collection's model has a text tower."""
    workspace = services.workspace
    where = check_selection(workspace.collections, collection.name, to_selection(request.filter))
    found = workspace.search.neighbors_of_text(collection.name, request.text, limit=request.limit, where=where)
    return Neighbors(neighbors=[to_neighbor_model(neighbor) for neighbor in found])
