"""Groups that the points form: clusters, duplicates, outliers, confused classes, picks.

Questions about a selection take their conditions in the address or, where these are long, in the body.
"""

from functools import partial
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
from indexer.collection.selections import explain_empty_selection
from indexer.domain import PointFilter
from indexer.insights.clusters import SMALLEST_CLUSTER
from indexer.insights.duplicates import DEFAULT_THRESHOLD
from indexer.insights.groups import ClusterChoice
from indexer.stores.base import Collection
from lookalike.wire.base import ListLimit, Offset
from lookalike.wire.groups import (
    ClusterPoints,
    Clusters,
    ClustersQuery,
    Confusion,
    ConfusionQuery,
    Duplicates,
    DuplicatesQuery,
    Outliers,
    OutliersQuery,
    Picks,
    PicksQuery,
    Resolution,
)

router = APIRouter(prefix="/collections/{collection}", tags=["groups"])


@router.get("/clusters")
def list_clusters(
    collection: CollectionDep, services: ServicesDep, query: Annotated[ClustersQuery, Query()]
) -> Clusters:
    """List clusters of similar points, largest first."""
    return search_clusters(collection, services, query)


@router.post("/clusters")
def search_clusters(collection: CollectionDep, services: ServicesDep, query: ClustersQuery) -> Clusters:
    """List the clusters with a point that fits; as GET, for long selections."""
    groups, why = services.workspace.groups, f"there is no cluster: it takes {SMALLEST_CLUSTER} points that look alike"
    part_of = None if query.part_of is None else ClusterChoice(query.part_of, query.part_of_resolution)
    if part_of is not None:
        why = f"cluster {part_of.cluster} has no parts of its own at this resolution; try a finer one"

    def answer(selection: PointFilter) -> Clusters:
        found = groups.clusters(
            collection.name,
            resolution=query.resolution,
            selection=selection,
            part_of=part_of,
            on_progress=services.on_progress,
        )
        if not found:
            return Clusters(clusters=[], why_empty=_explain(services, collection, selection) or why)
        return Clusters(clusters=to_cluster_models(found))

    return services.ask(collection, query, answer)


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
    collection: CollectionDep, services: ServicesDep, query: Annotated[DuplicatesQuery, Query()]
) -> Duplicates:
    """List groups of points that look the same; those with conflicting classes or in several datasets come first."""
    return search_duplicates(collection, services, query)


@router.post("/duplicates")
def search_duplicates(collection: CollectionDep, services: ServicesDep, query: DuplicatesQuery) -> Duplicates:
    """List the groups of look-alikes with a point that fits; as GET, for long selections."""
    threshold = DEFAULT_THRESHOLD if query.threshold is None else query.threshold
    find = partial(services.workspace.groups.duplicates, collection.name, threshold=threshold, limit=query.limit)

    def answer(selection: PointFilter) -> Duplicates:
        found = find(selection=selection, on_progress=services.on_progress)
        if not found.groups:
            whose = "no two objects are" if selection == PointFilter() else "no object of this selection has another"
            why = _explain(services, collection, selection) or f"{whose} as similar as {threshold:g}"
            return Duplicates(groups=[], n_groups=0, why_empty=why)
        return Duplicates(groups=to_duplicate_models(found.groups), n_groups=found.n_groups)

    return services.ask(collection, query, answer)


@router.get("/outliers")
def list_outliers(
    collection: CollectionDep, services: ServicesDep, query: Annotated[OutliersQuery, Query()]
) -> Outliers:
    """List the points most unlike all others, strangest first."""
    return search_outliers(collection, services, query)


@router.post("/outliers")
def search_outliers(collection: CollectionDep, services: ServicesDep, query: OutliersQuery) -> Outliers:
    """List the points most unlike all others; as GET, for long selections."""
    find = partial(services.workspace.groups.outliers, collection.name, limit=query.limit)
    why = "there is no other point to compare with; an outlier takes at least two points"

    def answer(selection: PointFilter) -> Outliers:
        found = find(selection=selection, on_progress=services.on_progress)
        return Outliers(
            outliers=to_outlier_models(found),
            why_empty=None if found else _explain(services, collection, selection) or why,
        )

    return services.ask(collection, query, answer)


@router.get("/confusion")
def list_confusion(
    collection: CollectionDep, services: ServicesDep, query: Annotated[ConfusionQuery, Query()]
) -> Confusion:
    """Compare given classes with the classes of the neighborhood."""
    return compare_classes(collection, services, query)


@router.post("/confusion")
def compare_classes(collection: CollectionDep, services: ServicesDep, query: ConfusionQuery) -> Confusion:
    """Compare given classes with the classes of the neighborhood; as GET, for long selections."""
    compare = partial(services.workspace.groups.confusion, collection.name, on_progress=services.on_progress)
    return services.ask(collection, query, lambda selection: to_confusion_model(compare(selection=selection)))


@router.get("/picks")
def pick_points(collection: CollectionDep, services: ServicesDep, query: Annotated[PicksQuery, Query()]) -> Picks:
    """Pick points that represent a collection or a selection of it, or that differ most from each other."""
    return pick_points_of_selection(collection, services, query)


@router.post("/picks")
def pick_points_of_selection(collection: CollectionDep, services: ServicesDep, query: PicksQuery) -> Picks:
    """Pick points; as GET, for long selections."""
    why = "there are no points to pick from"

    def answer(selection: PointFilter) -> Picks:
        found = services.workspace.groups.pick(collection.name, query.n, is_diverse=query.diverse, selection=selection)
        return Picks(
            picks=to_pick_models(found),
            why_empty=None if found else _explain(services, collection, selection) or why,
        )

    return services.ask(collection, query, answer)


def _explain(services: Services, collection: Collection, selection: PointFilter) -> str | None:
    return explain_empty_selection(services.workspace.collections, collection.name, selection)
