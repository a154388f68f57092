"""What the points say about each other: suspects."""

from fastapi import APIRouter

from api.dependencies import CollectionDep, Limit, Offset, ServicesDep
from api.schemas import SuspectModel, Suspects
from api.services.points import to_point_model
from indexer.judging import Suspect

router = APIRouter(prefix="/collections/{collection}", tags=["insights"])


@router.get("/suspects")
def list_suspects(
    collection: CollectionDep,
    services: ServicesDep,
    limit: Limit = 50,
    offset: Offset = 0,
    class_name: str | None = None,
) -> Suspects:
    """List the points whose class their neighborhood contradicts, most suspicious first."""
    insights = services.workspace.insights
    found = insights.suspects(collection.name, limit=limit, offset=offset, class_name=class_name)
    return Suspects(
        suspects=[_to_suspect_model(suspect) for suspect in found.suspects],
        n_ranked=found.n_ranked,
        why_empty=found.why_empty,
        next_offset=offset + limit if offset + limit < found.n_matching else None,
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
    )
