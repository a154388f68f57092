"""The points of a cluster; the lists of clusters and other groups are insights."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path

from api.dependencies import CollectionDep, ServicesDep
from indexer.insights.clusters import list_points_of_cluster as list_points
from lookalike.wire.base import ListLimit, Offset
from lookalike.wire.groups import ClusterPoints, Resolution

router = APIRouter(prefix="/collections/{collection}", tags=["insights"])


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
    found = services.workspace.insights.answer(
        partial(list_points, cluster=cluster, resolution=resolution),
        collection.name,
        on_progress=services.on_progress,
    )
    next_offset = offset + limit
    return ClusterPoints(
        name=found.name,
        size=len(found.ids),
        ids=[str(point_id) for point_id in found.ids[offset:next_offset]],
        next_offset=next_offset if next_offset < len(found.ids) else None,
    )
