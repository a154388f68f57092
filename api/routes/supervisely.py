"""Tags, labeling jobs, collections of images and kept embeddings on a Supervisely server."""

from dataclasses import asdict

from fastapi import APIRouter

from api.dependencies import CallerDep, CollectionDep, ServicesDep
from indexer.supervisely.work_runs import WorkRuns
from lookalike.wire.exports import Imported
from lookalike.wire.supervisely import (
    ImageCollection,
    ImageCollectionRequest,
    JobModel,
    JobRequest,
    KeptImportRequest,
    LabelingJobs,
    SavedEmbeddings,
    SaveRequest,
    TaggedPoints,
    TagRequest,
    UndoneWork,
    WorkUndoRequest,
)

router = APIRouter(prefix="/collections/{collection}/supervisely", tags=["supervisely"])
whole = APIRouter(prefix="/supervisely", tags=["supervisely"])
_WRITE = "write to its Supervisely server"
"""The server's token is that of the person who started it, so that nobody else may use it."""


@router.post("/tags")
def tag_points(
    collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: TagRequest
) -> TaggedPoints:
    """Put a tag on the images or objects of points, or take it off."""
    from indexer.supervisely.tags import Tagging, tag_points

    caller.require_local_power(_WRITE)
    wish = Tagging(request.tag, request.on, request.remove, request.dry_run, request.who)
    done = tag_points(collection, WorkRuns(services.workspace.data_dir), request.ids, wish)
    return TaggedPoints(tag=request.tag, dry_run=request.dry_run, **asdict(done))


@router.post("/jobs")
def make_jobs(collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: JobRequest) -> LabelingJobs:
    """Make a labeling job per data set and person; one for the same images is not made twice."""
    from indexer.supervisely.jobs import JobWish, make_jobs

    caller.require_local_power(_WRITE)
    wish = JobWish(request.name, request.assign, request.reviewer, request.dry_run, request.who)
    done = make_jobs(collection, WorkRuns(services.workspace.data_dir), request.ids, wish)
    jobs = [JobModel(**asdict(job)) for job in done.jobs]
    return LabelingJobs(created=done.created, existing=done.existing, jobs=jobs, run=done.run)


@router.post("/image-collections")
def collect_images(collection: CollectionDep, caller: CallerDep, request: ImageCollectionRequest) -> ImageCollection:
    """Put the images of points into a collection of the platform."""
    from indexer.supervisely.image_collections import collect_images

    caller.require_local_power(_WRITE)
    return ImageCollection(**asdict(collect_images(collection, request.ids, request.name)))


@router.post("/saves")
def save_embeddings(
    collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: SaveRequest
) -> SavedEmbeddings:
    """Keep the embeddings of a project's points in Team Files."""
    from indexer.supervisely.artifacts import save_embeddings

    caller.require_local_power(_WRITE)
    parts = services.workspace.export_parts
    saved = save_embeddings(parts, collection.name, request.project, on_progress=services.on_progress)
    return SavedEmbeddings(**asdict(saved))


@whole.post("/undo")
def undo_run(services: ServicesDep, caller: CallerDep, request: WorkUndoRequest) -> UndoneWork:
    """Take back what a run of tags or jobs did."""
    from indexer.supervisely.undo import undo_run

    caller.require_local_power(_WRITE)
    return UndoneWork(run=request.run, undone=undo_run(WorkRuns(services.workspace.data_dir), request.run))


@whole.post("/imports", status_code=201)
def import_kept(services: ServicesDep, caller: CallerDep, request: KeptImportRequest) -> Imported:
    """Bring embeddings that are kept in Team Files into a collection, without embedding anything."""
    from indexer.supervisely.artifacts import import_artifact

    caller.require_local_power("read its Supervisely server")
    done = import_artifact(
        services.workspace.collections,
        services.workspace.reviews,
        request.project,
        model=request.model,
        collection_name=request.collection,
        on_progress=services.on_progress,
    )
    return Imported(**asdict(done))
