"""Whether the api lives and can answer, and numbers about what it does."""

from collections import Counter
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse

from api.access import Access
from api.dependencies import CallerDep, Services, ServicesDep, get_services
from api.middleware.metrics import MEDIA_TYPE, Family, Labels
from indexer.errors import IndexerError, StoreUnavailableError
from lookalike.version import read_version
from lookalike.wire.health import Health, Readiness

router = APIRouter(tags=["health"])
_METRICS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Lines of Prometheus"}
}


@router.get("/health")
async def get_health(request: Request) -> Health:
    """Say that the api lives, which version it is, and which server."""
    # In no thread: they may all be waiting for a store that does not answer.
    return Health(status="ok", version=read_version(), server_id=get_services(request).server_id)


@router.get("/ready")
def get_readiness(services: ServicesDep, caller: CallerDep) -> Readiness:
    """Say whether the store answers and its collections fit this version; 503 if not."""
    try:
        names = services.workspace.collections.names()
        for name in names:
            with services.workspace.collections.unless_deleted(name):
                _ = services.workspace.collections.open(name).revision
    except IndexerError as error:
        shown = str(error) if caller.access >= Access.READ else "the store cannot be used; ask with a key to hear why"
        raise StoreUnavailableError(shown) from error
    return Readiness(status="ready", n_collections=len(names))


@router.get("/metrics", response_class=PlainTextResponse, responses=_METRICS)
def get_metrics(services: ServicesDep) -> PlainTextResponse:
    """Show numbers in the text format of Prometheus: requests, runs and collections."""
    families = (_count_runs(services), *_count_points(services))
    return PlainTextResponse(services.metrics.render(families), media_type=MEDIA_TYPE)


def _count_runs(services: Services) -> Family:
    counts: Counter[Labels] = Counter((("kind", run.kind), ("state", run.state)) for run in services.runs.list())
    return Family("runs", "gauge", "Runs that are remembered.", counts)


def _count_points(services: Services) -> tuple[Family, Family]:
    described: dict[Labels, float] = {}
    is_up = 1
    try:
        for name in services.workspace.collections.names():
            with services.workspace.collections.unless_deleted(name):
                described[(("collection", name),)] = services.workspace.collections.describe(name).n_points
    except IndexerError:
        is_up = 0
    return (
        Family("store_up", "gauge", "Whether the store answers.", {(): is_up}),
        Family("points", "gauge", "Points with an embedding.", described),
    )
