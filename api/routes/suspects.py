"""Labels that their neighborhood contradicts."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from api.dependencies import CollectionDep, ServicesDep
from api.services.points import to_point_model, to_selection
from indexer.insights.suspects.suspects import Suspect
from indexer.payload import PayloadField
from lookalike.wire.base import Limit, Offset
from lookalike.wire.selections import FilterModel
from lookalike.wire.suspects import SuspectModel, Suspects

router = APIRouter(prefix="/collections/{collection}", tags=["suspects"])


class SuspectsQuery(FilterModel):
    """Which suspects to list."""

    limit: Limit = 50
    offset: Offset = 0
    method: Literal["combined", "ridge"] = Field(
        "combined", description="for experts: ridge leaves the nearest points out"
    )


@router.get("/suspects")
def list_suspects(
    collection: CollectionDep, services: ServicesDep, query: Annotated[SuspectsQuery, Query()]
) -> Suspects:
    """List the points whose class their neighborhood contradicts, most suspicious first."""
    found = services.workspace.suspects.find(
        collection.name,
        limit=query.limit,
        offset=query.offset,
        selection=to_selection(query),
        method=query.method,
    )
    next_offset = query.offset + query.limit
    return Suspects(
        suspects=[_to_suspect_model(suspect) for suspect in found.suspects],
        n_ranked=found.n_ranked,
        n_matching=found.n_matching,
        why_empty=found.why_empty,
        next_offset=next_offset if next_offset < found.n_matching else None,
    )


def _to_suspect_model(suspect: Suspect) -> SuspectModel:
    point = to_point_model(suspect.point)
    return SuspectModel(
        id=point.id,
        dataset=point.dataset,
        image_name=point.image_name,
        object_key=point.object_key,
        box=point.box,
        class_name=point.class_name or "",
        suggested_class=suspect.suggested_class,
        score=suspect.score,
        reason=suspect.reason,
        evidence=suspect.evidence,
        group=suspect.group,
        review=suspect.point.payload.get(PayloadField.REVIEW),
    )
