"""Groups that the points form: clusters, duplicates, outliers, confused classes, picks."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from api.dependencies import CollectionDep, ServicesDep
from api.services.points import to_selection
from indexer.insights.duplicates import DEFAULT_THRESHOLD
from lookalike.wire.base import Limit, Offset
from lookalike.wire.groups import ClusterModel, ClusterPoints, Confusion, DuplicateGroup, OutlierModel, PickModel
from lookalike.wire.selections import FilterModel

router = APIRouter(prefix="/collections/{collection}", tags=["groups"])

Resolution = Annotated[
    float, Query(ge=0.01, le=100, allow_inf_nan=False, description="above 1 makes more and smaller clusters")
]

# FastAPI takes either single parameters or one model of them all, so each question extends the filter by its own.


class OutliersQuery(FilterModel):
    """Which outliers to list."""

    limit: Limit = 50


class PicksQuery(FilterModel):
    """What to pick."""

    n: int = Field(20, ge=1, le=10_000)
    diverse: bool = Field(default=False, description="points that differ, not that represent")


@router.get("/clusters")
def list_clusters(
    collection: CollectionDep,
    services: ServicesDep,
    resolution: Resolution = 1.0,
) -> list[ClusterModel]:
    """List clusters of similar points, largest first."""
    found = services.workspace.groups.clusters(collection.name, resolution=resolution)
    return [ClusterModel(**cluster) for cluster in found]


@router.get("/clusters/{cluster}/points")
def list_points_of_cluster(
    collection: CollectionDep,
    services: ServicesDep,
    cluster: Annotated[int, Path(ge=0, le=2**31, description="number of the cluster at this resolution")],
    resolution: Resolution = 1.0,
    offset: Offset = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
) -> ClusterPoints:
    """List the ids of a cluster's points."""
    found = services.workspace.groups.cluster_points(collection.name, cluster, resolution=resolution)
    next_offset = offset + limit if offset + limit < found.size else None
    ids = [str(point_id) for point_id in found.ids[offset : offset + limit]]
    return ClusterPoints(name=found.name, size=found.size, ids=ids, next_offset=next_offset)


@router.get("/duplicates")
def list_duplicates(
    collection: CollectionDep,
    services: ServicesDep,
    threshold: Annotated[float, Query(ge=0.5, le=1, allow_inf_nan=False)] = DEFAULT_THRESHOLD,
    limit: Limit = 100,
) -> list[DuplicateGroup]:
    """List groups of points that look the same; those with conflicting classes or in several datasets come first."""
    found = services.workspace.groups.duplicates(collection.name, threshold=threshold, limit=limit)
    return [DuplicateGroup(**group) for group in found.groups]


@router.get("/outliers")
def list_outliers(
    collection: CollectionDep, services: ServicesDep, query: Annotated[OutliersQuery, Query()]
) -> list[OutlierModel]:
    """List the points most unlike all others, strangest first."""
    found = services.workspace.groups.outliers(collection.name, limit=query.limit, selection=to_selection(query))
    return [OutlierModel(**outlier) for outlier in found]


@router.get("/confusion")
def compare_classes(collection: CollectionDep, services: ServicesDep) -> Confusion:
    """Compare given classes with the classes of the neighborhood."""
    return Confusion(**services.workspace.groups.confusion(collection.name))


@router.get("/picks")
def pick_points(
    collection: CollectionDep, services: ServicesDep, query: Annotated[PicksQuery, Query()]
) -> list[PickModel]:
    """Pick points that represent a collection or a selection of it, or that differ most from each other."""
    groups, selection = services.workspace.groups, to_selection(query)
    found = groups.pick(collection.name, query.n, is_diverse=query.diverse, selection=selection)
    return [PickModel(**point) for point in found]
