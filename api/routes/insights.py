"""What the points say about each other: suspects, and the groups they form."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from api.dependencies import CollectionDep, ServicesDep
from api.insight_schemas import (
    CheckReport,
    ClusterModel,
    Confusion,
    DuplicateGroup,
    OutlierModel,
    PickModel,
)
from api.schemas import FilterModel, Limit, Offset, SuspectModel, Suspects
from api.services.points import to_point_model, to_selection
from indexer.insights.duplicates import DEFAULT_THRESHOLD
from indexer.insights.gate import Limits
from indexer.insights.gate_reports import MEASURED_PRECISION, to_document
from indexer.judging import Suspect
from indexer.payload import PayloadField

router = APIRouter(prefix="/collections/{collection}", tags=["insights"])

CheckLimit = Annotated[str | None, Query(max_length=30, description="a count such as 3, or a share such as 0.5%")]


# FastAPI takes either single parameters or one model of them all, so each question extends the filter by its own.


class SuspectsQuery(FilterModel):
    """Which suspects to list."""

    limit: Limit = 50
    offset: Offset = 0
    method: Literal["combined", "ridge"] = Field(
        "combined", description="for experts: ridge leaves the nearest points out"
    )


class OutliersQuery(FilterModel):
    """Which outliers to list."""

    limit: Limit = 50


class PicksQuery(FilterModel):
    """What to pick."""

    n: int = Field(20, ge=1, le=10_000)
    diverse: bool = Field(default=False, description="points that differ, not that represent")


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


@router.get("/clusters")
def list_clusters(
    collection: CollectionDep,
    services: ServicesDep,
    resolution: Annotated[float, Query(ge=0.01, le=100, allow_inf_nan=False)] = 1.0,
) -> list[ClusterModel]:
    """List clusters of similar points, largest first."""
    found = services.workspace.groups.clusters(collection.name, resolution=resolution)
    return [ClusterModel(**cluster) for cluster in found]


@router.get("/duplicates")
def list_duplicates(
    collection: CollectionDep,
    services: ServicesDep,
    threshold: Annotated[float, Query(ge=0.5, le=1, allow_inf_nan=False)] = DEFAULT_THRESHOLD,
    limit: Limit = 100,
) -> list[DuplicateGroup]:
    """List groups of points that look the same; those with conflicting classes or in several datasets come first."""
    found = services.workspace.groups.duplicates(collection.name, threshold=threshold, limit=limit)
    return [DuplicateGroup(**group) for group in found.groups]


@router.get("/outliers")
def list_outliers(
    collection: CollectionDep, services: ServicesDep, query: Annotated[OutliersQuery, Query()]
) -> list[OutlierModel]:
    """List the points most unlike all others, strangest first."""
    found = services.workspace.groups.outliers(collection.name, limit=query.limit, selection=to_selection(query))
    return [OutlierModel(**outlier) for outlier in found]


@router.get("/confusion")
def compare_classes(collection: CollectionDep, services: ServicesDep) -> Confusion:
    """Compare given classes with the classes of the neighborhood."""
    return Confusion(**services.workspace.groups.confusion(collection.name))


@router.get("/picks")
def pick_points(
    collection: CollectionDep, services: ServicesDep, query: Annotated[PicksQuery, Query()]
) -> list[PickModel]:
    """Pick points that represent a collection or a selection of it, or that differ most from each other."""
    groups, selection = services.workspace.groups, to_selection(query)
    found = groups.pick(collection.name, query.n, is_diverse=query.diverse, selection=selection)
    return [PickModel(**point) for point in found]


@router.get("/check")
def check_limits(
    collection: CollectionDep,
    services: ServicesDep,
    max_suspects: CheckLimit = None,
    max_duplicate_conflicts: CheckLimit = None,
    max_leaks: CheckLimit = None,
) -> CheckReport:
    """Compare what was found with limits, as ``lookalike check`` does and by the same defaults."""
    checked = services.workspace.gate.check(
        collection.name,
        lambda n_datasets: Limits.parse(
            suspects=max_suspects,
            duplicate_conflicts=max_duplicate_conflicts,
            leaks=max_leaks,
            n_datasets=n_datasets,
        ),
    )
    return CheckReport(**to_document(checked.report, checked.examples, precision=MEASURED_PRECISION))


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
