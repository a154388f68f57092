"""Verdicts of people on the labels of points, and their way into the sources."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, BackgroundTasks, Query, Response
from fastapi.responses import JSONResponse

from api.access import Access
from api.dependencies import Caller, CallerDep, CollectionDep, ServicesDep, needs
from indexer.domain import Progress
from indexer.payload import PayloadField
from indexer.reviews.apply_reviews import Applied, ApplyOptions
from indexer.reviews.judgement import Judgement, Seen
from indexer.reviews.review import Review, ReviewVerdict
from indexer.reviews.writers.base import Outcome, RelabelOutcome
from indexer.reviews.writers.file_changes import FileChange, FileMove
from indexer.reviews.writers.planning import SourcePlace
from indexer.stores.base import Collection
from lookalike.wire.base import ListLimit, Offset
from lookalike.wire.names import Verdict
from lookalike.wire.reviews import (
    AppliedReviews,
    ApplyRequest,
    ChangedFile,
    KeptFile,
    LoggedReview,
    RefusedImage,
    RelabelModel,
    RestoredFiles,
    RestoreRequest,
    ReviewLogPage,
    ReviewModel,
    ReviewPage,
    ReviewRequest,
    UndoneReview,
    UndoRequest,
)
from lookalike.wire.runs import RunInfo

router = APIRouter(prefix="/collections/{collection}/reviews", tags=["reviews"])
restoring = APIRouter(prefix="/reviews", tags=["reviews"])
_WRITE_TO_SERVER: Final = "write to its Supervisely server"
REVISION_HEADER: Final = "Review-Revision"
"""The collection's ``review_revision`` after the request, so that a page need not ask for it."""
_GIVES = needs(Access.REVIEW, "give verdicts")
_MAX_EXAMPLES: Final = 20
_DRY_RUN: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": AppliedReviews, "description": "What would be written, for a dry run"}
}
Verdicts = Annotated[list[Verdict] | None, Query(max_length=3)]


@router.get("")
def list_reviews(
    collection: CollectionDep,
    services: ServicesDep,
    verdict: Verdicts = None,
    offset: Offset = 0,
    limit: ListLimit = 1000,
) -> ReviewPage:
    """List the reviews that stand, newest first."""
    wanted = [ReviewVerdict(text) for text in verdict or ()]
    standing = services.workspace.reviews.standing(collection.name, *wanted)
    next_offset = offset + limit
    return ReviewPage(
        reviews=[_to_review_model(found) for found in standing[offset:next_offset]],
        total=len(standing),
        next_offset=next_offset if next_offset < len(standing) else None,
    )


@router.get("/log")
def list_log(
    collection: CollectionDep,
    services: ServicesDep,
    verdict: Verdicts = None,
    offset: Offset = 0,
    limit: ListLimit = 50,
) -> ReviewLogPage:
    """List every review ever made, newest first, also those taken back and of points that are gone."""
    wanted = [ReviewVerdict(text) for text in verdict or ()]
    logged = services.workspace.reviews.logged(collection.name, *wanted)
    next_offset = offset + limit
    return ReviewLogPage(
        reviews=[
            LoggedReview(**dict(_to_review_model(one.review)), stands=one.stands, run=one.run)
            for one in logged[offset:next_offset]
        ],
        total=len(logged),
        next_offset=next_offset if next_offset < len(logged) else None,
    )


@router.post("", status_code=201, dependencies=[_GIVES])
def add_reviews(
    collection: CollectionDep,
    services: ServicesDep,
    request: ReviewRequest,
    response: Response,
    afterwards: BackgroundTasks,
) -> list[ReviewModel]:
    """Record a verdict on points; the suspects follow at once.

    A client that sends ``seen`` is told when somebody else judged a point meanwhile. A client that sends an
    ``idempotency_key`` may send the request again until it is answered.
    """
    judgement = Judgement(
        request.verdict,
        request.who,
        request.class_name,
        request.allows_new_class,
        request.note,
        request.is_one_entry,
        {one.id: Seen(one.class_name or None, one.review) for one in request.seen},
        request.idempotency_key,
    )
    workspace = services.workspace
    made = workspace.reviews.add(collection.name, request.ids, judgement, suggest=workspace.suspects.suggest)
    response.headers[REVISION_HEADER] = collection.review_revision
    afterwards.add_task(workspace.suspects.anticipate, collection.name)
    return [_to_review_model(review) for review in made]


@router.post("/undo", dependencies=[_GIVES])
def undo_review(
    collection: CollectionDep,
    services: ServicesDep,
    request: UndoRequest,
    response: Response,
    afterwards: BackgroundTasks,
) -> UndoneReview:
    """Take a review back; the one that it replaced stands again."""
    undone, standing = services.workspace.reviews.undo(
        collection.name, request.review_id, who=request.who, request=request.idempotency_key
    )
    response.headers[REVISION_HEADER] = collection.review_revision
    afterwards.add_task(services.workspace.suspects.anticipate, collection.name)
    return UndoneReview(
        undone=_to_review_model(undone), standing=None if standing is None else _to_review_model(standing)
    )


