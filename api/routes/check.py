"""Limits and what was found, for continuous integration."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import CollectionDep, Services, ServicesDep, open_collection
from indexer.errors import IndexerError
from indexer.insights.gate import GateReport, Limits
from indexer.insights.gate_reports import MEASURED_PRECISION, RENDERERS, Examples, to_document
from indexer.stores.base import Collection
from lookalike.wire.base import CollectionName
from lookalike.wire.check import CheckReport, CheckText
from lookalike.wire.names import ReportFormat

router = APIRouter(prefix="/collections/{collection}", tags=["check"])

CheckLimit = Annotated[str | None, Query(max_length=30, description="a count such as 3, or a share such as 0.5%")]


@router.get("/check/report")
def report_check(
    collection: Annotated[CollectionName, Path()],
    services: ServicesDep,
    report_format: Annotated[ReportFormat, Query(alias="format")] = "markdown",
    max_suspects: CheckLimit = None,
    max_duplicate_conflicts: CheckLimit = None,
    max_leaks: CheckLimit = None,
) -> CheckText:
    """Write the report of a check; a check that could not look says why, and is no error."""
    limits = {"suspects": max_suspects, "duplicate_conflicts": max_duplicate_conflicts, "leaks": max_leaks}
    examples: Examples = {}
    try:
        report, examples = _check(services, open_collection(services, collection), limits)
    except IndexerError as error:
        # A gate that could not look must not be taken for one that found something, nor for one that did not run.
        report = GateReport((), why=str(error))
    text = RENDERERS[report_format](report, examples, precision=MEASURED_PRECISION)
    return CheckText(text=text, exit_code=report.exit_code, why=report.why)


@router.get("/check")
def check_limits(
    collection: CollectionDep,
    services: ServicesDep,
    max_suspects: CheckLimit = None,
    max_duplicate_conflicts: CheckLimit = None,
    max_leaks: CheckLimit = None,
) -> CheckReport:
    """Compare what was found with limits, as ``lookalike check`` does and by the same defaults."""
    limits = {"suspects": max_suspects, "duplicate_conflicts": max_duplicate_conflicts, "leaks": max_leaks}
    report, examples = _check(services, collection, limits)
    return CheckReport(**to_document(report, examples, precision=MEASURED_PRECISION))


def _check(services: Services, collection: Collection, limits: Mapping[str, str | None]) -> tuple[GateReport, Examples]:
    checked = services.workspace.gate.check(
        collection.name,
        lambda n_datasets: Limits.parse(**limits, n_datasets=n_datasets),
        on_progress=services.on_progress,
    )
    return checked.report, checked.examples
