"""Points written to files, and embeddings that other programs made brought in."""

from dataclasses import asdict
from pathlib import Path

from fastapi import APIRouter

from api.dependencies import CallerDep, CollectionDep, ServicesDep
from api.services.points import to_selection
from lookalike.wire.exports import Exported, ExportRequest, Imported, ImportRequest

router = APIRouter(tags=["exports"])


@router.post("/collections/{collection}/exports", status_code=201)
def export_points(
    collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: ExportRequest
) -> Exported:
    """Write all points or a selection to files: payloads, embeddings and places on the newest map."""
    from indexer.exports.export_collection import export_collection  # only exports need what it imports

    caller.require_path(request.folder, "write files")
    written = export_collection(
        services.workspace.export_parts,
        collection.name,
        Path(request.folder),
        export_format=request.format,
        selection=to_selection(request.filter),
        on_progress=services.on_progress,
    )
    return Exported(
        path=str(written.path), n_points=written.n_points, format=request.format, left_out=dict(written.left_out)
    )


@router.post("/imports", status_code=201)
def import_points(services: ServicesDep, caller: CallerDep, request: ImportRequest) -> Imported:
    """Bring existing embeddings into a collection of their own, without embedding anything."""
    from indexer.imports.import_embeddings import import_embeddings  # only imports need what it imports

    caller.require_path(request.folder, "read a folder")
    done = import_embeddings(
        services.workspace.collections,
        services.workspace.reviews,
        Path(request.folder),
        collection_name=request.collection,
        on_progress=services.on_progress,
    )
    return Imported(**asdict(done))
