"""Points written to files, and embeddings that other programs made brought in; both are runs."""

from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, CollectionDep, ServicesDep
from api.services.external_runs import ProcessPlan
from api.services.run_plans import plan_import, plan_process
from indexer.domain import Progress
from lookalike.wire.exports import Exported, ExportRequest, ImportRequest
from lookalike.wire.runs import RunInfo

router = APIRouter(tags=["exports"])


@router.post("/collections/{collection}/exports", status_code=202)
def export_points(
    collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: ExportRequest
) -> RunInfo:
    """Start to write all points or a selection to files; the run's result is an ``Exported``.

    A cancelled export leaves what was there before, and no half file.
    """
    from indexer.exports import EXPORTS
    from indexer.exports.export_collection import export_collection  # only exports need what it imports

    caller.require_path(request.folder, "write files")
    _ = EXPORTS[request.format]  # a misspelt format is refused before the run starts
    parts, folder, format_ = services.workspace.export_parts, Path(request.folder), request.format

    def work(on_progress: Progress) -> dict[str, Any]:
        write = partial(
            export_collection, parts, collection.name, folder, export_format=format_, on_progress=on_progress
        )
        written = services.ask(collection, request.filter, lambda selection: write(selection=selection))
        left_out = dict(written.left_out)
        told = Exported(path=str(written.path), n_points=written.n_points, format=format_, left_out=left_out)
        return told.model_dump(mode="json")

    return services.runs.start_beside("export", collection.name, work)


@router.post("/imports", status_code=202)
def import_points(services: ServicesDep, caller: CallerDep, request: ImportRequest) -> RunInfo:
    """Start to bring embeddings of a folder into a collection of their own; the run's result is an ``Imported``.

    A cancelled import keeps the points that it wrote, and the next one writes the others.
    """
    caller.require_path(request.folder, "read a folder")
    workspace = services.workspace
    start = plan_process(workspace.data_dir, services.server_id, request)
    if start is not None:
        return services.runs.start_process(ProcessPlan("import", start, request.collection, is_beside=True))
    plan = plan_import(workspace.collections, workspace.mend, request)
    return services.runs.start_beside("import", request.collection, plan)
