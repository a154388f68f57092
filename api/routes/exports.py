"""Points written to files, and embeddings that other programs made brought in; both are runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter
from fastapi import Path as PathParam
from starlette.responses import FileResponse

from api.access import Access
from api.dependencies import CallerDep, CollectionDep, ServicesDep
from api.responses import BINARY
from api.services.external_runs import ProcessPlan
from api.services.run_plans import plan_import, plan_process
from indexer.domain import Progress
from lookalike.wire.exports import Exported, ExportRequest, ImportRequest
from lookalike.wire.runs import RunInfo

if TYPE_CHECKING:
    from indexer.exports.export_collection import Exported as ExportedFiles

router = APIRouter(tags=["exports"])


@router.post("/collections/{collection}/exports", status_code=202)
def export_points(
    collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: ExportRequest
) -> RunInfo:
    """Start to write all points or a selection to files; the run's result is an ``Exported``.

    Without a folder, it says where the file can be fetched. A cancelled export leaves what was there before, and no
    half file.
    """
    from indexer.exports import EXPORTS
    from indexer.exports.export_collection import export_collection  # only exports need what it imports

    if request.folder is None:
        caller.require(Access.REVIEW, "export points")
    else:
        caller.require_path(request.folder, "write files")
    _ = EXPORTS[request.format]  # a misspelt format is refused before the run starts
    parts, format_, is_portable = services.workspace.export_parts, request.format, request.folder is None

    def write(folder: Path, on_progress: Progress) -> "ExportedFiles":
        return services.ask(
            collection,
            request.filter,
            lambda selection: export_collection(
                *(parts, collection.name, folder),
                export_format=format_,
                selection=selection,
                is_portable=is_portable,
                on_progress=on_progress,
            ),
        )

    def work(on_progress: Progress) -> dict[str, Any]:
        if request.folder is not None:
            written = write(Path(request.folder), on_progress)
            path, download = str(written.path), None
        else:
            written, key, file = services.downloads.keep(
                collection.name, format_, lambda folder: write(folder, on_progress), on_progress
            )
            path, download = file.name, f"/exports/{key}"
        left_out = dict(written.left_out)
        told = Exported(path=path, n_points=written.n_points, format=format_, left_out=left_out, download=download)
        return told.model_dump(mode="json")

    return services.runs.start_beside("export", collection.name, work)


@router.get("/exports/{key}", response_class=FileResponse, responses=BINARY)
def fetch_export(
    services: ServicesDep,
    key: Annotated[str, PathParam(max_length=64, description="last part of an export's ``download``")],
) -> FileResponse:
    """The file of an export without a folder."""
    file = services.downloads.find(key)
    return FileResponse(file, filename=file.name, headers={"Cache-Control": "no-store"})


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
