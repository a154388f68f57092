"""Insights; the routes of each follow from its entry in the registry. A cluster's points have one of their own."""

import logging
import sys
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query

from api.dependencies import CollectionDep, ServicesDep
from api.services.insights import to_answer
from indexer.domain import PointFilter
from indexer.insights import INSIGHTS
from indexer.insights.base import Insight
from indexer.insights.clusters import ClusterPoints as Found
from indexer.insights.clusters import list_points_of_cluster as list_points
from lookalike.errors import ConfigurationError
from lookalike.wire.base import complete_requests
from lookalike.wire.groups import ClusterPoints, ClusterPointsQuery

_AS_GET: Final = "As GET, for long selections."
_Cluster = Annotated[int, Path(ge=0, le=2**31, description="number of the cluster at this resolution")]
_log = logging.getLogger(__name__)
router = APIRouter(prefix="/collections/{collection}", tags=["insights"])


def _add(name: str, insight: Insight) -> None:
    """Add the routes of an insight; its conditions stand in the address or, where these are long, in the body."""
    model = insight.question
    complete_requests(sys.modules[model.__module__])

    def search(collection: CollectionDep, services: ServicesDep, question: Any) -> Any:
        insights = services.workspace.insights

        def answer(selection: PointFilter) -> Any:
            found = insights.ask(
                insight, question, collection.name, selection=selection, on_progress=services.on_progress
            )
            return to_answer(insight, found)

        return services.ask(collection, question, answer)

    def ask(collection: CollectionDep, services: ServicesDep, question: Any) -> Any:
        return search(collection, services, question)

    search.__annotations__["question"] = model
    ask.__annotations__["question"] = Annotated[model, Query()]
    about = {"GET": (ask, f"list_{name}", insight.summary), "POST": (search, f"search_{name}", _AS_GET)}
    for method, (endpoint, called, description) in about.items():
        router.add_api_route(
            f"/{name}",
            endpoint,
            methods=[method],
            name=called,
            response_model=insight.answer,
            description=description,
        )


for _name in INSIGHTS:
    try:
        _add(_name, INSIGHTS.load(_name))
    except ConfigurationError as error:  # the rest of Lookalike works without it
        _log.warning("%s", error)


@router.get("/clusters/{cluster}/points")
def list_points_of_cluster(
    collection: CollectionDep, services: ServicesDep, cluster: _Cluster, query: Annotated[ClusterPointsQuery, Query()]
) -> ClusterPoints:
    """List the ids of a cluster's points."""
    return search_points_of_cluster(collection, services, cluster, query)


@router.post("/clusters/{cluster}/points", description=_AS_GET)
def search_points_of_cluster(
    collection: CollectionDep, services: ServicesDep, cluster: _Cluster, query: ClusterPointsQuery
) -> ClusterPoints:
    """List the ids of a cluster's points; as GET, for long selections."""

    def answer(selection: PointFilter) -> Found:
        question = partial(list_points, cluster=cluster, resolution=query.resolution)
        return services.workspace.insights.answer(
            question, collection.name, selection=selection, on_progress=services.on_progress
        )

    found = services.ask(collection, query, answer)
    next_offset = query.offset + query.limit
    return ClusterPoints(
        name=found.name,
        size=found.size,
        n_matching=len(found.ids),
        ids=[str(point_id) for point_id in found.ids[query.offset : next_offset]],
        next_offset=next_offset if next_offset < len(found.ids) else None,
    )
