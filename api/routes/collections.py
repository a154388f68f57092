"""Collections and their counts."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query

from api.access import Access
from api.dependencies import CallerDep, CollectionDep, Services, ServicesDep, needs
from api.services.colors import colors_of
from api.services.points import to_point_model, to_scores, to_selection
from indexer.collection.finding import Found
from indexer.collection.snapshot import Snapshot
from indexer.errors import StoreUnavailableError
from lookalike.wire.base import CollectionName, CountedName
from lookalike.wire.collections import (
    CollectionInfo,
    CollectionStatus,
    FindQuery,
    FoundByName,
    RenameRequest,
    Status,
)

router = APIRouter(tags=["collections"])


@router.get("/status")
def get_status(services: ServicesDep) -> Status:
    """Show what the data directory holds; a collection that cannot be read does not hide the others."""
    from indexer.embedders.devices import describe_engines

    workspace, found, faults = services.workspace, [], []
    for name in workspace.collections.names():
        try:
            with workspace.collections.unless_deleted(name):
                info = _to_info(services, name)
                maps = [header.id for header in workspace.maps.headers(name)]
                found.append(CollectionStatus(**dict(info), projections=maps))
        except StoreUnavailableError as error:
            faults.append(str(error))
    return Status(
        data_dir=str(workspace.data_dir.absolute()), collections=found, engines=describe_engines(), faults=faults
    )


@router.get("/collections")
def list_collections(services: ServicesDep) -> list[CollectionInfo]:
    """List all collections with their counts."""
    collections, found = services.workspace.collections, list[CollectionInfo]()
    for name in collections.names():
        with collections.unless_deleted(name):
            found.append(_to_info(services, name))
    return found


@router.get("/collections/{collection}")
def get_collection_info(collection: CollectionDep, services: ServicesDep) -> CollectionInfo:
    """Describe one collection."""
    return _to_info(services, collection.name)


@router.patch("/collections/{collection}", dependencies=[needs(Access.REVIEW, "rename a collection")])
def rename_collection(collection: CollectionDep, services: ServicesDep, request: RenameRequest) -> CollectionInfo:
    """Call a collection something else on the page and in lists; its name in paths stays."""
    services.workspace.facts.rename(collection.name, request.display_name)
    return _to_info(services, collection.name)


@router.get("/collections/{collection}/find")
def find_by_name(collection: CollectionDep, services: ServicesDep, query: Annotated[FindQuery, Query()]) -> FoundByName:
    """Find classes and points by class, file name or id."""
    return search_by_name(collection, services, query)


@router.post("/collections/{collection}/find")
def search_by_name(collection: CollectionDep, services: ServicesDep, query: FindQuery) -> FoundByName:
    """Find classes and points by class, file name or id; as GET, for long selections."""
    workspace, selection, scores = services.workspace, to_selection(query), to_scores(query)

    def answer(snapshot: Snapshot) -> Found:
        fits = workspace.facets.rows(snapshot, selection, scores)
        return workspace.finding.find(snapshot, query.text, is_searched=fits, limit=query.limit)

    found = workspace.facets.ask(collection.name, scores, answer)
    return FoundByName(
        classes=_counted(found.classes),
        points=[to_point_model(point, with_shape=False) for point in found.points],
        n_classes=found.n_classes,
        n_points=found.n_points,
        n_classes_outside=found.n_classes_outside,
        n_points_outside=found.n_points_outside,
    )


@router.delete("/collections/{collection}", status_code=204)
def delete_collection(collection: CollectionName, services: ServicesDep, caller: CallerDep) -> None:
    """Delete a collection, also a damaged one, with all that was made of it; its sources stay as they are.

    Verdicts and tags of people stay. No ``~`` stands for its name.
    """
    caller.require_local_power("delete a collection")
    services.workspace.delete_collection(collection)


def _to_info(services: Services, name: str) -> CollectionInfo:
    described, facts = services.workspace.collections.describe(name), services.workspace.facts.of(name)
    spec = described.spec
    return CollectionInfo(
        name=described.name,
        embedder=spec.embedder,
        dimension=spec.dimension,
        crops=spec.crops,
        revision=described.revision,
        review_revision=services.workspace.collections.open(name).review_revision,
        n_points=described.n_points,
        n_images=described.n_images,
        classes=_counted(described.classes),
        datasets=_counted(described.datasets),
        has_text_search=services.workspace.embedders.has_text_tower(spec.embedder, spec.fingerprint),
        display_name=facts.name_or(described.name),
        indexed_at=facts.last_indexed_at,
        class_colors=colors_of(services.workspace.collections, services.workspace.facts, name),
    )


def _counted(counts: Mapping[str, int]) -> list[CountedName]:
    return [CountedName(name=name, count=count) for name, count in counts.items()]
