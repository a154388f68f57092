"""Selections that people named."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.access import Access
from api.dependencies import CollectionDep, ServicesDep, needs
from lookalike.wire.base import CountedName
from lookalike.wire.selections import SavedSelection, SelectionRequest

router = APIRouter(prefix="/collections/{collection}/selections", tags=["selections"])
NameInPath = Annotated[str, Path(max_length=1000, description="name of a selection")]

_CHANGES = needs(Access.REVIEW, "keep selections")


@router.get("")
def list_selections(collection: CollectionDep, services: ServicesDep) -> list[CountedName]:
    """List the selections that were named, with the number of their points."""
    counts = services.workspace.selections.counts(collection.name)
    return [CountedName(name=name, count=count) for name, count in counts.items()]


@router.post("", status_code=201, dependencies=[_CHANGES])
def save_selection(collection: CollectionDep, services: ServicesDep, request: SelectionRequest) -> CountedName:
    """Keep a selection under a name, in place of an earlier one of that name."""
    name = services.workspace.selections.save(collection.name, request.name, request.ids)
    return CountedName(name=name, count=len(set(request.ids)))


@router.get("/{name:path}")
def get_selection(collection: CollectionDep, services: ServicesDep, name: NameInPath) -> SavedSelection:
    """Show the points of a selection."""
    return SavedSelection(name=name, ids=services.workspace.selections.ids(collection.name, name))


@router.delete("/{name:path}", status_code=204, dependencies=[_CHANGES])
def delete_selection(collection: CollectionDep, services: ServicesDep, name: NameInPath) -> None:
    """Forget a selection; its points stay."""
    services.workspace.selections.delete(collection.name, name)
