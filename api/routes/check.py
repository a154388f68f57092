"""Limits and what was found, for continuous integration."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import CollectionDep, ServicesDep
from indexer.insights.gate import Limits
from indexer.insights.gate_reports import MEASURED_PRECISION, to_document
from lookalike.wire.check import CheckReport

router = APIRouter(prefix="/collections/{collection}", tags=["check"])

CheckLimit = Annotated[str | None, Query(max_length=30, description="a count such as 3, or a share such as 0.5%")]


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
