"""Collections and their counts."""

from collections.abc import Mapping

from fastapi import APIRouter

from api.dependencies import CollectionDep, Services, ServicesDep
from lookalike.wire.base import CountedName
from lookalike.wire.collections import CollectionInfo

router = APIRouter(prefix="/collections", tags=["collections"])


@router.get("")
def list_collections(services: ServicesDep) -> list[CollectionInfo]:
    """List all collections with their counts."""
    workspace = services.workspace
    return [_to_info(services, name) for name in workspace.collections.names()]


@router.get("/{collection}")
def get_collection_info(collection: CollectionDep, services: ServicesDep) -> CollectionInfo:
    """Describe one collection."""
    return _to_info(services, collection.name)


def _to_info(services: Services, name: str) -> CollectionInfo:
    described = services.workspace.collections.describe(name)
    return CollectionInfo(
        name=described.name,
        embedder=described.spec.embedder,
        dimension=described.spec.dimension,
        crops=described.spec.crops,
        revision=described.revision,
        review_revision=services.workspace.collections.open(name).review_revision,
        n_points=described.n_points,
        n_images=described.n_images,
        classes=_counted(described.classes),
        datasets=_counted(described.datasets),
    )


def _counted(counts: Mapping[str, int]) -> list[CountedName]:
    return [CountedName(name=name, count=count) for name, count in counts.items()]
