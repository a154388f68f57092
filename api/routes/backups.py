"""Collections taken to a file and back, or to another store."""

from dataclasses import asdict
from pathlib import Path

from fastapi import APIRouter

from api.dependencies import CallerDep, CollectionDep, ServicesDep
from lookalike.wire.backups import BackedUp, BackupRequest, Moved, MoveRequest, Restored, RestoreRequest

router = APIRouter(tags=["backups"])


@router.post("/collections/{collection}/backups", status_code=201)
def back_up(collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: BackupRequest) -> BackedUp:
    """Write a collection with its reviews and maps to one file, whole or not at all."""
    caller.require_local_power("write files")
    path = Path(request.file)
    made = services.workspace.backups.back_up(collection.name, path, on_progress=services.on_progress)
    return BackedUp(
        path=str(path),
        collection=made.collection,
        n_points=made.n_points,
        n_embedded=made.n_embedded,
        n_events=made.n_events,
        n_maps=len(made.maps),
    )


@router.post("/restores", status_code=201)
def restore(services: ServicesDep, caller: CallerDep, request: RestoreRequest) -> Restored:
    """Make a collection of a backup; the whole file is checked before anything is written."""
    caller.require_local_power("read a file")
    done = services.workspace.backups.restore(Path(request.file), request.collection, on_progress=services.on_progress)
    return Restored(**asdict(done))


@router.post("/collections/{collection}/moves", status_code=201)
def move(collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: MoveRequest) -> Moved:
    """Copy a collection to another store, and compare both; the same request again goes on where it stopped."""
    caller.require_local_power("write to another store")
    done = services.workspace.backups.move(collection.name, request.to, on_progress=services.on_progress)
    return Moved(**asdict(done))
