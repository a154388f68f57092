"""Insights; the routes of each follow from its entry in the registry."""

import logging
import sys
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from api.dependencies import CollectionDep, ServicesDep
from api.services.insights import to_answer
from indexer.domain import PointFilter
from indexer.insights import INSIGHTS
from indexer.insights.base import Insight
from lookalike.errors import ConfigurationError
from lookalike.wire.base import complete_requests

_AS_GET: Final = "As GET, for long selections."
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
