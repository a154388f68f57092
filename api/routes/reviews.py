"""What people decided about the labels of points. Writing to the source is left to the command line."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.dependencies import CollectionDep, ServicesDep
from api.insight_schemas import ReviewModel, ReviewRequest, UndoneReview, UndoRequest
from indexer.reviewing import Judgement
from indexer.reviews import Review, ReviewVerdict

router = APIRouter(prefix="/collections/{collection}/reviews", tags=["reviews"])


@router.get("")
def list_reviews(
    collection: CollectionDep,
    services: ServicesDep,
    verdict: Annotated[list[Literal["accept", "dismiss", "skip"]] | None, Query()] = None,
) -> list[ReviewModel]:
    """List the reviews that stand, newest first."""
    wanted = [ReviewVerdict(text) for text in verdict or ()]
    return [_to_review_model(found) for found in services.workspace.reviews.standing(collection.name, *wanted)]


@router.post("", status_code=201)
def add_reviews(collection: CollectionDep, services: ServicesDep, request: ReviewRequest) -> list[ReviewModel]:
    """Record a verdict on points; the suspects follow at once."""
    judgement = Judgement(request.verdict, request.who, request.class_name, request.allows_new_class, request.note)
    return [_to_review_model(made) for made in services.workspace.reviews.add(collection.name, request.ids, judgement)]


@router.post("/undo")
def undo_review(collection: CollectionDep, services: ServicesDep, request: UndoRequest) -> UndoneReview:
    """Take a review back; the one that it replaced stands again."""
    undone, standing = services.workspace.reviews.undo(collection.name, request.review_id, who=request.who)
    return UndoneReview(
        undone=_to_review_model(undone), standing=None if standing is None else _to_review_model(standing)
    )


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
    )
