"""Folders and annotation files of the server's machine, before they are indexed."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import CallerDep, ServicesDep
from api.services.source_datasets import list_datasets
from indexer.errors import InvalidOptionsError
from indexer.sources.supervisely_address import SCHEME
from lookalike.wire.paths import ServerPath
from lookalike.wire.sources import SourceDatasets

router = APIRouter(prefix="/sources", tags=["sources"])


@router.get("/datasets")
def list_source_datasets(
    services: ServicesDep,
    caller: CallerDep,
    source: Annotated[ServerPath, Query()],
    source_format: Annotated[str | None, Query(max_length=100, description="if not recognised")] = None,
) -> SourceDatasets:
    """List the datasets of a folder or an annotation file. Those of a Supervisely server are in its tree."""
    caller.require_path(source, "index a folder")
    if source.startswith(f"{SCHEME}://"):
        raise InvalidOptionsError(f"{source} is on a server; /supervisely/tree lists its datasets")
    return SourceDatasets(datasets=list_datasets(source, source_format, services.is_stopping))
