"""Galleries: points in an order that a person chooses."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import CollectionDep, ServicesDep
from api.services.points import to_point_model, to_scores, to_selection
from indexer.collection.selections import explain_empty_selection
from indexer.insights.gallery import GalleryOrder, GalleryPoint, GalleryQuestion
from indexer.payload import PayloadField
from lookalike.wire.gallery import GalleryPage, GalleryPointModel, GalleryQuery

_DECIMALS = 6

router = APIRouter(prefix="/collections/{collection}", tags=["gallery"])


@router.get("/gallery")
def show_gallery(
    collection: CollectionDep, services: ServicesDep, query: Annotated[GalleryQuery, Query()]
) -> GalleryPage:
    """List points in an order, most suspicious first by default."""
    return ask_gallery(collection, services, query)


@router.post("/gallery")
def ask_gallery(collection: CollectionDep, services: ServicesDep, query: GalleryQuery) -> GalleryPage:
    """List points in an order; as GET, for long selections."""
    question = GalleryQuestion(
        selection=to_selection(query),
        scores=to_scores(query),
        order=GalleryOrder(query.order),
        is_descending=query.descending,
        examples=tuple(query.similar_to or ()),
        counter_examples=tuple(query.unlike or ()),
    )
    found = services.workspace.gallery.page(
        collection.name, question, offset=query.offset, limit=query.limit, on_progress=services.on_progress
    )
    next_offset = query.offset + query.limit
    why = None
    if not found.n_matching:
        collections = services.workspace.collections
        why = explain_empty_selection(collections, collection.name, question.selection) or "no point fits the filter"
    return GalleryPage(
        points=[_to_model(point) for point in found.points],
        total=found.n_matching,
        next_offset=next_offset if next_offset < found.n_matching else None,
        why_empty=why,
    )


def _to_model(found: GalleryPoint) -> GalleryPointModel:
    point, payload = to_point_model(found.point, with_shape=False), found.point.payload
    size_hw = payload.get(PayloadField.IMAGE_SIZE_HW)
    if point.box is not None:
        left, top, right, bottom = point.box
        size_hw = [bottom - top, right - left]
    return GalleryPointModel(
        id=point.id,
        dataset=point.dataset,
        image_name=point.image_name,
        object_key=point.object_key,
        box=point.box,
        size_hw=None if size_hw is None else list(size_hw),
        class_name=point.class_name,
        suggested_class=found.suggested_class,
        suspect_score=_round(found.suspect_score),
        value=_round(found.value),
        tags=payload.get(PayloadField.TAGS) or [],
        updated_at=payload.get(PayloadField.OBJECT_UPDATED_AT),
        review=payload.get(PayloadField.REVIEW),
    )


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)
