"""Plans of runs: indexing a source, making a projection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.services.external_runs import ProcessPlan, StartProcess, start_worker
from api.services.index_runs import index_wanted, open_wanted
from api.services.maps import ProjectionMaps
from api.services.runs import Work
from indexer.collection.collections import Collections
from indexer.domain import Progress
from indexer.errors import SourceError
from indexer.maps.maps import Maps
from indexer.maps.projectors import PROJECTORS
from indexer.pipeline.report import SyncReport
from indexer.settings import IndexerSettings
from lookalike.client.server_file import ServerFile
from lookalike.wire.exports import Imported, ImportRequest
from lookalike.wire.maps import ProjectRequest
from lookalike.wire.runs import IndexRun, ProjectRun, RunInfo


def plan_projection(maps: Maps, shown: ProjectionMaps, collection: str, request: ProjectRequest) -> Work:
    """Make a projection; the run's result is its ``ProjectionInfo``.

    Raises:
        UnknownNameError: There is no such method.
    """
    _ = PROJECTORS[request.method]  # a misspelt method is refused before the run starts

    def work(on_progress: Progress) -> dict[str, Any]:
        made = maps.make(
            collection, method=request.method, metric=request.metric, refit=request.refit, on_progress=on_progress
        )
        return shown.info(collection, made.header.id).model_dump(mode="json")

    return work


def plan_indexing(index: Callable[..., SyncReport], settings: IndexerSettings, request: IndexRun) -> Work:
    """Index a source; the run's result is the ``SyncReport``, and a run that could read no image has failed.

    Args:
        index: ``Workspace.index``.
        settings: The defaults of embedder and images.
        request: What is to be indexed.
    """

    def work(on_progress: Progress) -> dict[str, Any]:
        report = index_wanted(index, settings, request, open_wanted(request), on_progress=on_progress)
        if report.failure is not None:
            raise SourceError(report.failure)
        return report.to_json()

    return work


def plan_import(collections: Collections, mend: Callable[[str], object] | None, request: ImportRequest) -> Work:
    """Bring the embeddings of a folder in; the run's result is an ``Imported``.

    Args:
        collections: Where the collection is made.
        mend: Gives points their verdicts and tags back; None if another process does.
        request: Which folder, and where to.
    """

    def work(on_progress: Progress) -> dict[str, Any]:
        from indexer.imports.import_embeddings import import_embeddings  # only imports need what it imports

        folder, name = Path(request.folder), request.collection
        done = import_embeddings(collections, mend, folder, collection_name=name, on_progress=on_progress)
        return Imported(**asdict(done)).model_dump(mode="json")

    return work


def describe_run(shown: ProjectionMaps, info: RunInfo, told: dict[str, Any]) -> dict[str, Any]:
    """The result of a run of another process, in the form that a run of this process gives it.

    Args:
        shown: Projections as maps.
        info: The run.
        told: What that process made.
    """
    if info.kind != "project" or info.collection is None:
        return told
    return shown.info(info.collection, str(told["projection_id"])).model_dump(mode="json")


def plan_process(data_dir: Path, server_id: str, request: IndexRun | ProjectRun | ImportRequest) -> StartProcess | None:
    """Plan to do a run in a process of its own.

    Args:
        data_dir: The data directory.
        server_id: This server.
        request: What is to be done.

    Returns:
        What starts the process; None if it could not reach us, as this api has no address.
    """
    known = ServerFile.read(data_dir)
    if known is None or known.server_id != server_id:
        return None
    document = {"kind": "import"} | request.model_dump(mode="json")
    job = {"data_dir": str(data_dir), "server_id": server_id, "request": document}
    return lambda run_id: start_worker({**job, "run_id": run_id})


def plan_projection_process(
    start: StartProcess, shown: ProjectionMaps, collection: str, request: ProjectRun
) -> ProcessPlan:
    """Plan to make a projection in a process of its own; the run's result is its ``ProjectionInfo``, as in a thread.

    Raises:
        UnknownNameError: There is no such method.
    """
    _ = PROJECTORS[request.method]

    def describe(result: dict[str, Any]) -> dict[str, Any]:
        return shown.info(collection, str(result["projection_id"])).model_dump(mode="json")

    return ProcessPlan("project", start, collection, describe=describe)
