"""Insights that packages add; each has a route, which follows from its entry in the registry."""

import logging
import sys
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.dependencies import CollectionDep, ServicesDep
from api.services.insights import Insights
from indexer.insights import INSIGHTS
from indexer.insights.base import Insight
from lookalike.errors import ConfigurationError
from lookalike.wire.base import complete_requests

_log = logging.getLogger(__name__)
router = APIRouter(prefix="/collections/{collection}", tags=["insights"])


def _add(name: str, insight: Insight) -> None:
    """Add the route of an insight; its conditions stand in the address or, where these are long, in the body."""
    model = insight.question
    complete_requests(sys.modules[model.__module__])

    def search(collection: CollectionDep, services: ServicesDep, question: Any) -> Any:
        parts = services.workspace
        insights = Insights(parts.collections, parts.graphs, services.on_progress)
        return services.ask(collection, question, partial(insights.ask, insight, collection.name, question))

    def ask(collection: CollectionDep, services: ServicesDep, question: Any) -> Any:
        return search(collection, services, question)

    search.__annotations__["question"] = model
    ask.__annotations__["question"] = Annotated[model, Query()]
    about: dict[str, Any] = {"response_model": insight.answer, "summary": insight.summary}
    router.add_api_route(f"/{name}", ask, methods=["GET"], name=f"ask_{name}", **about)
    router.add_api_route(f"/{name}", search, methods=["POST"], name=f"search_{name}", **about)


for _name in INSIGHTS:
    try:
        _add(_name, INSIGHTS.load(_name))
    except ConfigurationError as error:  # the rest of Lookalike works without it
        _log.warning("%s", error)