@router.post("/apply", status_code=202, response_model=RunInfo, responses=_DRY_RUN)
def apply_reviews(
    collection: CollectionDep, services: ServicesDep, caller: CallerDep, request: ApplyRequest
) -> RunInfo | JSONResponse:
    """Start to write accepted classes to the sources, with a backup; the run's result is an ``AppliedReviews``.

    The points follow when the sources are indexed again. A run that is cancelled stops between two files; what it wrote
    by then is recorded, and its error says what is left. A dry run is answered at once with what would be written, and
    asks for no admin access. A path or a patch file lies in a folder that the server was given.
    """
    for path in (request.path, request.patch):
        if path is not None:
            caller.require_path(path, "name a file to write")
    place = SourcePlace(request.path, request.source_key, request.source_format)
    options = ApplyOptions(place, None if request.patch is None else Path(request.patch), request.dry_run)
    apply = partial(services.workspace.reviews.apply, collection.name, options, who=request.who)
    if request.dry_run:
        return JSONResponse(_to_applied(apply()).model_dump(mode="json"))
    _require_writing(caller, is_on_server=_is_on_server(collection))

    def work(on_progress: Progress) -> dict[str, Any]:
        return _to_applied(apply(on_progress=on_progress)).model_dump(mode="json")

    start = partial(services.runs.start_beside, "apply", collection.name, work)
    return services.run_keys.start_once(
        request.idempotency_key, request, start, services.runs.get, about=collection.name
    )


def _to_applied(applied: Applied) -> AppliedReviews:
    counts = applied.counts
    images = {one.place: one.image for one in applied.objects}
    return AppliedReviews(
        run=applied.run,
        patch=None if applied.patch is None else str(applied.patch),
        n_written=counts[Outcome.WRITTEN],
        n_already=counts[Outcome.ALREADY],
        n_refused=counts[Outcome.REFUSED],
        files=[
            *(_to_changed_file(change) for change in applied.changes),
            *(ChangedFile(path=place, target=None, image=image) for place, image in images.items()),
        ],
        outcomes=[_to_relabel_model(outcome) for outcome in applied.outcomes],
        failures=[
            RefusedImage(image=one.review.image, reason=one.reason)
            for one in applied.outcomes
            if one.outcome is Outcome.REFUSED
        ][:_MAX_EXAMPLES],
    )


@restoring.post("/restore", status_code=202)
def restore_files(services: ServicesDep, caller: CallerDep, request: RestoreRequest) -> RunInfo:
    """Start to give the files that a run of ``apply`` changed their very bytes back; the result is a ``RestoredFiles``.

    A file that others changed since is kept. After it was cancelled, the same request goes on.
    """
    reviews = services.workspace.reviews
    _require_writing(caller, is_on_server=reviews.wrote_to_server(request.run))
    reviews.require_run(request.run)

    def work(on_progress: Progress) -> dict[str, Any]:
        restored = reviews.restore(request.run, who=request.who, on_progress=on_progress)
        told = RestoredFiles(
            paths=[str(path) for path in restored.paths],
            kept=[
                KeptFile(path=str(path), image=restored.images.get(str(path).rpartition("/")[0]), reason=reason)
                for path, reason in restored.kept.items()
            ],
        )
        return told.model_dump(mode="json")

    start = partial(services.runs.start_beside, "undo", None, work)
    return services.run_keys.start_once(request.idempotency_key, request, start, services.runs.get)


def _require_writing(caller: Caller, *, is_on_server: bool) -> None:
    if is_on_server:
        caller.require_platform_power(_WRITE_TO_SERVER)
    else:
        caller.require(Access.ADMIN, "write to sources")


def _is_on_server(collection: Collection) -> bool:
    """Whether writing would use the token of the person who started the server."""
    from indexer.supervisely.places import find_projects

    return bool(find_projects(collection))


def _to_review_model(review: Review) -> ReviewModel:
    return ReviewModel(
        id=review.id,
        point_id=review.point_id,
        verdict=review.verdict.value,
        who=review.who,
        at=review.at,
        class_name=review.class_name,
        given_class=review.given_class,
        note=review.note,
        entry=review.entry,
        subject=dict(review.subject),
        replaces=review.replaces,
    )


def _to_changed_file(change: FileChange) -> ChangedFile:
    return ChangedFile(path=str(change.path), target=str(change.target) if isinstance(change, FileMove) else None)


def _to_relabel_model(outcome: RelabelOutcome) -> RelabelModel:
    review = outcome.review
    return RelabelModel(
        review_id=review.id,
        point_id=review.point_id,
        image=review.image,
        image_key=review.subject[PayloadField.IMAGE_KEY],
        object_key=review.subject.get(PayloadField.OBJECT_KEY),
        given_class=review.given_class,
        class_name=review.class_name or "",
        outcome=outcome.outcome.value,
        path=None if outcome.path is None else str(outcome.path),
        reason=outcome.reason,
    )
