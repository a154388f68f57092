"""Labels that their neighborhood contradicts."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import CollectionDep, ServicesDep
from api.services.points import to_point_model
from indexer.collection.collections import ATTEMPTS
from indexer.insights.suspects.suspects import Suspect
from indexer.payload import PayloadField
from lookalike.wire.suspects import GroupRequest, SuspectModel, Suspects, SuspectsQuery

_DECIMALS = 6

router = APIRouter(prefix="/collections/{collection}", tags=["suspects"])


@router.get("/suspects")
def list_suspects(
    collection: CollectionDep, services: ServicesDep, query: Annotated[SuspectsQuery, Query()]
) -> Suspects:
    """List the points whose class their neighborhood contradicts, most suspicious first."""
    return search_suspects(collection, services, query)


@router.post("/suspects")
def search_suspects(collection: CollectionDep, services: ServicesDep, query: SuspectsQuery) -> Suspects:
    """List the points whose class their neighborhood contradicts; as GET, for long selections."""
    find = partial(
        services.workspace.suspects.find,
        collection.name,
        limit=query.limit,
        offset=query.offset,
        method=query.method,
        on_progress=services.on_progress,
    )
    for _ in range(ATTEMPTS):  # a verdict in the middle may or may not be in the list
        review_revision = collection.review_revision
        found = services.ask(collection, query, lambda selection: find(selection=selection))
        if collection.review_revision == review_revision:
            break
    next_offset = query.offset + query.limit
    return Suspects(
        suspects=[_to_suspect_model(suspect) for suspect in found.suspects],
        n_ranked=found.n_ranked,
        n_suspects=found.n_suspects,
        n_matching=found.n_matching,
        why_empty=found.why_empty,
        next_offset=next_offset if next_offset < found.n_matching else None,
        review_revision=review_revision,
    )


@router.post("/suspects/group")
def find_group(collection: CollectionDep, services: ServicesDep, request: GroupRequest) -> list[str]:
    """List some points and those in one group of suspects with one of them, each once."""
    return services.workspace.suspects.group_of(request.ids, collection.name)


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
        score=round(suspect.score, _DECIMALS),
        reason=suspect.reason,
        evidence=suspect.evidence,
        group=suspect.group,
        review=suspect.point.payload.get(PayloadField.REVIEW),
    )
