"""Groups that the points form: clusters, duplicates, outliers, confused classes, picks.

Questions about a selection take their conditions in the address or, where these are long, in the body.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import CollectionDep, Services, ServicesDep
from api.services.groups import (
    to_cluster_models,
    to_confusion_model,
    to_duplicate_models,
    to_outlier_models,
    to_pick_models,
)
from api.services.points import to_selection
from indexer.collection.selections import explain_empty_selection
from indexer.domain import PointFilter
from indexer.insights.clusters import SMALLEST_CLUSTER
from indexer.insights.duplicates import DEFAULT_THRESHOLD
from indexer.stores.base import Collection
from lookalike.wire.base import ListLimit, Offset
from lookalike.wire.groups import (
    ClusterPoints,
    Clusters,
    Confusion,
    Duplicates,
    Outliers,
    OutliersQuery,
    Picks,
    PicksQuery,
)

router = APIRouter(prefix="/collections/{collection}", tags=["groups"])
Resolution = Annotated[
    float, Query(ge=0.01, le=100, allow_inf_nan=False, description="above 1 makes more and smaller clusters")
]


@router.get("/clusters")
def list_clusters(
    collection: CollectionDep,
    services: ServicesDep,
    resolution: Resolution = 1.0,
) -> Clusters:
    """List clusters of similar points, largest first."""
    found = services.workspace.groups.clusters(collection.name, resolution=resolution, on_progress=services.on_progress)
    why = f"there is no cluster: it takes {SMALLEST_CLUSTER} points that look alike"
    return Clusters(clusters=to_cluster_models(found), why_empty=None if found else why)


@router.get("/clusters/{cluster}/points")
def list_points_of_cluster(
    collection: CollectionDep,
    services: ServicesDep,
    cluster: Annotated[int, Path(ge=0, le=2**31, description="number of the cluster at this resolution")],
    resolution: Resolution = 1.0,
    offset: Offset = 0,
    limit: ListLimit = 10_000,
) -> ClusterPoints:
    """List the ids of a cluster's points."""
    found = services.workspace.groups.cluster_points(
        collection.name, cluster, resolution=resolution, on_progress=services.on_progress
    )
    next_offset = offset + limit
    return ClusterPoints(
        name=found.name,
        size=len(found.ids),
        ids=[str(point_id) for point_id in found.ids[offset:next_offset]],
        next_offset=next_offset if next_offset < len(found.ids) else None,
    )


@router.get("/duplicates")
def list_duplicates(
    collection: CollectionDep,
    services: ServicesDep,
    threshold: Annotated[float, Query(ge=0.5, le=1, allow_inf_nan=False)] = DEFAULT_THRESHOLD,
    limit: ListLimit = 100,
) -> Duplicates:
    """List groups of points that look the same; those with conflicting classes or in several datasets come first."""
    found = services.workspace.groups.duplicates(
        collection.name, threshold=threshold, limit=limit, on_progress=services.on_progress
    )
    return Duplicates(
        groups=to_duplicate_models(found.groups),
        n_groups=found.n_groups,
        why_empty=None if found.groups else f"no two objects are as similar as {threshold:g}",
    )


@router.get("/outliers")
def list_outliers(
    collection: CollectionDep, services: ServicesDep, query: Annotated[OutliersQuery, Query()]
) -> Outliers:
    """List the points most unlike all others, strangest first."""
    return search_outliers(collection, services, query)


@router.post("/outliers")
def search_outliers(collection: CollectionDep, services: ServicesDep, query: OutliersQuery) -> Outliers:
    """List the points most unlike all others; as GET, for long selections."""
    selection = to_selection(query)
    found = services.workspace.groups.outliers(
        collection.name, limit=query.limit, selection=selection, on_progress=services.on_progress
    )
    why = "there is no other point to compare with; an outlier takes at least two points"
    return Outliers(
        outliers=to_outlier_models(found),
        why_empty=None if found else _explain(services, collection, selection) or why,
    )


@router.get("/confusion")
def compare_classes(collection: CollectionDep, services: ServicesDep) -> Confusion:
    """Compare given classes with the classes of the neighborhood."""
    return to_confusion_model(services.workspace.groups.confusion(collection.name, on_progress=services.on_progress))


@router.get("/picks")
def pick_points(collection: CollectionDep, services: ServicesDep, query: Annotated[PicksQuery, Query()]) -> Picks:
    """Pick points that represent a collection or a selection of it, or that differ most from each other."""
    return pick_points_of_selection(collection, services, query)


@router.post("/picks")
def pick_points_of_selection(collection: CollectionDep, services: ServicesDep, query: PicksQuery) -> Picks:
    """Pick points; as GET, for long selections."""
    groups, selection = services.workspace.groups, to_selection(query)
    found = groups.pick(collection.name, query.n, is_diverse=query.diverse, selection=selection)
    return Picks(
        picks=to_pick_models(found),
        why_empty=None if found else _explain(services, collection, selection) or "there are no points to pick from",
    )


def _explain(services: Services, collection: Collection, selection: PointFilter) -> str | None:
    return explain_empty_selection(services.workspace.collections, collection.name, selection)
