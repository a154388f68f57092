"""Tags, labeling jobs, collections of images and kept embeddings on a Supervisely server."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import CallerDep, CollectionDep, ServicesDep
from indexer.supervisely.work_runs import WorkRuns
from lookalike.wire.base import IdInPath
from lookalike.wire.exports import Imported
from lookalike.wire.names import TreeLevel
from lookalike.wire.supervisely import (
    ImageCollection,
    ImageCollectionRequest,
    JobModel,
    JobRequest,
    KeptImportRequest,
    LabelingJobs,
    PlatformMembers,
    PointPlaceModel,
    SavedEmbeddings,
    SaveRequest,
    SuperviselyCollection,
    SuperviselyServerInfo,
    TaggedPoints,
    TagRequest,
    TreeEntryModel,
    UndoneWork,
    WorkUndoRequest,
)

router = APIRouter(prefix="/collections/{collection}/supervisely", tags=["supervisely"])
whole = APIRouter(prefix="/supervisely", tags=["supervisely"])
_WRITE = "write to its Supervisely server"
"""The server's token is that of the person who started it, so that nobody else may use it."""
_READ = "read its Supervisely server"


@router.get("")
def find_projects(collection: CollectionDep) -> SuperviselyCollection:
    """Which projects of a Supervisely server a collection holds points of; asks no server."""
    from indexer.supervisely.places import find_projects

    found = find_projects(collection)
    return SuperviselyCollection(projects=sorted({one for ids in found.values() for one in ids}), hosts=list(found))


@router.get("/members")
def list_members(collection: CollectionDep, caller: CallerDep) -> PlatformMembers:
    """List who works in the teams of a collection's projects."""
    from indexer.supervisely.places import list_members

    caller.require_platform_power(_READ)
    return PlatformMembers(logins=list_members(collection))


@router.get("/places/{point_id:path}")
def find_place(collection: CollectionDep, caller: CallerDep, point_id: Annotated[IdInPath, Path()]) -> PointPlaceModel:
    """Find the image of a point in the labeling tool."""
    from indexer.supervisely.places import find_place

    caller.require_platform_power(_READ)
    return PointPlaceModel(**asdict(find_place(collection, point_id)))


@router.post("/tags")
def tag_points(
    collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: TagRequest
) -> TaggedPoints:
    """Put a tag on the images or objects of points, or take it off."""
    from indexer.supervisely.tags import Tagging, tag_points

    caller.require_platform_power(_WRITE)
    wish = Tagging(request.tag, request.on, request.remove, request.dry_run, request.who)
    done = tag_points(collection, WorkRuns(services.workspace.data_dir), request.ids, wish)
    return TaggedPoints(tag=request.tag, dry_run=request.dry_run, **asdict(done))


@router.post("/jobs")
def make_jobs(collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: JobRequest) -> LabelingJobs:
    """Make a labeling job per data set and person; one for the same images is not made twice."""
    from indexer.supervisely.jobs import JobWish, make_jobs

    caller.require_platform_power(_WRITE)
    wish = JobWish(request.name, request.assign, request.reviewer, request.dry_run, request.who)
    done = make_jobs(collection, WorkRuns(services.workspace.data_dir), request.ids, wish)
    jobs = [JobModel(**asdict(job)) for job in done.jobs]
    return LabelingJobs(created=done.created, existing=done.existing, jobs=jobs, run=done.run)


@router.post("/image-collections")
def collect_images(collection: CollectionDep, caller: CallerDep, request: ImageCollectionRequest) -> ImageCollection:
    """Put the images of points into a collection of the platform."""
    from indexer.supervisely.image_collections import collect_images

    caller.require_platform_power(_WRITE)
    return ImageCollection(**asdict(collect_images(collection, request.ids, request.name)))


@router.post("/saves")
def save_embeddings(
    collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: SaveRequest
) -> SavedEmbeddings:
    """Keep the embeddings of a project's points in Team Files."""
    from indexer.supervisely.artifacts import save_embeddings

    caller.require_platform_power(_WRITE)
    parts = services.workspace.export_parts
    saved = save_embeddings(parts, collection.name, request.project, on_progress=services.on_progress)
    return SavedEmbeddings(**asdict(saved))


@whole.get("")
def show_server() -> SuperviselyServerInfo:
    """Say which Supervisely server the environment names; asks it nothing."""
    from indexer.supervisely.places import read_server_address

    return SuperviselyServerInfo(address=read_server_address())


@whole.get("/tree")
def list_tree(
    caller: CallerDep,
    level: Annotated[TreeLevel, Query(description="whose content")] = "server",
    level_id: Annotated[int, Query(alias="id", ge=0, lt=10**18, description="the server's id of it")] = 0,
) -> list[TreeEntryModel]:
    """List the teams of a server, or what a team, workspace or project holds."""
    from indexer.supervisely.tree import list_level

    caller.require_platform_power(_READ)
    return [TreeEntryModel(**asdict(one)) for one in list_level(level, level_id)]


@whole.post("/undo")
def undo_run(services: ServicesDep, caller: CallerDep, request: WorkUndoRequest) -> UndoneWork:
    """Take back what a run of tags or jobs did."""
    from indexer.supervisely.undo import undo_run

    caller.require_platform_power(_WRITE)
    return UndoneWork(run=request.run, undone=undo_run(WorkRuns(services.workspace.data_dir), request.run))


@whole.post("/imports", status_code=201)
def import_kept(services: ServicesDep, caller: CallerDep, request: KeptImportRequest) -> Imported:
    """Bring embeddings that are kept in Team Files into a collection, without embedding anything."""
    from indexer.supervisely.artifacts import import_artifact

    caller.require_platform_power(_READ)
    done = import_artifact(
        services.workspace.collections,
        services.workspace.mend,
        request.project,
        model=request.model,
        collection_name=request.collection,
        on_progress=services.on_progress,
    )
    return Imported(**asdict(done))
