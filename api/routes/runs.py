"""Long work in the background: start it, watch it, cancel it."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api.access import Access
from api.dependencies import Caller, CallerDep, Services, ServicesDep, needs
from api.services.external_runs import ProcessPlan
from api.services.index_runs import check_wanted, read_crops
from api.services.run_events import MEDIA_TYPE, follow_run
from api.services.run_plans import plan_indexing, plan_process, plan_projection, plan_projection_process
from indexer.maps.projectors import PROJECTORS
from indexer.sources.supervisely_address import SCHEME
from lookalike.wire.runs import (
    AttachedRun,
    ClaimedRun,
    IndexRun,
    ProjectRun,
    RunClaim,
    RunEnd,
    RunInfo,
    RunOrder,
    RunProgress,
    RunRequest,
)

router = APIRouter(prefix="/runs", tags=["runs"])
RunId = Annotated[str, Path(max_length=100, description="id of a run")]
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}, "description": "Events until the run is over"}
}
_TELL = "tell of runs"
_INDEX = "index a folder"
_STARTS = needs(Access.REVIEW, "start or cancel runs")


@router.get("")
def list_runs(services: ServicesDep) -> list[RunInfo]:
    """List the last runs, newest first."""
    return services.runs.list()


@router.post("", status_code=202, dependencies=[_STARTS])
def start_run(services: ServicesDep, caller: CallerDep, request: RunRequest) -> RunInfo:
    """Start to index a source or to make a projection; 409 while another run is at work.

    A client that sends an ``idempotency_key`` may send the request again until it is answered.
    """
    start = partial(_start, services, caller, request)
    return services.run_keys.start_once(request.idempotency_key, request, start, services.runs.get)


def _start(services: Services, caller: Caller, request: IndexRun | ProjectRun) -> RunInfo:
    if isinstance(request, IndexRun):
        if request.source.startswith(f"{SCHEME}://"):
            caller.require_platform_power("index a Supervisely project")
        else:
            caller.require_path(request.source, _INDEX)
        _require_inside(caller, request)
        return _start_indexing(services, request)
    name = services.workspace.collections.open(request.collection).name
    named = request.model_copy(update={"collection": name})
    _ = PROJECTORS[request.method]  # a misspelt method is refused before the run starts
    if (queued := services.runs.enqueue("project", name, named)) is not None:
        return queued
    start = plan_process(services.workspace.data_dir, services.server_id, named)
    if start is not None:
        return services.runs.start_process(plan_projection_process(start, services.maps, name, named))
    return services.runs.start("project", name, plan_projection(services.workspace.maps, services.maps, name, request))


def _require_inside(caller: Caller, request: IndexRun) -> None:
    """Refuse an index run that would read outside the folders of its caller, beside its source."""
    if request.checkpoint is not None:
        caller.require_path(request.checkpoint, _INDEX)
    caller.require_model(request.model, _INDEX)
    caller.require_places([{"source_key": request.source_key}], _INDEX)
    if request.allow_outside:
        caller.require_no_outside()


def _start_indexing(services: Services, request: IndexRun) -> RunInfo:
    read_crops(request)  # a misspelt padding is refused before the run starts
    if (queued := services.runs.enqueue("index", request.collection, request)) is not None:
        return queued
    check_wanted(request)  # after a queue, whose workers may have other folders
    start = plan_process(services.workspace.data_dir, services.server_id, request)
    if start is not None:
        return services.runs.start_process(ProcessPlan("index", start, request.collection, request.source))
    workspace = services.workspace
    return services.runs.start("index", request.collection, plan_indexing(workspace.index, workspace.settings, request))


@router.post("/attached", status_code=201)
def attach_run(services: ServicesDep, caller: CallerDep, request: AttachedRun) -> RunInfo:
    """Register a run that a process of this machine does; 409 while another run is at work."""
    caller.require_local_power(_TELL)
    return services.runs.attach(request)


@router.post("/attached/next")
def claim_run(services: ServicesDep, caller: CallerDep, claim: RunClaim) -> ClaimedRun | None:
    """Give a worker the run that waits longest, null if none does; a server without a queue refuses it."""
    caller.require_local_power(_TELL)
    return services.runs.claim(claim.worker, claim.kinds)


@router.put("/{run_id}/progress")
def note_progress(services: ServicesDep, caller: CallerDep, run_id: RunId, progress: RunProgress) -> RunOrder:
    """Record how far such a process is, and say whether it is to stop."""
    caller.require_local_power(_TELL)
    return RunOrder(is_cancelled=services.runs.note(run_id, progress))


@router.post("/{run_id}/end")
def end_run(services: ServicesDep, caller: CallerDep, run_id: RunId, end: RunEnd) -> RunInfo:
    """Record how such a process ended its run."""
    caller.require_local_power(_TELL)
    return services.runs.end(run_id, end)


@router.get("/{run_id}")
def get_run(services: ServicesDep, run_id: RunId) -> RunInfo:
    """Show how far a run is."""
    return services.runs.get(run_id)


@router.get("/{run_id}/events", response_class=StreamingResponse, responses=_EVENTS)
async def watch_run(services: ServicesDep, run_id: RunId) -> StreamingResponse:
    """Tell of a run as server-sent events, until it is over.

    Each event is a ``RunInfo``; the last is of the type ``end``. A connection that ends without it may be opened again.
    """
    get = partial(services.runs.get, run_id)
    await run_in_threadpool(get)  # an unknown run is no stream
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(follow_run(get, services.is_stopping), media_type=MEDIA_TYPE, headers=headers)


@router.delete("/{run_id}", dependencies=[_STARTS])
def cancel_run(services: ServicesDep, run_id: RunId) -> RunInfo:
    """Ask a run to stop; what it has finished is kept."""
    return services.runs.cancel(run_id)
