"""Collections taken to a file and back, or to another store; all are runs."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, CollectionDep, ServicesDep
from indexer.domain import Progress
from lookalike.wire.backups import BackedUp, BackupRequest, Moved, MoveRequest, Restored, RestoreRequest
from lookalike.wire.runs import RunInfo

router = APIRouter(tags=["backups"])


@router.post("/collections/{collection}/backups", status_code=202)
def back_up(collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: BackupRequest) -> RunInfo:
    """Start to write a collection with all that people made of it to one file; the run's result is a ``BackedUp``.

    The file appears whole or not at all. A cancelled backup leaves what was there before.
    """
    caller.require_path(request.file, "write files")
    path, backups = Path(request.file), services.workspace.backups

    def work(on_progress: Progress) -> dict[str, Any]:
        made = backups.back_up(collection.name, path, on_progress=on_progress)
        told = BackedUp(
            path=str(path),
            collection=made.collection,
            n_points=made.n_points,
            n_embedded=made.n_embedded,
            n_events=made.n_events,
            n_maps=len(made.maps),
            n_tags=made.n_tags,
            n_selections=made.n_selections,
        )
        return told.model_dump(mode="json")

    return services.runs.start_beside("backup", collection.name, work)


@router.post("/restores", status_code=202)
def restore(services: ServicesDep, caller: CallerDep, request: RestoreRequest) -> RunInfo:
    """Start to make a collection of a backup; the run's result is a ``Restored``.

    The whole file is checked before anything is written. One whose points name files outside the folders that the
    caller may name is refused. A cancelled restore leaves nothing.
    """
    caller.require_path(request.file, "read a file")
    path, backups = Path(request.file), services.workspace.backups

    def judge(embedder: str, documents: Iterable[Any]) -> None:
        caller.require_model(embedder, "restore a backup")
        caller.require_places(documents, "restore a backup")

    def work(on_progress: Progress) -> dict[str, Any]:
        done = backups.restore(path, request.collection, judge=judge, on_progress=on_progress)
        return Restored(**asdict(done)).model_dump(mode="json")

    return services.runs.start_beside("restore", request.collection, work)


@router.post("/collections/{collection}/moves", status_code=202)
def move(collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: MoveRequest) -> RunInfo:
    """Start to copy a collection to another store, and to compare both; the run's result is a ``Moved``.

    After it was cancelled, the same request again goes on where it stopped.
    """
    caller.require_place(request.to, "write to another store")
    backups = services.workspace.backups

    def work(on_progress: Progress) -> dict[str, Any]:
        done = backups.move(collection.name, request.to, on_progress=on_progress)
        return Moved(**asdict(done)).model_dump(mode="json")

    return services.runs.start_beside("move", collection.name, work)
