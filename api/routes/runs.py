"""Long work in the background: start it, watch it, cancel it."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.dependencies import CallerDep, ServicesDep
from api.services.run_plans import plan_indexing, plan_projection
from lookalike.wire.runs import IndexRun, RunInfo, RunRequest

router = APIRouter(prefix="/runs", tags=["runs"])
RunId = Annotated[str, Path(max_length=100, description="id of a run")]


@router.get("")
def list_runs(services: ServicesDep) -> list[RunInfo]:
    """List the last runs, newest first."""
    return services.runs.list()


@router.post("", status_code=202)
def start_run(services: ServicesDep, caller: CallerDep, request: RunRequest) -> RunInfo:
    """Start to index a source or to make a projection; 409 while another run is at work."""
    if isinstance(request, IndexRun):
        caller.require_local_power("index a folder")
        return services.runs.start("index", request.collection, plan_indexing(services.workspace.index, request))
    name = services.workspace.collections.open(request.collection).name
    return services.runs.start("project", name, plan_projection(services.workspace.maps, services.maps, name, request))


@router.get("/{run_id}")
def get_run(services: ServicesDep, run_id: RunId) -> RunInfo:
    """Show how far a run is."""
    return services.runs.get(run_id)


@router.delete("/{run_id}")
def cancel_run(services: ServicesDep, run_id: RunId) -> RunInfo:
    """Ask a run to stop; what it has finished is kept."""
    return services.runs.cancel(run_id)
